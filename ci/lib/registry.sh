# shellcheck shell=bash
# The local registry that the nodes use as mirror: a container on kind's network, with its data in the cache.
registry_name=relapse-registry
registry_port=5000
registry_data=$cache/registry
pulled_registry_image=docker.io/library/registry:2
network=kind

registry_ready() {
  registry_host=$(docker inspect --format \
    "{{if .State.Running}}{{with index .NetworkSettings.Ports \"$registry_port/tcp\"}}127.0.0.1:{{(index . 0).HostPort}}{{end}}{{end}}" \
    "$registry_name" 2>/dev/null) && [[ -n $registry_host ]] && registry_answers && registry_has_its_data
}

registry_answers() { curl --silent --fail --noproxy '*' --max-time 10 --output /dev/null "http://$registry_host/v2/"; }

# A registry whose data somebody removed still answers, and can keep nothing.
registry_has_its_data() { [[ -d $(docker inspect --format "{{index .Config.Labels \"$data_label\"}}" "$registry_name") ]]; }

registry_plan() { echo "a container on the network $network (about 10 s the first time)"; }

registry_make() {
  if registry_has_its_data 2>/dev/null && docker start "$registry_name" && await_registry; then return; fi
  docker rm --force --volumes "$registry_name" >/dev/null 2>&1 || true
  ensure registry-image
  ensure_network
  mkdir -p "$registry_data"
  note "starting $registry_name"
  docker run -d --name "$registry_name" --label "$registry_label" --label "$data_label=$registry_data" --restart always --network "$network" \
    --user "$(id -u):$(id -g)" --publish "127.0.0.1::$registry_port" \
    --volume "$registry_data:/var/lib/registry" "$(registry_image)"
  await_registry || give_up "The local registry was started but does not answer" "docker logs $registry_name"
}

await_registry() {
  local deadline=$((SECONDS + 30))
  until registry_ready; do
    ((SECONDS < deadline)) || return
    sleep 0.1
  done
}

registry_image() {
  if [[ $mode == pull ]]; then
    echo "$pulled_registry_image"
  else
    echo "relapse.local/registry:$(recipe build_registry image_parts image_archive copy_program copy_libraries "$debian_suite" "$(cat "$ci/registry.yml")")"
  fi
}

registry-image_ready() { has_image "$(registry_image)"; }

registry-image_make() {
  if [[ $mode == pull ]]; then
    pull "$pulled_registry_image"
  else
    build_registry "$(registry_image)"
  fi
}

build_registry() { # TAG
  local work
  install_packages "${build_packages[@]}"
  work=$(fresh_dir registry)
  mkdir -p "$work/debian" "$work/root/etc"
  debian_root "$work/debian" docker-registry
  copy_program "$work/debian" /usr/bin/docker-registry "$work/root"
  cp "$ci/registry.yml" "$work/root/etc/registry.yml"
  image_archive "$work/root" "$1" '{"Entrypoint": ["/usr/bin/docker-registry", "serve", "/etc/registry.yml"]}' "$work/image.tar"
  docker load --input "$work/image.tar"
  rm -rf "$work"
}

# As kind makes it; ours is labelled, so that it is ours to remove. kind asks for IPv6 too, and goes on
# without where the machine has none.
ensure_network() {
  local options=(--driver bridge --label "$network_label" --opt com.docker.network.bridge.enable_ip_masquerade=true) mtu
  docker network inspect "$network" >/dev/null 2>&1 && return
  mtu=$(docker network inspect bridge --format '{{index .Options "com.docker.network.driver.mtu"}}')
  [[ -z $mtu ]] || options+=(--opt "com.docker.network.driver.mtu=$mtu")
  docker network create "${options[@]}" --ipv6 --subnet fc00:f853:ccd:e793::/64 "$network" ||
    docker network create "${options[@]}" "$network" ||
    docker network inspect "$network" >/dev/null # kind was faster
}
