//! The ways that messages travel: sockets and folders.
//!
//! HTTP is framed here like every other transport (see [`http_framing`]), so one server and one client serve all of
//! them, and raw bytes are written down as they crossed the wire.

pub(crate) mod address;
mod apart;
pub(crate) mod desk;
pub(crate) mod endpoint;
pub(crate) mod file_drop;
pub(crate) mod http_call;
pub(crate) mod http_framing;
pub(crate) mod intake;
pub(crate) mod partner;
pub(crate) mod patience;
