//! Standard output that may close early: `taxhome ask … | head -1` has what it wanted, and that is no failure.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// Prints a line; ends the program quietly where nobody reads any more.
pub fn say(line: impl Display) {
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}") {
        std::process::exit(if error.kind() == ErrorKind::BrokenPipe { 0 } else { 1 });
    }
}
