# shellcheck shell=bash
# What is ours in the engine: containers, the network and builds carry labels, what we pulled is noted.
registry_label=io.relapse=registry
network_label=io.relapse=network
data_label=io.relapse.data # of the registry, with the folder of its data
build_label=io.relapse=build # of containers that a build needs for a moment
maker_label=io.relapse.maker # with the process id of the set-up that made one

remove_containers_of() { # PROCESS_ID
  command -v docker >/dev/null || return 0
  docker ps --all --quiet --filter "label=$build_label" --filter "label=$maker_label=$1" | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
}

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

was_pulled() { grep -qxF "$1" "$cache/pulled" 2>/dev/null && has_image "$1"; }

pull() { # REFERENCE
  note "pulling $1"
  docker pull "$1"
  echo "$1" >>"$cache/pulled"
}
