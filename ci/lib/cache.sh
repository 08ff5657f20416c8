# The cache: everything in it is named after the content of its recipe, and is whole or not there.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/relapse

# recipe PART...: a short hash. A PART that names a function stands for its code (without comments and
# layout, so that these may change freely), any other for itself.
recipe() {
  local part
  for part in "$@"; do
    declare -f -- "$part" || printf '%s\n' "$part"
  done | sha256sum | cut -c1-12
}

slug() { tr -c 'A-Za-z0-9._\n' '-' <<<"$1"; }

# ensure NEED: makes it unless it is there. A need like node:1.36 is dealt with by node_ready and
# node_make, with 1.36 as their argument.
ensure() { unless is_ready "$1" -- "$1" make "$1"; }
is_ready() { "${1%%:*}_ready" "${1#*:}"; }
make() { "${1%%:*}_make" "${1#*:}"; }

# once TARGET COMMAND...: makes the file or folder TARGET of the cache, unless it is there. COMMAND gets
# as last argument an empty folder; what it leaves there becomes TARGET.
once() { unless test -e "$1" -- "$1" make_target "$@"; }

make_target() {
  local target=$1 half
  shift
  half=$(fresh_dir "$(basename "$target")")
  "$@" "$half"
  mkdir -p "$(dirname "$target")"
  mv -T "$half" "$target"
}

# unless TEST... -- NAME COMMAND...: COMMAND under the lock of NAME, unless TEST holds or holds by then.
unless() {
  local name lock test=()
  while [[ $1 != -- ]]; do
    test+=("$1")
    shift
  done
  name=$(slug "$(basename "$2")")
  shift 2
  if "${test[@]}"; then return; fi
  mkdir -p "$cache/lock"
  exec {lock}>"$cache/lock/$name"
  if ! flock --nonblock "$lock"; then
    note "waiting for another set-up that is making $name"
    flock "$lock"
  fi
  if ! "${test[@]}"; then "$@"; fi
  exec {lock}>&-
}

# fresh_dir NAME: an empty folder for half-built things. Its maker holds the lock of what it makes, so
# what lies there is left over from a set-up that was killed.
fresh_dir() {
  rm -rf "$cache/tmp/$1"
  mkdir -p "$cache/tmp/$1"
  printf '%s' "$cache/tmp/$1"
}
