# The answers on stdout.
answer() {
  local need
  engine_ready >/dev/null && echo "mode=$mode" && echo "cgroup=$engine_cgroup"
  for need in "$@"; do
    case $need in
      kind) echo "kind=$kind_path" ;;
    esac
  done
}
