//! What relapse expects of an API server, and what it does when the server is not well: played by
//! a scripted server under a paused clock, with no cluster.

mod logs;
mod mark;
mod probe;
mod script;
mod watch;
mod witnessed;
