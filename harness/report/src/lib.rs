//! What people and machines get to read of a run.
//!
//! - [`run_file`]: `run.jsonl`, the versioned record of a run: enough to judge it again anywhere.
//! - [`replay`] judges such a record again and compares; [`merge`] makes one run of several shards.
//! - [`summary`]: one model that every renderer reads; it counts outcomes and computes none.
//! - [`traffic`]: the events beside it, for those that show what crossed the wires.
//! - [`junit`], [`html`], [`markdown`], [`terminal`] and [`json`] render them.
//! - [`text`], [`diff`], [`excerpt`] and [`script`] are what the renderers share: outside text made harmless, where two
//!   texts differ, messages as text, and what a case does in words.
//!
//! Text and bytes come in, text and bytes go out: no file, socket or clock is touched here.

pub mod diff;
pub mod excerpt;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod merge;
pub mod replay;
pub mod run_file;
pub mod script;
pub mod summary;
pub mod terminal;
pub mod text;
pub mod traffic;
