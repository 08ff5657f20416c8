# The answers on stdout, one key=value line each.
answer() {
  local need
  echo "mode=$mode"
  echo "cgroup=$engine_cgroup"
  for need in "$@"; do
    case $need in
      kind) echo "kind=$kind_path" ;;
      node:*) echo "$need=$(node_image "${need#node:}")" ;;
    esac
  done
  if [[ -n ${registry_host:-} ]]; then
    echo "registry=$registry_name:$registry_port"
    echo "registry.host=$registry_host"
  fi
}
