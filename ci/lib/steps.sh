# From what is asked for to what has to be done, and doing it step by step.

known_needs='engine, kind, node:MINOR, registry, image:REF, absent:REF'

with_dependencies() {
  local need
  for need in "$@"; do
    case $need in
      engine | kind) ;;
      node:?* | registry) echo engine ;;
      image:?* | absent:?*) printf '%s\n' engine registry ;;
    esac
    echo "$need"
  done | awk '!seen[$0]++'
}

check_needs() {
  local need
  for need in "$@"; do
    case $need in
      engine | kind | registry | image:?* | absent:?*) ;;
      node:?*) kubernetes_version "${need#node:}" >/dev/null ;;
      *)
        say "ci/setup: unknown need '$need'; known are $known_needs"
        exit 1
        ;;
    esac
  done
}

make_missing() {
  local need missing=() number=0 start=$SECONDS
  recall_mode
  for need in "$@"; do
    [[ $need == absent:* ]] || is_ready "$need" || missing+=("$need")
  done
  ((${#missing[@]})) || return 0

  say "relapse set-up, into $cache. To be made:"
  [[ ${missing[0]} == engine ]] || say_mode
  for need in "${missing[@]}"; do
    say "  $need: $("${need%%:*}_plan" "${need#*:}")"
  done
  for need in "${missing[@]}"; do
    number=$((number + 1))
    [[ $need == engine || $need == kind ]] || say_mode
    run_step "[$number/${#missing[@]}] $need" "$need"
    ((number == ${#missing[@]})) || say "  still to do: ${missing[*]:number}"
  done
  step=
  say "relapse set-up: ${#missing[@]} of ${#missing[@]} done in $((SECONDS - start)) s."
}

# Decisions that there is no such image, with their reasons.
declare -A lacking

# run_step LABEL NEED: in a process group of its own, so that an interruption ends all that it started.
run_step() {
  step=$1
  local need=$2 start=$SECONDS log status=0
  step_dir=$cache/steps/$(slug "$need").$$
  log=$step_dir/log
  mkdir -p "$step_dir" "$cache/log"
  say "$step"
  set -m
  (ensure "$need") </dev/null >"$log" 2>&1 &
  step_job=$!
  set +m
  await_step "$log" "$start" || status=$?
  step_job=
  # A set-up that only waited for another one's work has an empty log.
  if [[ -s $log ]]; then mv "$log" "$cache/log/$(slug "$need").log"; fi
  ((status == 0)) || report_failure "$cache/log/$(slug "$need").log"
  [[ ! -e $step_dir/lacking ]] || lacking[$need]=$(cat "$step_dir/lacking")
  rm -rf "$step_dir"
  ((status == 0)) || exit 1
  if [[ -n ${lacking[$need]:-} ]]; then
    say "$step: lacking, ${lacking[$need]}"
  else
    is_ready "$need"
    say "$step: done in $((SECONDS - start)) s"
  fi
}

await_step() { # LOG START
  local beat=$((SECONDS + heartbeat_seconds)) never
  exec {never}<> <(:)
  while kill -0 "$step_job" 2>/dev/null; do
    read -rt 0.2 -u "$never" || true
    if ((SECONDS >= beat)); then
      heartbeat $((SECONDS - $2)) "$1"
      beat=$((SECONDS + heartbeat_seconds))
    fi
  done
  exec {never}>&-
  wait "$step_job"
}

stop_step() {
  [[ -z ${step_job:-} ]] && return
  kill -TERM -- "-$step_job" 2>/dev/null || true
  wait "$step_job" 2>/dev/null || true
  remove_temporary_containers
  rm -rf "$step_dir"
}
trap stop_step EXIT
trap 'say "relapse set-up: interrupted; the next one goes on from what is complete."; exit 130' INT
trap 'exit 143' TERM HUP
