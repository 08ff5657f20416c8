# shellcheck shell=bash
# Where images come from: pulled where the registry of the node images answers, else built from source.
mode_is_good_for_minutes=60

# recall_mode: what is forced, or what was found last. What is there was made in that mode.
recall_mode() {
  mode=${RELAPSE_IMAGES:-$(cat "$cache/mode" 2>/dev/null || true)}
  case $mode in
    pull | build | '') ;;
    *) give_up "RELAPSE_IMAGES is '$mode'" "make it pull or build, or unset it." ;;
  esac
}

# decide_mode: asks only when it matters, because something is missing; a call with nothing to do asks nobody.
decide_mode() {
  [[ -z ${RELAPSE_IMAGES:-} ]] || return 0
  if [[ -z $(find "$cache/mode" -mmin "-$mode_is_good_for_minutes" 2>/dev/null) ]]; then
    mkdir -p "$cache"
    find_mode >"$cache/mode.$$"
    mv "$cache/mode.$$" "$cache/mode"
  fi
  mode=$(cat "$cache/mode")
}

find_mode() {
  case $(upstream "$(pulled_node_image "$(newest_kubernetes)")") in
    present | absent | *toomanyrequests*) echo pull ;;
    *) echo build ;;
  esac
}

say_mode() {
  [[ -z ${mode_said:-} ]] || return 0
  mode_said=yes
  decide_mode
  case ${RELAPSE_IMAGES:-}:$mode in
    :pull) say "  (images are pulled: the container registry answers)" ;;
    :build) say "  (images are built from source: no container registry answers; RELAPSE_IMAGES=pull insists)" ;;
    *) say "  (images: $mode, as RELAPSE_IMAGES says)" ;;
  esac
}
