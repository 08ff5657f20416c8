# shellcheck shell=bash
# What these scripts themselves need.
tools_ready() { command -v flock curl >/dev/null; }

tools_plan() { echo "Debian's util-linux and curl (about 10 s)"; }

tools_make() { install_packages util-linux curl ca-certificates; }
