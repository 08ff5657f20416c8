# shellcheck shell=bash
# The kind command: the one in PATH if its version is supported, else a pinned one.
kind_version=v0.33.0
kind_supported='v0\.(32|33)\.[0-9]+' # 0.32 is the first one that knows Kubernetes 1.36
kind_supported_text='0.32 and 0.33'

kind_ready() {
  local found version
  found=$(type -P kind || true)
  if [[ -n $found ]]; then
    version=$("$found" version 2>/dev/null | awk '{print $2}')
    if [[ $version =~ ^$kind_supported$ ]]; then
      kind_path=$(realpath "$found")
      return
    fi
  fi
  kind_path=$cache/kind/$kind_version/kind
  [[ -x $kind_path ]]
}

kind_plan() { echo "$kind_version, compiled, as PATH has none of the supported $kind_supported_text (about 30 s)"; }
kind_make() { once "$cache/kind/$kind_version" compile_kind; }

compile_kind() { # OUT
  need_go
  note "compiling kind $kind_version"
  (cd / && GOBIN=$1 go install -v -trimpath -ldflags "$go_linker_flags" "sigs.k8s.io/kind@$kind_version")
}

# kind's own sources hold the files that its node images are made of.
kind_source() { module_source sigs.k8s.io/kind "$kind_version"; }
