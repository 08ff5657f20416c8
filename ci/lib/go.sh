# Programs from Go modules.
export GOFLAGS=-buildvcs=false

need_go() {
  command -v go >/dev/null ||
    give_up "Go is missing; kind and all that is built from source are Go modules." "install Go 1.26 or newer (https://go.dev/doc/install) and run the same command again."
}

module_source() { (cd / && go mod download -json "$1@$2") | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p'; }
