//! Files dropped into a folder that the candidate watches, such as a nightly batch of charges.
//!
//! A file has no reply: what became of it shows at the partners. There is no stub either, since nobody receives
//! files from the candidate here.
//!
//! ```yaml
//! send:
//!   file:
//!     to: charges
//!     name: charges-${case}.csv
//!     content: |
//!       facility,account,amount
//!       HOSP,${account},12.50
//!       TRAILER,1,12.50
//! ```

mod encoding;
mod guide;
mod malform;
mod protocol;
mod reading;

pub use protocol::File;
