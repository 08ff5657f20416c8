# Programs from Go modules.
export GOFLAGS=-buildvcs=false

need_go() {
  command -v go >/dev/null ||
    give_up "Go is missing; kind and all that is built from source are Go modules." "install Go 1.26 or newer (https://go.dev/doc/install) and run the same command again."
}

module_source() { # MODULE VERSION
  (cd / && go mod download -json "$1@$2") | jq -r '.Dir // (.Error + "\n" | halt_error)'
}

# programs MODULE VERSION TAGS LDFLAGS PACKAGE...: puts the folder with these programs into $programs, compiled
# if they are not in the cache. LDFLAGS come on top of -s -w.
programs() {
  programs=$cache/programs/$(basename "${1%/v[0-9]*}")-$2-$(recipe compile go_workspace pin_replacements "$@")
  once "$programs" compile "$@"
}

compile() { # MODULE VERSION TAGS LDFLAGS PACKAGE... OUT
  local module=$1 version=$2 tags=$3 ldflags=$4 packages=("${@:5:$#-5}") out=${*: -1} start=$SECONDS
  need_go
  note "compiling $module $version (${#packages[@]} programs)"
  go_workspace "$module" "$version" "$out/.build"
  (cd "$out/.build" && CGO_ENABLED=0 go build -v -mod=mod -trimpath -tags "$tags" -ldflags "-s -w $ldflags" -o "$out/" "${packages[@]}")
  rm -rf "$out/.build"
  say "$step: compiled $module $version in $((SECONDS - start)) s"
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
