# shellcheck shell=bash
# What we make in the engine carries labels, so that it can be told from what is not ours.
registry_label=io.relapse=registry
network_label=io.relapse=network
build_label=io.relapse=build # of containers that a build needs for a moment
maker_label=io.relapse.maker # with the process id of the set-up that made one

remove_containers_of() { # PROCESS_ID
  docker ps --all --quiet --filter "label=$build_label" --filter "label=$maker_label=$1" | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
}
