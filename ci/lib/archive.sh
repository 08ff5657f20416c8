# shellcheck shell=bash
# Images as archives that `docker load` and `ctr images import` read: one layer, and what to run in it.

# image_archive ROOT REFERENCE CONFIG TO: CONFIG is JSON as in `docker inspect`, {"Entrypoint": [...]}.
image_archive() {
  local root=$1 reference=$2 config=$3 to=$4 parts=$4.parts
  mkdir "$parts"
  tar -C "$root" --numeric-owner --sort=name --mtime=@0 -cf "$parts/layer.tar" .
  jq -n --argjson config "$config" --arg layer "sha256:$(sha256sum "$parts/layer.tar" | cut -d' ' -f1)" --arg arch "$(go env GOARCH)" \
    '{architecture: $arch, os: "linux", config: $config, created: (now | todate), rootfs: {type: "layers", diff_ids: [$layer]}}' >"$parts/config.json"
  jq -n --arg reference "$reference" \
    '[{Config: "config.json", RepoTags: [$reference], Layers: ["layer.tar"]}]' >"$parts/manifest.json"
  tar -C "$parts" -cf "$to" manifest.json config.json layer.tar
  rm -rf "$parts"
}
