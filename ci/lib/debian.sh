# A small Debian as a tree of files, which node and workload images take their packages from.
debian_suite=trixie # newer ones have a systemd without cgroup v1

# debian_root DIR PACKAGE...: unpacks it into DIR, with the packages.
debian_root() {
  local dir=$1 base
  shift
  base=$cache/debian/$debian_suite-$(recipe bootstrap_debian)
  once "$base" bootstrap_debian
  tar -C "$dir" --numeric-owner -xf "$base/root.tar"
  timed "installing Debian packages for the image: $*" chroot_apt "$dir" "$@"
}

bootstrap_debian() { # OUT
  ((EUID == 0)) || give_up "Only root can build images from Debian packages (debootstrap)." "run as root, or where a container registry answers."
  install_packages debootstrap debian-archive-keyring jq
  timed "fetching a small Debian ($debian_suite)" debootstrap --variant=minbase --include=ca-certificates "$debian_suite" "$1/root"
  rm -rf "$1"/root/var/cache/apt/archives/*.deb "$1"/root/var/lib/apt/lists/* "$1"/root/usr/share/{doc,man,locale}/*
  tar -C "$1/root" --numeric-owner -cf "$1/root.tar" .
  rm -rf "$1/root"
}

chroot_apt() { # DIR PACKAGE...
  local dir=$1 no_services=usr/sbin/policy-rc.d
  shift
  cp /etc/resolv.conf "$dir/etc/resolv.conf"
  printf '#!/bin/sh\nexit 101\n' >"$dir/$no_services"
  chmod 755 "$dir/$no_services"
  chroot "$dir" apt-get "${apt_options[@]}" update
  DEBIAN_FRONTEND=noninteractive chroot "$dir" apt-get "${apt_options[@]}" install --no-install-recommends "$@"
  rm -rf "$dir/$no_services" "$dir"/var/cache/apt/archives/*.deb "$dir"/var/lib/apt/lists/* "$dir"/usr/share/{doc,man,locale}/*
}

# copy_program ROOT PROGRAM TO: with the shared libraries that it is linked with.
copy_program() {
  local root=$1 program=$2 to=$3 library
  mkdir -p "$to$(dirname "$program")"
  cp -L "$root$program" "$to$program"
  copy_libraries "$@"
}

copy_libraries() { # ROOT FILE TO
  local library
  chroot "$1" ldd "$2" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$3$(dirname "$library")"
    cp -L "$1$library" "$3$library"
  done || true
}
