//! The plan and the fold over hand-made events, with real protocols.

mod garbage;
mod lint;
mod matching;
mod plans;
mod script;
mod settling;
mod variations;
