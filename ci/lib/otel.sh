# shellcheck shell=bash
# Distributions of the OpenTelemetry collector: a folder of ci/programs each, with a manifest for each version, which
# names the parts that the collector's own builder puts together.

# otel_program NAME VERSION: puts the folder with this distribution into $programs.
otel_program() {
  local builder=go.opentelemetry.io/collector/cmd/builder
  programs "$builder" "$2" "" "" "$builder"
  builder=$programs/builder
  programs=$cache/programs/$1-$2-$(recipe "${go_flags[*]} $go_linker_flags" compile_otel "$@" "$(own_sources "$1")")
  [[ -e $programs ]] || timed "compiling $1 $2" once "$programs" compile_otel "$builder" "$@"
}

compile_otel() { # BUILDER NAME VERSION OUT
  mkdir "$4/.build"
  (cd "$4/.build" && "$1" --skip-compilation --config "$ci/programs/$2/$3.yaml")
  go_build "$4" "" "" .
}
