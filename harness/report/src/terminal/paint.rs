//! ANSI colours (ECMA-48 SGR), or none.

/// Paints where it was asked to.
#[derive(Clone, Copy, Debug)]
pub struct Paint(pub bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    pub fn pass(self, text: &str) -> String {
        self.with("32", text)
    }

    pub fn fail(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub fn warn(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }
}
