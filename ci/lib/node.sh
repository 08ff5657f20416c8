# kind's node image: pulled, or built as kind does it from a small Debian, kind's own files and Go modules.
node_packages=(
  systemd util-linux mount kmod procps hostname bash ca-certificates curl jq # the node
  runc libseccomp2 pigz fuse-overlayfs                                       # containers
  conntrack iptables nftables iproute2 ethtool                               # network
  nfs-common e2fsprogs                                                       # volumes
  busybox-static                                                             # volume helper
)

node_image() { # MINOR
  if [[ $mode == pull ]]; then
    pulled_node_image "$1"
  else
    echo "relapse.local/node:$(kubernetes_version "$1")-$(node_recipe "$1")"
  fi
}

node_recipe() {
  recipe "$kind_version" "$debian_suite" "$provisioner_version" "${node_packages[*]}" "$(kubernetes_version "$1")" \
    build_node node_root kind_files component_images program_image component_image etcd_image coredns_image pause_image \
    provisioner_image helper_image kube_proxy_image busybox_applets image_archive compile chroot_apt \
    "$(cat "$ci"/node/*)"
}

node_ready() { [[ -n $mode ]] && docker image inspect "$(node_image "$1")" >/dev/null 2>&1; }

node_plan() {
  case $mode in
    pull) echo "$(pulled_node_image "$1"), pulled (about 1 min)" ;;
    build) echo "Kubernetes $(kubernetes_version "$1") compiled, with kind's base from Debian packages (about 13 min on 2 cores the first time)" ;;
    *) echo "pulled (about 1 min) or, where no container registry answers, built from source (about 13 min on 2 cores)" ;;
  esac
}

node_make() {
  if [[ $mode == pull ]]; then
    docker pull "$(node_image "$1")"
  else
    build_node "$1" "$(node_image "$1")"
  fi
}

build_node() { # MINOR TAG
  local work base
  work=$(fresh_dir "node-$1")
  base=relapse.local/node-base:$1
  install_packages jq
  mkdir "$work/root" "$work/images"
  node_root "$1" "$work/root"
  note "packing the images of the node"
  component_images "$1" "$work/root" "$work/images"
  note "assembling the node image"
  tar -C "$work/root" --numeric-owner -c . | docker import -c 'ENV container=docker' - "$base"
  with_images "$base" "$work/images" "$2" "$1"
  docker rmi "$base"
  rm -rf "$work"
}

node_root() { # MINOR ROOT
  local programs root=$2 version kind dockerfile
  version=$(kubernetes_version "$1")
  kind=$(kind_source)
  dockerfile=$kind/images/base/Dockerfile
  debian_root "$root" "${node_packages[@]}"
  kind_files "$kind" "$root"

  kubernetes_programs "$version"
  install -m 755 "$programs"/{kubeadm,kubelet,kubectl} "$root/usr/bin/"
  printf %s "$version" >"$root/kind/version"

  programs github.com/containerd/containerd/v2 "$(docker_arg CONTAINERD_VERSION "$dockerfile")" "" "" \
    github.com/containerd/containerd/v2/cmd/{containerd,ctr,containerd-shim-runc-v2}
  install -m 755 "$programs"/* "$root/usr/local/bin/"
  programs github.com/containernetworking/plugins "$(docker_arg CNI_PLUGINS_VERSION "$dockerfile")" "" "" \
    github.com/containernetworking/plugins/plugins/{main/ptp,main/loopback,ipam/host-local,meta/portmap}
  install -D -m 755 -t "$root/opt/cni/bin" "$programs"/*

  # As kind's Dockerfile does it.
  chroot "$root" ctr oci spec |
    jq '.hooks.createContainer += [{path: "/kind/bin/mount-product-files.sh"}] | del(.process.rlimits)' >"$root/etc/containerd/cri-base.json"
}

docker_arg() { sed -n "s/^ARG $1=\"\(.*\)\"/\1/p" "$2"; }

# kind_constant NAME: of the sources that make its node images.
kind_constant() { sed -n "s/^const $1 = \"\(.*\)\"/\1/p" "$(kind_source)/pkg/build/nodeimage/const_storage.go"; }

# What kind lays over its Debian, and what it does to it.
kind_files() { # KIND_SOURCE ROOT
  local files=$1/images/base/files root=$2 units=$2/lib/systemd/system unit
  cp -r --no-preserve=mode,ownership "$files/etc/." "$root/etc/"
  mkdir -p "$root/kind/manifests"
  cp -r --no-preserve=mode,ownership "$files/kind/." "$root/kind/"
  cp --no-preserve=mode,ownership "$files"/usr/local/bin/* "$root/usr/local/bin/"
  chmod 755 "$root/kind" "$root/kind/bin" "$root"/kind/bin/* "$root"/usr/local/bin/*
  rm -f "$units/sysinit.target.wants/systemd-tmpfiles-setup.service" "$units"/{multi-user,local-fs,basic}.target.wants/* \
    "$units"/sockets.target.wants/*{udev,initctl}* "$root"/etc/systemd/system/*.wants/*
  printf '[Journal]\nReadKMsg=no\n' >"$root/etc/systemd/journald.conf"
  ln -sf /usr/lib/systemd/systemd "$root/sbin/init"
  mkdir -p "$root/etc/kubernetes/manifests" "$root/etc/cni/net.d"
  for unit in kubelet containerd undo-mount-hacks; do chroot "$root" systemctl enable "$unit.service"; done
  chroot "$root" systemctl mask systemd-binfmt.service
  storage_manifest "$1" >"$root/kind/manifests/default-storage.yaml"

  # Without CAP_SYS_RESOURCE a lower score than containerd's own is refused; with it, this changes nothing.
  sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' "$root/etc/containerd/config.toml"
  cat "$ci/node/containerd.toml" >>"$root/etc/containerd/config.toml"
  install -m 644 "$ci/node/pod-network.conflist" "$root/etc/containerd/"
  install -m 644 "$ci/node/default-cni.yaml" "$root/kind/manifests/"
}

# The text of a Go constant, with the two image names that it is put together with.
storage_manifest() { # KIND_SOURCE
  sed -n '/^const defaultStorageManifest = `/,/^`$/p' "$1/pkg/build/nodeimage/const_storage.go" |
    sed "1d; \$d; s#\` + storageProvisionerImage + \`#$(kind_constant storageProvisionerImage)#; s#\` + storageHelperImage + \`#$(kind_constant storageHelperImage)#"
}

# with_images BASE ARCHIVES TAG MINOR: the archives go into the containerd of a container made of BASE,
# and the container becomes the image TAG.
with_images() {
  local container=relapse-build-node-$4 archive
  docker rm -f -v "$container" >/dev/null 2>&1 || true
  # docker import and commit know no STOPSIGNAL before Docker 23, but commit keeps the container's.
  docker run -d --name "$container" --label "$temporary_label=$$" --stop-signal SIGRTMIN+3 --privileged --entrypoint sleep "$1" infinity
  docker exec -d "$container" containerd
  docker exec "$container" sh -c 'for try in $(seq 100); do ctr version >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1'
  for archive in "$2"/*.tar; do
    docker exec -i "$container" ctr --namespace k8s.io images import --label io.cri-containerd.pinned=pinned --no-unpack - <"$archive"
  done
  docker exec "$container" sh -c 'pkill -x containerd; while pgrep -x containerd; do sleep 0.1; done; rm -rf /run/containerd'
  docker commit -c 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]' -c "LABEL io.relapse=node" "$container" "$3"
  docker rm -f -v "$container"
}
