//! The renderers over one made-up run that has a bit of everything, and over hostile ones; the run file over a small
//! real run.

mod hostile;
mod html;
mod junit;
mod markdown;
mod merge;
mod recorded;
mod replay;
mod run_file;
mod sample;
mod summary;
mod terminal;
