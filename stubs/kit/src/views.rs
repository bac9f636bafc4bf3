//! Records that are made of messages, which takes many times the memory of the message.

use std::{
    borrow::Cow,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use wardgate_expression::Json;

/// About how many bytes of records one stub keeps; the records beyond are made anew whenever they are looked at.
const KEPT_MAX: usize = 64 << 20;

/// How much memory the records of one stub and of its snapshots take.
#[derive(Clone, Debug, Default)]
pub struct Views(Arc<AtomicUsize>);

impl Views {
    /// A place for one record, which nothing has been made for yet.
    pub fn view(&self) -> View {
        View {
            made: OnceLock::new(),
            all: self.clone(),
        }
    }

    /// About how many bytes are kept.
    pub fn memory(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A record, made when it is first looked at and kept while there is room.
#[derive(Debug)]
pub struct View {
    made: OnceLock<(Json, usize)>,
    all: Views,
}

impl View {
    /// The record, which `make` makes where it is not at hand.
    pub fn get(&self, make: impl FnOnce() -> Json) -> Cow<'_, Json> {
        if let Some((record, _)) = self.made.get() {
            return Cow::Borrowed(record);
        }
        let record = make();
        let takes = record.memory();
        if self.all.memory().saturating_add(takes) > KEPT_MAX {
            return Cow::Owned(record);
        }
        let (kept, _) = self.made.get_or_init(|| {
            self.all.0.fetch_add(takes, Ordering::Relaxed);
            (record, takes)
        });
        Cow::Borrowed(kept)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        if let Some((_, takes)) = self.made.get() {
            self.all.0.fetch_sub(*takes, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_made_once_and_given_back() {
        let views = Views::default();
        let view = views.view();
        assert_eq!(*view.get(|| Json::from("made")), Json::from("made"));
        assert_eq!(*view.get(|| panic!("it is there")), Json::from("made"));
        assert!(views.memory() > 0);
        drop(view);
        assert_eq!(views.memory(), 0);
    }

    #[test]
    fn beyond_the_room_records_are_made_anew() {
        let views = Views::default();
        let large = || Json::from("x".repeat(KEPT_MAX / 3));
        let all: Vec<View> = (0..4).map(|_| views.view()).collect();
        let kept = all
            .iter()
            .filter(|view| matches!(view.get(large), Cow::Borrowed(_)));
        assert_eq!(kept.count(), 2);
        assert!(views.memory() <= KEPT_MAX);
    }
}
