# What people see: one step after the other, with its number, its time and what is still to do.
# A step's own output goes to its log; file descriptor 3 reaches the terminal from everywhere.
exec 3>&2

say() { printf '%s\n' "$*" >&3; }

# note TEXT: what the present step is doing now; the heartbeat repeats it with the log's last line.
note() {
  say "${step:+$step: }$*"
  [[ -z ${step_dir:-} ]] || printf '%s' "$*" >"$step_dir/doing"
}

# timed TEXT COMMAND...: a part of a step, with its seconds.
timed() {
  local text=$1 start=$SECONDS
  shift
  note "$text"
  "$@"
  say "$step: $text: $((SECONDS - start)) s"
}

# give_up WHAT NEXT: ends the step with a reason that says more than its log would.
give_up() {
  printf '%s\nNext: %s\n' "$1" "$2" >"$step_dir/reason"
  exit 1
}

heartbeat_seconds=20

heartbeat() { # SECONDS LOG
  local doing last
  doing=$(cat "$step_dir/doing" 2>/dev/null || true)
  last=$(tail -n 1 "$2" | tr -cd '[:print:]' | cut -c1-80)
  say "$step: $1 s${doing:+, $doing}${last:+ … $last}"
}

report_failure() { # LOG
  say ""
  say "$step failed."
  if [[ -s $step_dir/reason ]]; then
    say "$(cat "$step_dir/reason")"
  else
    say "Last lines of its log:"
    tail -n 15 "$1" | sed 's/^/    /' >&3
    say "Log: $1"
    say "Next: remove the cause that the log names and run the same command again; what is complete is kept."
  fi
}
