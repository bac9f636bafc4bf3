//! Colour: only where a terminal shows them.

use std::io::IsTerminal;

/// Whether standard error may be coloured: it is a terminal, and nobody asked for none (no-color.org).
pub fn colour_on_stderr() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Whether standard output may be coloured.
pub fn colour_on_stdout() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
