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
  [[ $1 != *@* ]] || return
  [[ -n ${registry_host:-} ]] || registry_ready || return
  in_registry "$1" || return
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
  elif image_row "$1" >/dev/null; then
    echo "built from source (1 to 4 min on 2 cores)"
  else
    echo "there is no way to make it"
  fi
}

image_make() {
  [[ -n ${registry_host:-} ]] || registry_ready
  if [[ $1 == *@* ]]; then
    lacking "an image by digest has another digest in the local registry; name a tag"
  elif [[ $(image_mode "$1") == pull ]]; then
    pull_image "$1"
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
    *)
      docker pull --quiet "$reference"
      push_as "$1" "$reference"
      ;;
  esac
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
    22) if [[ $mode == pull ]]; then upstream "$(full_reference "$1")"; else echo absent; fi ;;
    *) echo "unknown the local registry does not answer" ;;
  esac
}
