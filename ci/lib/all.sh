# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR/..
source "$ci/lib/say.sh"        # what people see
source "$ci/lib/cache.sh"      # recipes, locks, half-built things
source "$ci/lib/steps.sh"      # what has to be done, step by step
source "$ci/lib/answer.sh"     # key=value lines
source "$ci/lib/tools.sh"      # what the scripts need
source "$ci/lib/packages.sh"   # Debian packages on this machine
source "$ci/lib/engine.sh"     # Docker
source "$ci/lib/containers.sh" # the labels of what we make there
source "$ci/lib/mode.sh"       # pull or build
source "$ci/lib/go.sh"         # programs from Go modules
source "$ci/lib/own.sh"        # programs of ci/programs
source "$ci/lib/otel.sh"       # distributions of the OpenTelemetry collector
source "$ci/lib/debian.sh"     # trees of files from Debian packages
source "$ci/lib/archive.sh"    # trees of files as images
source "$ci/lib/kind.sh"       # the command
source "$ci/lib/kubernetes.sh" # versions and programs
source "$ci/lib/node-root.sh"  # the files of a node
source "$ci/lib/components.sh" # the images in a node
source "$ci/lib/node.sh"       # the node image
source "$ci/lib/registry.sh"   # the mirror of the nodes
source "$ci/lib/reference.sh"  # names of images
source "$ci/lib/image.sh"      # workload images
source "$ci/lib/bases.sh"      # what they stand on
source "$ci/lib/sources.sh"    # where their programs come from
source "$ci/lib/recipes.sh"    # how they are built
