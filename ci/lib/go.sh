# shellcheck shell=bash
# Programs from Go modules.
export GOFLAGS=-buildvcs=false CGO_ENABLED=0
go_flags=(-mod=mod -trimpath)
go_linker_flags='-s -w'

need_go() {
  local install="install Go 1.26 or newer (https://go.dev/doc/install) and run the same command again."
  command -v go >/dev/null || give_up "Go is missing; kind and all that is built from source are Go modules" "$install"
  # The first one that fetches a newer one, where a module asks for it.
  [[ $(go env GOVERSION) =~ ^go1\.(2[1-9]|[3-9][0-9]) ]] || give_up "$(go env GOVERSION) is too old" "$install"
}

module_source() { # MODULE VERSION
  (cd / && go mod download -json "$1@$2") | jq -r '.Dir // (.Error + "\n" | halt_error)'
}

# programs MODULE VERSION TAGS LDFLAGS PACKAGE...: puts the folder with these programs into $programs,
# compiled if they are not in the cache.
programs() {
  local name
  name=$(program_name "$1")
  programs=$cache/programs/$name-$2-$(recipe "${go_flags[*]} $go_linker_flags" go_workspace pin_replacements "$@")
  [[ -e $programs ]] || timed "compiling $1 $2 ($(($# - 4)) programs)" once "$programs" compile "$@"
}

# program_name PACKAGE: as go build names it.
program_name() { sed -E 's,/v[0-9]+$,,; s,.*/,,' <<<"$1"; }

compile() { # MODULE VERSION TAGS LDFLAGS PACKAGE... OUT
  local out=${*: -1}
  go_workspace "$1" "$2" "$out/.build"
  go_build "$out" "$3" "$4" "${@:5:$#-5}"
}

go_build() { # OUT TAGS LDFLAGS PACKAGE...: of the workspace $OUT/.build
  need_go
  go_list_size "$1/.build" "${@:4}"
  # nice, for clusters that run meanwhile.
  (cd "$1/.build" && nice go build -v "${go_flags[@]}" -tags "$2" -ldflags "$go_linker_flags $3" -o "$1/" "${@:4}")
  rm -rf "$1/.build" "$step_dir/compile"
}

# Notes how many packages there are to compile, less those that are in Go's own cache, and where in the log
# their names will begin.
go_list_size() { # WORKSPACE PACKAGE...
  local size
  size=$(cd "$1" && go list -mod=mod -deps "${@:2}" | wc -l)
  echo "$(wc -l <"$step_dir/log") $size" >"$step_dir/compile"
}

compile_progress() {
  local begin size
  read -r begin size 2>/dev/null <"$step_dir/compile" || return 0
  echo "$(tail -n "+$((begin + 1))" "$step_dir/log" | grep -vc '^go: ') of $size packages"
}

# `go install` refuses modules that replace others. So: a module of our own with the same go.mod, which
# requires the wanted one.
go_workspace() { # MODULE VERSION DIR
  local source
  source=$(module_source "$1" "$2")
  mkdir -p "$3"
  install -m 644 "$source/go.mod" "$source/go.sum" "$3"
  (cd "$3" && go mod edit -module relapse.local/build -require "$1@$2" && pin_replacements "$2")
}

# A replacement by a folder of the same repository is not in the module. Kubernetes publishes these
# folders as modules of their own, v0.36.3 for v1.36.3; others require the right version anyway.
pin_replacements() { # VERSION
  local path
  go mod edit -json |
    jq -r '.Replace[]? | select(.New.Path | startswith(".")) | .Old.Path + (if .Old.Version then "@" + .Old.Version else "" end)' |
    while read -r path; do
      if [[ $path == k8s.io/* ]]; then
        go mod edit -replace "$path=$path@v0${1#v1}"
      else
        go mod edit -dropreplace "$path"
      fi
    done
}
