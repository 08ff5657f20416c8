# shellcheck shell=bash
# kind's node image: pulled, or built as kind builds it, from a small Debian, kind's own files and Go modules.

declare -A node_images # found ready, by minor version

# node_image MINOR: what was pulled once is good without a network too.
node_image() {
  local pulled
  pulled=$(pulled_node_image "$1")
  if [[ $mode == pull ]] || { [[ ${RELAPSE_IMAGES:-} != build ]] && was_pulled "$pulled"; }; then
    echo "$pulled"
  else
    echo "relapse.local/node:$(kubernetes_version "$1")-$(node_recipe "$1")"
  fi
}

node_recipe() {
  recipe "$(kubernetes_version "$1")" "$kind_version" "$debian_suite" "${node_packages[*]}" "$provisioner_version" "$(cat "$ci"/node/*)" "$share_layers" \
    build_node node_root kind_files kind_dockerfile_steps storage_manifest commit_node component_images program_image component_image \
    etcd_image coredns_image pause_image provisioner_image helper_image kube_proxy_image busybox_applets image_parts image_archive \
    "${go_flags[*]} $go_linker_flags" chroot_apt copy_program copy_libraries
}

node_ready() { # MINOR
  [[ -n $mode ]] || return
  node_images[$1]=$(node_image "$1")
  has_image "${node_images[$1]}"
}

node_plan() {
  local pulled="kind's own for Kubernetes $1, pulled (about 1 min)" built
  built="Kubernetes $(kubernetes_version "$1") and what a node needs beside it, compiled (10 to 15 min on 2 cores the first time)"
  case $mode in
    pull) echo "$pulled" ;;
    build) echo "$built" ;;
    *) echo "$pulled; where no container registry answers: $built" ;;
  esac
}

node_make() {
  if [[ $mode == pull ]]; then
    pull "$(pulled_node_image "$1")"
  else
    docker rmi "relapse.local/build-node:$1" >/dev/null 2>&1 || true # of a set-up that was interrupted
    build_node "$1" "$(node_image "$1")"
  fi
}

build_node() { # MINOR TAG
  local work
  install_packages "${build_packages[@]}"
  work=$(fresh_dir "node-$1")
  mkdir "$work/node"
  node_root "$1" "$work/node"
  component_images "$1" "$work"
  timed "assembling the node image" commit_node "$1" "$work" "$2"
  rm -rf "$work"
}

# kind gives each node a volume of its own for /var, and docker copies into it what the image has there: half a GB
# of unpacked images, read again for each node. Outside of it all nodes share them.
share_layers='
  cd /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots && mkdir /kind/layers &&
    for layer in *; do
      mv "$layer/fs" "/kind/layers/$layer" && ln -s "/kind/layers/$layer" "$layer/fs" || exit
    done'

# commit_node MINOR WORK TAG: the archives in WORK/images go into the containerd of a container made of
# WORK/node, and the container becomes the image TAG. kind does the same.
commit_node() {
  local container=relapse-build-node-$1 base=relapse.local/build-node:$1 archive
  docker rm --force --volumes "$container" >/dev/null 2>&1 || true # of a set-up that was killed
  tar -C "$2/node" --numeric-owner -c . | docker import -c 'ENV container=docker' - "$base"
  # docker import and commit know no STOPSIGNAL before Docker 23, but commit keeps the container's.
  docker run -d --name "$container" --label "$build_label" --label "$maker_label=$$" --stop-signal SIGRTMIN+3 --privileged --volume /unpacked --entrypoint sleep "$base" infinity
  docker exec -d "$container" containerd --root /unpacked
  docker exec "$container" sh -c 'for try in $(seq 100); do ctr version >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1'
  for archive in "$2"/images/*.tar; do
    docker exec -i "$container" ctr --namespace k8s.io images import --local --label io.cri-containerd.pinned=pinned --discard-unpacked-layers - <"$archive"
  done
  docker exec "$container" sh -c 'pkill -x containerd; while pgrep -x containerd; do sleep 0.1; done; rm -rf /run/containerd /var/lib/containerd; cp -a /unpacked /var/lib/containerd'
  docker exec "$container" sh -c "$share_layers"
  docker commit -c 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]' -c "LABEL io.relapse=node $maker_label=" \
    -c "LABEL io.relapse.source='Go modules, Debian $debian_suite, kind $kind_version'" -c "LABEL io.relapse.version=$(kubernetes_version "$1")" \
    "$container" "$3"
  docker rm --force --volumes "$container"
  docker rmi "$base"
}
