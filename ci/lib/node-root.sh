# shellcheck shell=bash
# The files of a node: a small Debian, kind's own files, Kubernetes, containerd, the pod network's plugins.
node_packages=(
  systemd util-linux mount kmod procps hostname bash ca-certificates curl jq # the node
  runc libseccomp2 pigz fuse-overlayfs                                       # containers
  conntrack iptables nftables iproute2 ethtool                               # network
  nfs-common e2fsprogs                                                       # volumes
  busybox-static                                                             # the volume helper's shell
)

node_root() { # MINOR ROOT
  local programs root=$2 version kind
  version=$(kubernetes_version "$1")
  kind=$(kind_source)
  debian_root "$root" "${node_packages[@]}"
  kind_files "$kind" "$root"

  kubernetes_programs "$version"
  install -m 755 "$programs"/{kubeadm,kubelet,kubectl} "$root/usr/bin/"
  printf %s "$version" >"$root/kind/version"

  version=$(dockerfile_argument CONTAINERD_VERSION "$kind")
  programs github.com/containerd/containerd/v2 "$version" "" "-X github.com/containerd/containerd/v2/version.Version=$version" \
    github.com/containerd/containerd/v2/cmd/{containerd,ctr,containerd-shim-runc-v2}
  install -m 755 "$programs"/* "$root/usr/local/bin/"

  programs github.com/containernetworking/plugins "$(dockerfile_argument CNI_PLUGINS_VERSION "$kind")" "" "" \
    github.com/containernetworking/plugins/plugins/{main/ptp,main/loopback,ipam/host-local,meta/portmap}
  install -D -m 755 -t "$root/opt/cni/bin" "$programs"/*

  kind_dockerfile_steps "$root"
}

# The versions are those that kind's own image has.
dockerfile_argument() { sed -n "s/^ARG $1=\"\(.*\)\"/\1/p" "$2/images/base/Dockerfile"; }

# kind_constant NAME: of the sources that make its node images.
kind_constant() { sed -n "s/^const $1 = \"\(.*\)\"/\1/p" "$(kind_source)/pkg/build/nodeimage/const_storage.go"; }

# What kind lays over its Debian.
kind_files() { # KIND_SOURCE ROOT
  local files=$1/images/base/files root=$2
  cp -r --no-preserve=mode,ownership "$files/etc/." "$root/etc/"
  mkdir -p "$root/kind/manifests" "$root/etc/kubernetes/manifests" "$root/etc/cni/net.d"
  cp -r --no-preserve=mode,ownership "$files/kind/." "$root/kind/"
  cp --no-preserve=mode,ownership "$files"/usr/local/bin/* "$root/usr/local/bin/"
  chmod 755 "$root/kind" "$root/kind/bin" "$root"/kind/bin/* "$root"/usr/local/bin/*

  # Without CAP_SYS_RESOURCE a lower score than containerd's own is refused; with it, this changes nothing.
  sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' "$root/etc/containerd/config.toml"
  cat "$ci/node/containerd.toml" >>"$root/etc/containerd/config.toml"
  install -m 644 "$ci/node/pod-network.conflist" "$root/etc/containerd/"
  install -m 755 "$ci/node/pod-network" "$root/usr/local/bin/"
  install -m 644 "$ci/node/pod-network.service" "$root/etc/systemd/system/"
  install -D -m 644 "$ci/node/lean.conf" "$root/etc/systemd/system/kubelet.service.d/lean.conf"
  install -D -m 644 "$ci/node/lean.conf" "$root/etc/systemd/system/containerd.service.d/lean.conf"
  install -m 644 "$ci/node/default-cni.yaml" "$root/kind/manifests/"
  storage_manifest "$1" >"$root/kind/manifests/default-storage.yaml"
}

# What the RUN lines of kind's Dockerfile do.
kind_dockerfile_steps() { # ROOT
  local root=$1 units=$1/lib/systemd/system unit
  rm -f "$units/sysinit.target.wants/systemd-tmpfiles-setup.service" "$units"/{multi-user,local-fs,basic}.target.wants/* \
    "$units"/sockets.target.wants/*{udev,initctl}* "$root"/etc/systemd/system/*.wants/*
  printf '[Journal]\nReadKMsg=no\n' >"$root/etc/systemd/journald.conf"
  ln -sf /usr/lib/systemd/systemd "$root/sbin/init"
  for unit in kubelet containerd undo-mount-hacks pod-network; do chroot "$root" systemctl enable "$unit.service"; done
  chroot "$root" systemctl mask systemd-binfmt.service
  # Without kind's hook that shows each container the node's product name: a shell and a jq for each, and nobody asks.
  chroot "$root" ctr oci spec | jq 'del(.process.rlimits)' >"$root/etc/containerd/cri-base.json"
}

# The text of a Go constant, with the two image names that it is put together with. The provisioner goes to
# the API server of its node: through the service network, which leads nowhere before kube-proxy has made it,
# it would fail and sit 10 s in the crash back-off of each new cluster.
storage_manifest() { # KIND_SOURCE
  local name expression='1d; $d'
  for name in storageProvisionerImage storageHelperImage; do
    expression+="; s#\` + $name + \`#$(kind_constant "$name")#"
  done
  sed -n '/^const defaultStorageManifest = `/,/^`$/p' "$1/pkg/build/nodeimage/const_storage.go" | sed "$expression" | sed '
    /^ *kubernetes.io\/os: linux/a\        node-role.kubernetes.io/control-plane: ""
    /^ *env:/a\            - {name: KUBERNETES_SERVICE_HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}\
            - {name: KUBERNETES_SERVICE_PORT, value: "6443"}'
}
