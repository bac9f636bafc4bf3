//! When an answer was made: a server with a clock says so (RFC 9110, section 6.6.1).
//!
//! The clock is the moment that the stub is told, so that a replay comes to the same bytes.

use wardgate_core::{
    port::{Action, Moment},
    wire::{Message, http_date},
};

/// Writes the date into answers. Answers of one second share its text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dater {
    second: i64,
    text: String,
}

impl Dater {
    /// Dates what is answered now, unless it is dated already or goes by other means than HTTP.
    pub(crate) fn date(&mut self, at: Moment, actions: &mut [Action]) {
        for action in actions {
            if let Action::Reply { message, .. } | Action::ReplyCut { message, .. } = action
                && let Message::Response(response) = message
                && response.header("date").is_none()
            {
                response.add_header("date", self.at(at));
            }
        }
    }

    fn at(&mut self, at: Moment) -> &str {
        let second = at.unix_ms.div_euclid(1_000);
        if self.text.is_empty() || self.second != second {
            self.second = second;
            self.text = http_date(at.unix_ms);
        }
        &self.text
    }
}
