# shellcheck shell=bash
# Image references, as manifests write them, and their places in the local registry: a prefix for each
# upstream host, so that a tag that is missing at one is not found at another.

# full_reference REF: with the host, the folder and the tag that a short one leaves out.
full_reference() {
  local reference=$1 host=${1%%/*}
  if [[ $reference != */* || ! ($host == *[.:]* || $host == localhost) ]]; then
    [[ $reference == */* ]] || reference=library/$reference
    reference=docker.io/$reference
  fi
  [[ ${reference##*/} == *[:@]* ]] || reference=$reference:latest
  echo "$reference"
}

# in_registry REF: ends with 0 if the local registry has it, with 22 if it does not know it.
in_registry() {
  local media=application/vnd
  curl --globoff --silent --fail --head --noproxy '*' --max-time 5 --output /dev/null \
    --header "Accept: $media.oci.image.index.v1+json, $media.oci.image.manifest.v1+json, $media.docker.distribution.manifest.list.v2+json, $media.docker.distribution.manifest.v2+json" \
    "$(manifest_place "$1")"
}

manifest_place() { # REF
  local reference
  reference=$(full_reference "$1")
  echo "http://$registry_host/v2/$(repository "$reference")/manifests/$(tag_or_digest "$reference")"
}

# repository FULL_REF: without tag and digest.
repository() {
  local name=${1%@*}
  if [[ ${name##*/} == *:* ]]; then name=${name%:*}; fi
  echo "$name"
}

# tag_or_digest FULL_REF: where there are both, the digest alone says which image it is.
tag_or_digest() { if [[ $1 == *@* ]]; then echo "${1#*@}"; else echo "${1##*:}"; fi; }

# push_as REF IMAGE: the engine's IMAGE into the local registry.
push_as() {
  local place
  place=$registry_host/$(full_reference "$1")
  docker tag "$2" "$place"
  docker push --quiet "$place"
  docker rmi "$place"
}

# push_parts REF PARTS: what image_parts left, into the local registry. `docker push` compresses with gzip, and every
# node unpacks the layer anew.
push_parts() {
  local place media=application/vnd.oci.image config layer
  place=$(manifest_place "$1")
  zstd --quiet --rm "$2/layer.tar"
  config=$(push_blob "${place%/manifests/*}" "$2/config.json" "$media.config.v1+json")
  layer=$(push_blob "${place%/manifests/*}" "$2/layer.tar.zst" "$media.layer.v1.tar+zstd")
  jq -n --argjson config "$config" --argjson layer "$layer" --arg media "$media.manifest.v1+json" \
    '{schemaVersion: 2, mediaType: $media, config: $config, layers: [$layer]}' |
    put "Content-Type: $media.manifest.v1+json" - "$place"
}

push_blob() { # REPOSITORY FILE MEDIA_TYPE: prints its descriptor
  local digest upload
  digest=$(digest "$2")
  upload=$(curl --silent --show-error --fail --noproxy '*' --request POST --dump-header - "$1/blobs/uploads/" | sed -n 's/\r$//; s/^location: //Ip')
  put 'Content-Type: application/octet-stream' "$2" "$upload&digest=$digest"
  jq -n --arg digest "$digest" --argjson size "$(stat --format %s "$2")" --arg media "$3" '{mediaType: $media, digest: $digest, size: $size}'
}

put() { curl --globoff --silent --show-error --fail --noproxy '*' --header "$1" --upload-file "$2" "$3"; } # HEADER FILE URL
