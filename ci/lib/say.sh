# shellcheck shell=bash
# What people see: one step after the other, with its number, its time and what is still to do.
# A step's own output goes to its log; file descriptor 3 reaches the terminal from everywhere.
exec 3>&2

step=
step_dir=
step_job=
heartbeat_seconds=20

say() { printf '%s\n' "$*" >&3; }

# note TEXT: what the present step is doing now; the heartbeat repeats it with the log's last line.
note() {
  say "${step:+$step: }$*"
  now_doing "$*"
}

now_doing() { [[ -z $step_dir ]] || printf '%s' "$1" >"$step_dir/doing"; }

# timed TEXT COMMAND...: a part of a step, with its seconds.
timed() {
  local text=$1 start=$SECONDS before
  shift
  before=$(cat "$step_dir/doing" 2>/dev/null || true)
  note "$text"
  "$@"
  say "$step: $text: $((SECONDS - start)) s"
  now_doing "$before"
}

heartbeat() { # SECONDS
  local doing progress last
  doing=$(cat "$step_dir/doing" 2>/dev/null || true)
  progress=$(compile_progress)
  last=$(tail -n 1 "$step_dir/log" | tr -cd '[:print:]' | cut -c1-80)
  say "$step: $1 s${doing:+, $doing}${progress:+, $progress}${last:+ … $last}"
}

# give_up WHAT NEXT: ends with a reason that says more than a log would.
give_up() {
  if [[ -n $step_dir ]]; then
    printf '%s.\nNext: %s\n' "$1" "$2" >"$step_dir/reason"
  else
    say "ci/setup: $1."
    say "Next: $2"
  fi
  exit 1
}

report_failure() { # LOG
  say ""
  say "$step: failed, $(cat "$step_dir/doing" 2>/dev/null || echo at its start)."
  if [[ -s $step_dir/reason ]]; then
    say "$(cat "$step_dir/reason")"
  else
    say "The last lines of its log:"
    tail -n 15 "$1" | sed 's/^/    /' >&3
    say "Log: $1"
    say "Next: remove the cause that the log names and run the same command again; what is complete is kept."
  fi
}
