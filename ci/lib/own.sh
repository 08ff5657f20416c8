# shellcheck shell=bash
# Programs of which the project has the source, or the list of parts: a folder of ci/programs each.

# own_program NAME MODULE VERSION: puts the folder with this program into $programs; it uses the module at
# this version.
own_program() {
  programs=$cache/programs/$1-$3-$(recipe "${go_flags[*]} $go_linker_flags" go_workspace pin_replacements compile_own "$@" "$(own_sources "$1")")
  [[ -e $programs ]] || timed "compiling $1 with $2 $3" once "$programs" compile_own "$@"
}

own_sources() { (cd "$ci/programs/$1" && tail -n +1 -- *); } # NAME

compile_own() { # NAME MODULE VERSION OUT
  go_workspace "$2" "$3" "$4/.build"
  cp -r "$ci/programs/$1" "$4/.build/"
  go_build "$4" "" "" "relapse.local/build/$1"
}

# collector NAME VERSION: puts the folder with the OpenTelemetry collector that NAME/VERSION.yaml lists the
# parts of into $programs, made by the collector's own builder of this version.
collector() {
  local builder=go.opentelemetry.io/collector/cmd/builder
  programs "$builder" "$2" "" "" "$builder"
  builder=$programs/builder
  programs=$cache/programs/$1-$2-$(recipe "${go_flags[*]} $go_linker_flags" compile_collector "$@" "$(own_sources "$1")")
  [[ -e $programs ]] || timed "compiling $1 $2" once "$programs" compile_collector "$builder" "$ci/programs/$1/$2.yaml"
}

compile_collector() { # BUILDER MANIFEST OUT
  mkdir "$3/.build"
  (cd "$3/.build" && "$1" --config "$2" --skip-get-modules --skip-compilation)
  go_build "$3" "" "" .
}
