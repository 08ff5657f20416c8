# shellcheck shell=bash
# Images of one layer, and what to run in it.

# image_parts ROOT CONFIG TO: layer.tar and config.json in the new folder TO. CONFIG is JSON as in
# `docker inspect`, {"Entrypoint": [...]}.
image_parts() {
  mkdir "$3"
  tar -C "$1" --numeric-owner --sort=name --mtime=@0 -cf "$3/layer.tar" .
  jq -n --argjson config "$2" --arg layer "$(digest "$3/layer.tar")" --arg arch "$(go env GOARCH)" \
    '{architecture: $arch, os: "linux", config: $config, created: (now | todate), rootfs: {type: "layers", diff_ids: [$layer]}}' >"$3/config.json"
}

digest() { echo "sha256:$(sha256sum "$1" | cut -d' ' -f1)"; } # FILE

# image_archive ROOT REFERENCE CONFIG TO: as `docker load` and `ctr images import` read it.
image_archive() {
  local parts=$4.parts
  image_parts "$1" "$3" "$parts"
  jq -n --arg reference "$2" \
    '[{Config: "config.json", RepoTags: [$reference], Layers: ["layer.tar"]}]' >"$parts/manifest.json"
  tar -C "$parts" -cf "$4" manifest.json config.json layer.tar
  rm -rf "$parts"
}
