//! Values that are hard on those who handle them carelessly.

use proptest::{
    prelude::{Just, any, prop_oneof},
    sample::select,
    strategy::{BoxedStrategy, Strategy},
};
use wardgate_expression::Number;

/// A text: plain first, then with everything that escaping, encoding and truncation get wrong.
pub(super) fn text() -> BoxedStrategy<String> {
    prop_oneof![
        Just(String::from("plain")),
        "[a-z]{1,12}",
        select(vec![
            "O'Brien & Sons",
            "naïve café – Ærø",
            "Łukasz Żółć",
            "山田太郎",
            "|^~\\& in one line",
            "\"quoted\" <b>bold</b>",
            "a\\b\\.br\\c",
            "100 % of 50 µg",
            "line one\nline two",
            "😀 beyond the first plane",
        ])
        .prop_map(String::from),
    ]
    .boxed()
}

/// A decimal of up to nine digits and four places, its zeros at the end kept: 0, 1.10, 250.0000.
pub(super) fn decimal() -> BoxedStrategy<Number> {
    (0_u32..1_000_000_000, 0_u32..=9, 0_usize..=4)
        .prop_map(|(digits, kept, places)| {
            let digits = digits % 10_u32.pow(kept).max(1);
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = padded.split_at(padded.len() - places);
            let written = if places == 0 {
                whole.to_owned()
            } else {
                format!("{whole}.{fraction}")
            };
            Number::from_text(&written).unwrap_or_else(|| Number::from(0))
        })
        .boxed()
}

/// How much of a date is known; all of it is the plainest.
pub(super) fn precision() -> BoxedStrategy<usize> {
    // `YYYY-MM-DD`, `YYYY-MM` and `YYYY`, by their lengths.
    select(vec![10, 7, 4]).boxed()
}

/// A value that may be left out; left out is the plainest.
pub(super) fn maybe<S: Strategy>(strategy: S) -> impl Strategy<Value = Option<S::Value>> {
    proptest::option::of(strategy)
}

/// A truth value that may be left out.
pub(super) fn maybe_bool() -> impl Strategy<Value = Option<bool>> {
    maybe(any::<bool>())
}
