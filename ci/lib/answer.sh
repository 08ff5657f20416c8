# shellcheck shell=bash
# The answers on stdout, one key=value line each.

answer() { # NEED...
  local need
  for need in "$@"; do
    case $need in
      engine)
        if [[ -z $mode || $* == *absent:* ]]; then decide_mode; fi
        echo "mode=$mode"
        echo "cgroup=$engine_cgroup"
        ;;
      kind) echo "kind=$kind_path" ;;
      node:*) echo "$need=${node_images[${need#node:}]}" ;;
      registry)
        echo "registry=$registry_name:$registry_port"
        echo "registry.host=$registry_host"
        ;;
      image:*) echo "$need=${lacking[$need]:+lacking }${lacking[$need]:-ready}" ;;
      absent:*) echo "$need=$(absent_finding "${need#absent:}")" ;;
    esac
  done
}
