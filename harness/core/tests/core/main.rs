//! The plan and the fold over hand-made events, with real protocols.

mod garbage;
mod holds;
mod lint;
mod matching;
mod plans;
mod script;
mod settling;
mod taken_back;
mod variations;
