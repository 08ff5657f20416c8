# shellcheck shell=bash
# From what is asked for to what has to be done, and doing it step by step.

# Decisions that there is no such image, with their reasons.
declare -A lacking

with_dependencies() { # NEED...
  local need
  echo tools
  for need in "$@"; do
    case $need in
      node:* | registry) echo engine ;;
      image:* | absent:*) printf '%s\n' engine registry ;;
    esac
    echo "$need"
  done
}

check_needs() { # NEED...
  local need
  for need in "$@"; do
    case $need in
      engine | kind | registry | image:?* | absent:?*) ;;
      node:?*) kubernetes_version "${need#node:}" >/dev/null ;;
      *) give_up "there is no need '$need'" "ask for engine, kind, node:MINOR, registry, image:REF or absent:REF." ;;
    esac
  done
}

find_missing() { # NEED...: into the array missing
  local need
  missing=()
  for need in "$@"; do
    [[ $need == absent:* ]] || is_ready "$need" || missing+=("$need")
  done
}

make_missing() { # NEED...
  local need missing number=0 start=$SECONDS summary=()
  find_missing "$@"
  ((${#missing[@]})) || return 0

  forget_old_leftovers
  say "relapse set-up, into $cache. To be made:"
  if is_ready engine && depend_on_mode "${missing[@]}"; then
    say_mode
    find_missing "$@"
  fi
  for need in "${missing[@]}"; do
    check_possible "$need"
    say "  $need: $("${need%%:*}_plan" "${need#*:}")"
  done
  for need in "${missing[@]}"; do
    number=$((number + 1))
    ! depend_on_mode "$need" || say_mode
    run_step "[$number/${#missing[@]}] $need" "$need" "${missing[@]:number}"
  done
  say "relapse set-up: done in $((SECONDS - start)) s ($(printf '%s, ' "${summary[@]}" | sed 's/, $//'))."
}

depend_on_mode() { [[ "$*" =~ (node|registry|image) ]]; } # NEED...

# What can be known to fail fails before time is spent, not after.
check_possible() { # NEED
  case $1 in
    engine) check_engine_is_ours_to_make ;;
    kind) need_go ;;
    node:*) [[ $mode != build ]] || need_go ;;
    image:*) [[ $(image_mode "${1#*:}") != build ]] || ! image_row "${1#*:}" >/dev/null || need_go ;;
  esac
}

# run_step LABEL NEED NEED_TO_COME...: in a process group of its own, so that an interruption ends all of it.
run_step() {
  step=$1
  local need=$2 to_come="${*:3}" start=$SECONDS kept_log status=0 finding
  step_dir=$cache/tmp/step-$(slug "$need").$$
  kept_log=$cache/log/$(slug "$need").log
  mkdir -p "$step_dir" "$cache/log"
  set -m
  (ensure "$need") </dev/null >"$step_dir/log" 2>&1 &
  step_job=$!
  set +m
  await_step "$start" || status=$?
  step_job=
  # A set-up that only waited for another one's work has an empty log.
  if [[ -s $step_dir/log ]]; then mv "$step_dir/log" "$kept_log"; fi
  if ((status)); then
    report_failure "$kept_log"
    exit 1
  fi
  finding=$(cat "$step_dir/lacking" 2>/dev/null || true)
  rm -rf "$step_dir"
  step_dir=
  if [[ -n $finding ]]; then
    lacking[$need]=$finding
  else
    is_ready "$need"
  fi
  say "$step: ${finding:+lacking, $finding; }done in $((SECONDS - start)) s${to_come:+; still to do: $to_come}"
  summary+=("$need $((SECONDS - start)) s")
}

await_step() { # START
  local beat=$((SECONDS + heartbeat_seconds)) never
  exec {never}<> <(:)
  while kill -0 "$step_job" 2>/dev/null; do
    read -rt 0.2 -u "$never" || true
    if ((SECONDS >= beat)); then
      heartbeat $((SECONDS - $1))
      beat=$((SECONDS + heartbeat_seconds))
    fi
  done
  exec {never}>&-
  wait "$step_job"
}

stop_step() {
  [[ -n $step_dir ]] || return 0
  if [[ -n $step_job ]]; then
    kill -TERM -- "-$step_job" 2>/dev/null || true
    wait "$step_job" 2>/dev/null || true
  fi
  remove_containers_of $$ 2>/dev/null || true
  rm -rf "$step_dir"
}

stop_cleanly() {
  trap stop_step EXIT
  trap 'say "relapse set-up: interrupted. The next one goes on from what is complete."; exit 130' INT
  trap 'exit 143' TERM HUP
}
