# Images as archives that `docker load` and `ctr images import` read: one layer and what to run in it.

# image_archive ROOT REFERENCE CONFIG TO: CONFIG is JSON as in `docker inspect`, {"Entrypoint": [...]}.
image_archive() {
  local root=$1 reference=$2 config=$3 to=$4 work
  work=$(mktemp -d "$cache/tmp/archive.XXXXXX")
  tar -C "$root" --numeric-owner --sort=name --mtime=@0 -cf "$work/layer.tar" .
  jq -n --argjson config "$config" --arg layer "sha256:$(sha256sum "$work/layer.tar" | cut -d' ' -f1)" --arg arch "$(go env GOARCH)" \
    '{architecture: $arch, os: "linux", config: $config, created: (now | todate), rootfs: {type: "layers", diff_ids: [$layer]}}' >"$work/config.json"
  jq -n --arg reference "$reference" \
    '[{Config: "config.json", RepoTags: [$reference], Layers: ["layer.tar"]}]' >"$work/manifest.json"
  tar -C "$work" -cf "$to" manifest.json config.json layer.tar
  rm -rf "$work"
}
