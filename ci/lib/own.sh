# shellcheck shell=bash
# Programs of which the project has the source: a folder of ci/programs each.

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
