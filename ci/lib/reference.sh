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
  local reference media=application/vnd
  reference=$(full_reference "$1")
  curl --silent --fail --head --noproxy '*' --max-time 5 --output /dev/null \
    --header "Accept: $media.oci.image.index.v1+json, $media.oci.image.manifest.v1+json, $media.docker.distribution.manifest.list.v2+json, $media.docker.distribution.manifest.v2+json" \
    "http://$registry_host/v2/${reference%:*}/manifests/${reference##*:}"
}

# push_as REF IMAGE: the engine's IMAGE into the local registry.
push_as() {
  local place
  place=$registry_host/$(full_reference "$1")
  docker tag "$2" "$place"
  docker push --quiet "$place"
  docker rmi "$place"
}
