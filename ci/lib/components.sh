# shellcheck shell=bash
# The images that a node brings with it: the control plane, CoreDNS, etcd, kube-proxy, pause, local-path.
# Their references are those that kubeadm and kind ask for; each builder gets WORK, where $WORK/node is the
# node's root, and leaves an archive in $WORK/images.

# The newest that the Go checksum database knows.
provisioner_version=v0.0.30

component_images() { # MINOR WORK
  local version work=$2 programs required name
  version=$(kubernetes_version "$1")
  kubernetes_programs "$version"
  required=$("$programs/kubeadm" config images list --kubernetes-version "$version" 2>/dev/null)
  mkdir "$work/images"
  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    program_image "$work" "registry.k8s.io/$name:$version" "$programs/$name" "/usr/local/bin/$name"
  done
  kube_proxy_image "$work" "registry.k8s.io/kube-proxy:$version" "$programs/kube-proxy"
  etcd_image "$work" "$(grep /etcd: <<<"$required")"
  coredns_image "$work" "$(grep /coredns: <<<"$required")"
  pause_image "$work" "$(sed -n 's/.*sandbox_image = "\(.*\)"/\1/p' "$work/node/etc/containerd/config.toml")" "$version"
  provisioner_image "$work" "$(kind_constant storageProvisionerImage)"
  helper_image "$work" "$(kind_constant storageHelperImage)"
}

program_image() { # WORK REFERENCE PROGRAM PATH_IN_IMAGE
  install -D -m 755 "$3" "$1/component$4"
  component_image "$1" "$2" "{\"Entrypoint\": [\"$4\"]}"
}

component_image() { # WORK REFERENCE CONFIG: of $WORK/component
  image_archive "$1/component" "$2" "$3" "$1/images/$(slug "$2").tar"
  rm -rf "$1/component"
}

etcd_image() { # WORK REFERENCE: the tag 3.6.8-0 is etcd v3.6.8
  local tag=${2##*:}
  programs go.etcd.io/etcd/server/v3 "v${tag%-*}" "" "" go.etcd.io/etcd/server/v3
  program_image "$1" "$2" "$programs/server" /usr/local/bin/etcd
}

coredns_image() { # WORK REFERENCE
  programs github.com/coredns/coredns "${2##*:}" "" "" github.com/coredns/coredns
  program_image "$1" "$2" "$programs/coredns" /coredns
}

pause_image() { # WORK REFERENCE KUBERNETES_VERSION
  gcc -Os -static -s -DVERSION="${2##*:}" -o "$1/pause" "$(module_source k8s.io/kubernetes "$3")/build/pause/linux/pause.c"
  program_image "$1" "$2" "$1/pause" /pause
}

provisioner_image() { # WORK REFERENCE
  programs github.com/rancher/local-path-provisioner "$provisioner_version" "" "-X main.VERSION=$provisioner_version" \
    github.com/rancher/local-path-provisioner
  program_image "$1" "$2" "$programs/local-path-provisioner" /usr/local/bin/local-path-provisioner
}

helper_image() { # WORK REFERENCE: a shell, mkdir and rm, for the provisioner's helper pods
  busybox_applets "$1/node/usr/bin/busybox" "$1/component"
  component_image "$1" "$2" '{}'
}

# kube-proxy calls iptables, nft and conntrack; iptables loads its extensions when it runs.
kube_proxy_image() { # WORK REFERENCE PROGRAM
  local root=$1/component node=$1/node name extensions
  mkdir -p "$root"/{etc,tmp,run,usr/bin,usr/sbin,usr/lib,usr/lib64}
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
  install -D -m 755 "$3" "$root/usr/local/bin/kube-proxy"
  for name in xtables-nft-multi nft conntrack; do copy_program "$node" "/usr/sbin/$name" "$root"; done
  for name in {iptables,ip6tables}{,-save,-restore}; do ln -s xtables-nft-multi "$root/usr/sbin/$name"; done
  extensions=$(cd "$node" && echo usr/lib/*/xtables)
  mkdir -p "$root/$(dirname "$extensions")"
  cp -a "$node/$extensions" "$root/$(dirname "$extensions")/"
  for name in "$node/$extensions"/*.so; do copy_libraries "$node" "${name#"$node"}" "$root"; done
  component_image "$1" "$2" '{}'
}
