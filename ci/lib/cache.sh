# shellcheck shell=bash
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
ensure() { is_ready "$1" || with_lock "$1" make "$1"; }
is_ready() { "${1%%:*}_ready" "${1#*:}"; }
make() { is_ready "$1" || "${1%%:*}_make" "${1#*:}"; }

# once TARGET COMMAND...: makes the file or folder TARGET of the cache, unless it is there. COMMAND gets
# as last argument an empty folder; what it leaves there becomes TARGET.
once() { [[ -e $1 ]] || with_lock "$(basename "$1")" make_target "$@"; }

make_target() {
  local target=$1 half
  [[ ! -e $target ]] || return 0 # made by the one that we waited for
  shift
  half=$(fresh_dir "$(basename "$target")")
  "$@" "$half"
  mkdir -p "$(dirname "$target")"
  mv -T "$half" "$target"
}

# with_lock NAME COMMAND...: one at a time on this machine. The lock lasts as long as anything that
# COMMAND started, so that what outlives a killed set-up is waited for.
with_lock() {
  local lock name
  name=$(slug "$1")
  shift
  mkdir -p "$cache/lock"
  exec {lock}>"$cache/lock/$name"
  if ! flock --nonblock "$lock"; then
    timed "waiting for another set-up, which is at $name" flock "$lock"
  fi
  "$@"
  exec {lock}>&-
}

# Of set-ups that were killed, and not asked again for the same thing.
forget_old_leftovers() { find "$cache/tmp" -mindepth 1 -maxdepth 1 -mtime +0 -exec rm -rf {} + 2>/dev/null || true; }

# fresh_dir NAME: an empty folder for half-built things. Who asks holds the lock of what it makes, so what
# lies there is left over from a set-up that was killed.
fresh_dir() {
  rm -rf "$cache/tmp/$1"
  mkdir -p "$cache/tmp/$1"
  printf '%s' "$cache/tmp/$1"
}
