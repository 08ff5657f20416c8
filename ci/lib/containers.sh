# Containers that a build needs for a moment.
temporary_label=io.relapse.temporary

remove_temporary_containers() { # [NAME]
  command -v docker >/dev/null || return 0
  docker ps -aq --filter "label=$temporary_label=${1:-$$}" | xargs -r docker rm -f -v >/dev/null
}
