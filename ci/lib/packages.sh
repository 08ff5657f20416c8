# Debian packages on this machine.

# install_packages PACKAGE...: those of them that are missing.
install_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  ((EUID == 0)) && command -v apt-get >/dev/null ||
    give_up "Missing: the Debian packages ${missing[*]}." "install them as root (apt-get install ${missing[*]}) and run the same command again."
  timed "installing Debian packages: ${missing[*]}" apt_install "${missing[@]}"
}

apt_options=(-q -y -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=300)

apt_install() {
  apt-get "${apt_options[@]}" update
  DEBIAN_FRONTEND=noninteractive apt-get "${apt_options[@]}" install --no-install-recommends "$@"
}
