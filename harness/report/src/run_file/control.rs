//! What a stub was told, as a part of a line.

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Serialize};
use wardgate_core::port::{Control, Fault};

/// What a stub was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
// Each is documented at `wardgate_core::port::Control`.
pub enum ControlLine<'a> {
    Down {
        attempts: u32,
    },
    Slow {
        by_ns: u64,
        attempts: u32,
    },
    Refuse {
        #[serde(borrow)]
        with: Option<Cow<'a, str>>,
        attempts: u32,
    },
    LoseReply {
        attempts: u32,
    },
    Garble {
        attempts: u32,
    },
    ClearFaults,
    Seed {
        #[serde(borrow)]
        collection: Cow<'a, str>,
        record: String,
    },
    Reset,
}

/// The line of what a stub was told.
pub fn control_line(control: &Control) -> ControlLine<'_> {
    match control {
        Control::Fault(Fault::Down { attempts }) => ControlLine::Down {
            attempts: *attempts,
        },
        Control::Fault(Fault::Slow { by, attempts }) => ControlLine::Slow {
            by_ns: u64::try_from(by.as_nanos()).unwrap_or(u64::MAX),
            attempts: *attempts,
        },
        Control::Fault(Fault::Refuse { with, attempts }) => ControlLine::Refuse {
            with: with.as_deref().map(Cow::Borrowed),
            attempts: *attempts,
        },
        Control::Fault(Fault::LoseReply { attempts }) => ControlLine::LoseReply {
            attempts: *attempts,
        },
        Control::Fault(Fault::Garble { attempts }) => ControlLine::Garble {
            attempts: *attempts,
        },
        Control::ClearFaults => ControlLine::ClearFaults,
        Control::Seed { collection, record } => ControlLine::Seed {
            collection: Cow::Borrowed(collection),
            record: record.to_string(),
        },
        Control::Reset => ControlLine::Reset,
    }
}

/// What a line says that a stub was told; the error says what is wrong with it.
pub fn control_of(line: &ControlLine<'_>) -> Result<Control, String> {
    Ok(match line {
        ControlLine::Down { attempts } => Control::Fault(Fault::Down {
            attempts: *attempts,
        }),
        ControlLine::Slow { by_ns, attempts } => Control::Fault(Fault::Slow {
            by: Duration::from_nanos(*by_ns),
            attempts: *attempts,
        }),
        ControlLine::Refuse { with, attempts } => Control::Fault(Fault::Refuse {
            with: with.as_ref().map(ToString::to_string),
            attempts: *attempts,
        }),
        ControlLine::LoseReply { attempts } => Control::Fault(Fault::LoseReply {
            attempts: *attempts,
        }),
        ControlLine::Garble { attempts } => Control::Fault(Fault::Garble {
            attempts: *attempts,
        }),
        ControlLine::ClearFaults => Control::ClearFaults,
        ControlLine::Seed { collection, record } => Control::Seed {
            collection: collection.to_string(),
            record: wardgate_expression::Json::parse(record)
                .map_err(|_| String::from("a seeded record is not JSON"))?,
        },
        ControlLine::Reset => Control::Reset,
    })
}
