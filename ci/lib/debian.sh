# shellcheck shell=bash
# A small Debian as a tree of files, which node and workload images take their packages from.
debian_suite=trixie # newer ones have a systemd without cgroup v1

# debian_root DIR PACKAGE...: unpacks it into DIR, with the packages.
debian_root() {
  local dir=$1 base
  shift
  base=$cache/debian/$debian_suite-$(recipe bootstrap_debian)
  once "$base" bootstrap_debian
  tar -C "$dir" --numeric-owner -xf "$base/root.tar"
  timed "adding Debian packages to an image ($1${2:+, $2}${3:+ and $(($# - 2)) more})" chroot_apt "$dir" "$@"
}

bootstrap_debian() { # OUT
  # unshare: an interrupted debootstrap leaves /proc mounted, which nobody can remove then.
  timed "fetching a small Debian ($debian_suite)" timeout --foreground 900 unshare --mount debootstrap --variant=minbase --include=ca-certificates "$debian_suite" "$1/root"
  remove_leftovers "$1/root"
  tar -C "$1/root" --numeric-owner -cf "$1/root.tar" .
  rm -rf "$1/root"
}

chroot_apt() { # DIR PACKAGE...
  local dir=$1 no_services=$1/usr/sbin/policy-rc.d
  shift
  cp /etc/resolv.conf "$dir/etc/resolv.conf"
  install -m 755 /dev/stdin "$no_services" <<<'#!/bin/sh
exit 101'
  chroot "$dir" apt-get "${apt_options[@]}" update
  DEBIAN_FRONTEND=noninteractive chroot "$dir" apt-get "${apt_options[@]}" install --no-install-recommends "$@"
  rm "$no_services"
  remove_leftovers "$dir"
}

remove_leftovers() { rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/usr/share/{doc,man,locale}/*; }

# copy_program ROOT PROGRAM TO: with the shared libraries that it is linked with.
copy_program() {
  mkdir -p "$3$(dirname "$2")"
  cp -L "$1$2" "$3$2"
  copy_libraries "$@"
}

copy_libraries() { # ROOT FILE TO
  local library
  { chroot "$1" ldd "$2" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r library; do
    mkdir -p "$3$(dirname "$library")"
    cp -L "$1$library" "$3$library"
  done
}
