# shellcheck shell=bash
# What upstream's images stand on, made of Debian packages.

copy_base() { # NAME ROOT
  local base
  base=$cache/bases/$1-$(recipe base_root busybox_applets "$debian_suite")
  once "$base" base_root "$1"
  cp -a "$base/." "$2/"
}

base_root() { # NAME OUT
  local debian root=$2
  debian=$(fresh_dir "base-debian-$1")
  debian_root "$debian" busybox-static tzdata
  mkdir -p "$root"/{etc/ssl/certs,home,root,usr/share,var} "$root/tmp"
  chmod 1777 "$root/tmp"
  chmod 700 "$root/root"
  cp "$debian/etc/ssl/certs/ca-certificates.crt" "$root/etc/ssl/certs/"
  cp -a "$debian/usr/share/zoneinfo" "$root/usr/share/"
  printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/home:/bin/false >"$root/etc/passwd"
  printf '%s\n' root:x:0: nobody:x:65534: >"$root/etc/group"
  [[ $1 != busybox ]] || busybox_applets "$debian/usr/bin/busybox" "$root"
  rm -rf "$debian"
}

busybox_applets() { # PROGRAM ROOT: busybox and a link for each of its commands
  local applet
  install -D -m 755 "$1" "$2/bin/busybox"
  for applet in $("$1" --list); do
    [[ -e $2/bin/$applet ]] || ln -s busybox "$2/bin/$applet"
  done
}
