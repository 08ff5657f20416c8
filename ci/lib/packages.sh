# shellcheck shell=bash
# Debian packages on this machine.
apt_options=(-q -y -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=300)

# What building from source needs beside Go.
build_packages=(debootstrap debian-archive-keyring jq zstd gcc libc6-dev curl ca-certificates)

# install_packages PACKAGE...: those of them that are missing.
install_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query --show --showformat '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    give_up "Missing: the Debian packages ${missing[*]}" "install them as root on Debian (apt-get install ${missing[*]}), or go where a container registry answers; then run the same command again."
  fi
  timed "installing Debian packages: ${missing[*]}" with_lock apt apt_install "${missing[@]}"
}

apt_install() {
  dpkg --configure --pending # of an installation that was interrupted
  apt-get "${apt_options[@]}" update
  DEBIAN_FRONTEND=noninteractive apt-get "${apt_options[@]}" install --no-install-recommends "$@"
}
