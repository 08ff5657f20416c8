# The cache: everything in it is named after the content of its recipe, and is whole or not there.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/relapse

slug() { tr -c 'A-Za-z0-9.\n' '-' <<<"$1"; }

# recipe PART...: a short hash. A PART that names a function stands for its code (without comments and
# layout, so that these may change freely), any other for itself.
recipe() {
  local part
  for part in "$@"; do
    declare -f "$part" || printf '%s\n' "$part"
  done | sha256sum | cut -c1-12
}

# ensure NEED: makes it unless it is there, or another set-up makes it meanwhile.
ensure() {
  local need=$1 lock
  is_ready "$need" && return
  mkdir -p "$cache/lock"
  exec {lock}>"$cache/lock/$(slug "$need")"
  if ! flock --nonblock "$lock"; then
    note "another set-up is making $need; waiting for it"
    flock "$lock"
  fi
  if ! is_ready "$need"; then
    make "$need"
  fi
  exec {lock}>&-
}

# A need like node:1.36 is dealt with by node_ready and node_make, with 1.36 as argument.
is_ready() { "${1%%:*}_ready" "${1#*:}"; }
make() { "${1%%:*}_make" "${1#*:}"; }

# fresh_dir NAME: an empty folder for half-built things. Its maker holds the lock of what it makes, so
# what lies there is left over from a set-up that was killed.
fresh_dir() {
  local dir=$cache/tmp/$1
  rm -rf "$dir"
  mkdir -p "$dir"
  printf '%s' "$dir"
}

# keep FROM TO: a finished thing gets its final name.
keep() {
  mkdir -p "$(dirname "$2")"
  rm -rf "$2"
  mv -T "$1" "$2"
}
