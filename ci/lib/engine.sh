# shellcheck shell=bash
# A Docker Engine that answers. One that runs is used as it is; on Debian, as root, one is installed.
engine_log=/var/log/dockerd.log
bounded_runtime=/usr/local/lib/relapse/runc-bounded
engine_packages=(docker.io containerd runc iptables iproute2 jq)

engine_ready() {
  engine_cgroup=$(timeout 15 docker info --format '{{.CgroupVersion}}' 2>/dev/null) && [[ -n $engine_cgroup ]]
}

engine_plan() {
  if command -v dockerd >/dev/null; then
    echo "none answers; the installed one is started (about 5 s)"
  else
    echo "none answers; Debian's docker.io, installed and started (about 30 s)"
  fi
}

engine_make() {
  install_packages "${engine_packages[@]}"
  command -v docker >/dev/null || install_packages docker-cli # a package of its own from Debian 13 on
  note "starting the engine"
  start_engine
}

check_engine_is_ours_to_make() {
  local install="install Docker Engine 20.10 or newer (https://docs.docker.com/engine/install/), start it, and run the same command again."
  if command -v docker >/dev/null; then
    [[ -z ${DOCKER_HOST:-} ]] || give_up "No Docker Engine answers at DOCKER_HOST=$DOCKER_HOST" "start it, or unset DOCKER_HOST."
    [[ $(docker context show 2>/dev/null || echo default) == default ]] ||
      give_up "No Docker Engine answers in docker's context '$(docker context show)'" "start it, or choose another with: docker context use default"
  fi
  [[ ! -S /var/run/docker.sock || -w /var/run/docker.sock ]] ||
    give_up "A Docker Engine is there, but $(id -un) may not use it" "add $(id -un) to its group: sudo usermod -aG $(stat -c %G /var/run/docker.sock) $(id -un), and log in again."
  ((EUID == 0)) || give_up "No Docker Engine answers, and only root can install one" "$install"
  [[ -e /etc/debian_version ]] || give_up "No Docker Engine answers, and this is not Debian" "$install"
}

# Five nodes use up the inotify instances that Linux gives each user: kind's known issue "too many open files".
allow_many_nodes() {
  local limit=/proc/sys/fs/inotify/max_user_instances
  if [[ -w $limit ]] && (($(<"$limit") < 1024)); then
    echo 1024 >"$limit"
  fi
}

start_engine() {
  allow_many_nodes
  if [[ -d /run/systemd/system ]] && ! lacks_sys_resource; then
    systemctl start docker
  else
    start_engine_by_hand
  fi
  await_engine
}

start_engine_by_hand() {
  local flags=()
  if lacks_sys_resource; then
    install -D -m 755 "$ci/lib/runc-bounded" "$bounded_runtime"
    flags=(--add-runtime "bounded=$bounded_runtime" --default-runtime bounded)
  fi
  forget_dead_process /var/run/docker.pid dockerd
  forget_dead_process /var/run/docker/containerd/containerd.pid containerd
  if pid_file_lives /var/run/docker.pid dockerd; then
    note "an engine is starting already"
  else
    # It starts many containers, of which each has small programs in Go: they inherit this, and collect less garbage.
    GOGC=400 detached "$engine_log" dockerd "${flags[@]}"
  fi
}

# Without it in the bounding set, `docker run --privileged` fails with "unable to apply caps".
lacks_sys_resource() {
  local bounding sys_resource=24
  bounding=0x$(awk '/^CapBnd/ {print $2}' /proc/self/status)
  (((bounding >> sys_resource & 1) == 0))
}

pid_file_lives() { # FILE PROGRAM
  [[ -s $1 && $(cat "/proc/$(cat "$1")/comm" 2>/dev/null) == "$2" ]]
}

# A killed engine leaves its pid file, and by now the number may be another program's.
forget_dead_process() { # FILE PROGRAM
  pid_file_lives "$1" "$2" || rm -f "$1"
}

# detached LOG COMMAND...: outlives us, and holds neither our locks nor the pipes of who called us.
detached() {
  local log=$1
  shift
  (
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      ((fd <= 2)) || eval "exec $fd>&-"
    done
    exec setsid "$@"
  ) </dev/null >>"$log" 2>&1 &
}

await_engine() {
  local deadline=$((SECONDS + 90))
  until engine_ready; do
    if ((SECONDS > deadline)); then
      tail -n 20 "$engine_log" || true
      give_up "The Docker Engine was started but does not answer after 90 s" "read $engine_log and run the same command again."
    fi
    sleep 0.2
  done
}
