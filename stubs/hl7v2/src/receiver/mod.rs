//! The stub: an HL7 v2 receiver that takes messages in, acknowledges them and keeps them.
//!
//! Original mode answers each message once (AA, AE or AR). Enhanced mode answers as MSH-15 and MSH-16 ask: a commit
//! acknowledgement (CA, CE or CR) at once, and the application's own as a second message behind it on the same
//! connection. An acknowledgement that comes in is never acknowledged.
//!
//! A message that comes again, from the same sender under the same control ID and with the same content but for MSH-7,
//! gets the acknowledgements of the first one, byte for byte, and has no second effect; with other content it is
//! rejected. What was refused may come again.

mod acceptance;
mod journal;
mod options;
mod state;

pub use options::{Duplicates, Mode, Options, Validate};
pub use state::{COLLECTION, Receiver};
