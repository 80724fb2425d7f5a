//! The binary: arguments in, exit code out. Everything else is in the library.

use std::process::ExitCode;

/// Gives memory back that is no longer used; how soon, `.cargo/config.toml` says.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    taxhome::cli::run()
}
