# The images that a node brings with it: the control plane, CoreDNS, etcd, kube-proxy, pause, local-path.
# Their references are those that kubeadm and kind ask for.

component_images() { # MINOR NODE_ROOT OUT: image archives in OUT
  local version root=$2 out=$3 programs required name
  version=$(kubernetes_version "$1")
  kubernetes_programs "$version"
  required=$("$programs/kubeadm" config images list --kubernetes-version "$version" 2>/dev/null)
  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    program_image "$out" "registry.k8s.io/$name:$version" "$programs/$name" "/usr/local/bin/$name"
  done
  kube_proxy_image "$out" "registry.k8s.io/kube-proxy:$version" "$programs/kube-proxy" "$root"
  etcd_image "$out" "$(grep /etcd: <<<"$required")"
  coredns_image "$out" "$(grep /coredns: <<<"$required")"
  pause_image "$out" "$(sed -n 's/.*sandbox_image = "\(.*\)"/\1/p' "$root/etc/containerd/config.toml")" "$version"
  provisioner_image "$out" "$(kind_constant storageProvisionerImage)"
  helper_image "$out" "$(kind_constant storageHelperImage)" "$root"
}

program_image() { # OUT REFERENCE PROGRAM PATH_IN_IMAGE
  local root
  root=$(fresh_dir "component.$BASHPID")
  install -D -m 755 "$3" "$root$4"
  component_image "$1" "$2" "$root" "{\"Entrypoint\": [\"$4\"]}"
}

component_image() { # OUT REFERENCE ROOT CONFIG
  image_archive "$3" "$2" "$4" "$1/$(slug "$2").tar"
  rm -rf "$3"
}

etcd_image() { # OUT REFERENCE: the tag 3.6.8-0 is etcd v3.6.8
  local tag=${2##*:}
  programs go.etcd.io/etcd/server/v3 "v${tag%-*}" "" "" go.etcd.io/etcd/server/v3
  program_image "$1" "$2" "$programs/server" /usr/local/bin/etcd
}

coredns_image() { # OUT REFERENCE
  programs github.com/coredns/coredns "${2##*:}" "" "" github.com/coredns/coredns
  program_image "$1" "$2" "$programs/coredns" /coredns
}

pause_image() { # OUT REFERENCE KUBERNETES_VERSION
  local program=$cache/tmp/pause.$BASHPID
  install_packages gcc libc6-dev
  gcc -Os -static -s -DVERSION="${2##*:}" -o "$program" "$(module_source k8s.io/kubernetes "$3")/build/pause/linux/pause.c"
  program_image "$1" "$2" "$program" /pause
  rm "$program"
}

# The newest that the Go checksum database knows.
provisioner_version=v0.0.30

provisioner_image() { # OUT REFERENCE
  programs github.com/rancher/local-path-provisioner $provisioner_version "" "-X main.VERSION=$provisioner_version" github.com/rancher/local-path-provisioner
  program_image "$1" "$2" "$programs/local-path-provisioner" /usr/local/bin/local-path-provisioner
}

helper_image() { # OUT REFERENCE NODE_ROOT: a shell, mkdir and rm, for the provisioner's helper pods
  local root
  root=$(fresh_dir "component.$BASHPID")
  busybox_applets "$3/usr/bin/busybox" "$root"
  component_image "$1" "$2" "$root" '{}'
}

# kube-proxy calls iptables, nft and conntrack; iptables loads its extensions at run time.
kube_proxy_image() { # OUT REFERENCE PROGRAM NODE_ROOT
  local root node=$4 name extensions
  root=$(fresh_dir "component.$BASHPID")
  mkdir -p "$root"/{etc,tmp,run,usr/bin,usr/sbin,usr/lib,usr/lib64}
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
  install -D -m 755 "$3" "$root/usr/local/bin/kube-proxy"
  for name in xtables-nft-multi nft conntrack; do copy_program "$node" "/usr/sbin/$name" "$root"; done
  for name in {iptables,ip6tables}{,-save,-restore}; do ln -s xtables-nft-multi "$root/usr/sbin/$name"; done
  extensions=$(cd "$node" && echo usr/lib/*/xtables)
  mkdir -p "$root/$(dirname "$extensions")"
  cp -a "$node/$extensions" "$root/$(dirname "$extensions")/"
  for name in "$node/$extensions"/*.so; do copy_libraries "$node" "${name#"$node"}" "$root"; done
  component_image "$1" "$2" "$root" '{}'
}
