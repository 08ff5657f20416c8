//! The `relapse` program.

fn main() -> std::process::ExitCode {
    relapse::cli::main().into()
}
