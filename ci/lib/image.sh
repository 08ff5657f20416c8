# shellcheck shell=bash
# The images of the workloads in the local registry: pulled once and kept, or built by a row of ci/images.tsv.

image_stamp_file() { echo "$cache/images/$(slug "$(full_reference "$1")")"; }

# image_mode REF: pull, build, or nothing while that is undecided. What has no upstream is built in any case.
image_mode() { if [[ $1 == relapse.local/* ]]; then echo build; else echo "$mode"; fi; }

# image_stamp REF: how it is to be made.
image_stamp() {
  if [[ $(image_mode "$1") == pull ]]; then echo pulled; else built_image_recipe "$1"; fi
}

# What was pulled once is good without a network too: it is the real one.
image_ready() {
  local stamp
  [[ -n ${registry_host:-} ]] || registry_ready || return
  in_registry "$1" || return
  [[ $1 != *@* ]] || return 0 # the digest is the content
  stamp=$(cat "$(image_stamp_file "$1")" 2>/dev/null || true)
  [[ $stamp == pulled || $stamp == "$(image_stamp "$1")" ]]
}

image_plan() { # REF
  local how
  how=$(image_mode "$1")
  if [[ $how == pull ]]; then
    echo "pulled"
  elif [[ -z $how ]]; then
    echo "pulled or, where no container registry answers, built from source"
  elif [[ $1 != *@* ]] && image_row "$1" >/dev/null; then
    echo "built from source (1 to 4 min on 2 cores)"
  else
    echo "there is no way to make it"
  fi
}

image_make() {
  [[ -n ${registry_host:-} ]] || registry_ready
  if [[ $(image_mode "$1") == pull ]]; then
    pull_image "$1"
  elif [[ $1 == *@* ]]; then
    lacking "no container registry is reachable, and an image that is built here has another digest"
  elif image_row "$1" >/dev/null; then
    build_image "$1"
  else
    lacking "no recipe in ci/images.tsv and no container registry is reachable"
  fi
  [[ -e $step_dir/lacking ]] && return
  mkdir -p "$cache/images"
  image_stamp "$1" >"$(image_stamp_file "$1")"
}

# lacking REASON: decides that there is no such image.
lacking() { printf '%s' "$1" >"$step_dir/lacking"; }

pull_image() {
  local reference
  reference=$(full_reference "$1")
  note "pulling $reference"
  case $(upstream "$reference") in
    absent) lacking "$reference does not exist upstream" ;;
    *) if [[ $1 == *@* ]]; then copy_image "$reference"; else copy_tag "$1" "$reference"; fi ;;
  esac
}

# copy_tag REF FULL_REF: for this machine's platform, through the engine.
copy_tag() {
  docker pull --quiet "$2"
  push_as "$1" "$2"
}

# copy_image FULL_REF: byte for byte, with every platform, since `docker push` makes other digests. crane takes
# the engine's credentials. The registry wants a tag for what comes in; no other image has this one.
copy_image() {
  local digest
  digest=$(tag_or_digest "$1")
  programs github.com/google/go-containerregistry v0.22.1 '' '' github.com/google/go-containerregistry/cmd/crane
  "$programs/crane" copy "$1" "$registry_host/$(repository "$1"):${digest/:/-}"
}

# upstream REF: present, absent, or the reason why nobody knows. docker tells these apart by its text only.
upstream() {
  local answer
  if answer=$(timeout 30 docker manifest inspect "$1" 2>&1 >/dev/null); then
    echo present
  elif [[ $answer =~ (no such manifest|manifest unknown|name unknown|not found|requested access to the resource is denied) ]]; then
    echo absent
  else
    echo "unknown ${answer:-no answer within 30 s}" | tr '\n' ' '
  fi
}

absent_upstream() { # REF: that is not in the local registry
  if [[ $mode == pull ]]; then
    upstream "$(full_reference "$1")"
  else
    echo "unverified it is not in the local registry, and no container registry answers here"
  fi
}

# absent_finding REF: for premises that an image is missing; the nodes ask our registry first, so one that is there counts.
absent_finding() {
  local status=0
  if [[ $(image_mode "$1") != pull ]] && image_row "$1" >/dev/null; then
    echo present
    return
  fi
  in_registry "$1" || status=$?
  case $status in
    0) echo present ;;
    22) if [[ $1 == relapse.local/* ]]; then echo absent; else absent_upstream "$1"; fi ;;
    *) echo "unknown the local registry does not answer" ;;
  esac
}
