//! What the guides of protocols that travel over HTTP have in common.

use wardgate_core::port::{PlaceDoc, Word};

/// What a location may be.
pub const LOCATION: &str = "`status`, `header.NAME`, `method`, `path`, `query.NAME`, `body` (as text), or an expression \
                            over the body, in which `%resource.status` is a member called `status`.";

/// What `with` of `partner refusing` may be.
pub const REFUSAL: PlaceDoc = PlaceDoc {
    place: "with",
    doc: "The status that refuses, from 400 to 599. Left out: 503.",
    examples: &["503", "429"],
};

/// The forms of [`malform`](super::malform), in its order.
pub const MALFORMATIONS: [Word; 4] = [
    Word {
        name: super::malform::NAMES[0],
        doc: "The document is cut off in the middle.",
    },
    Word {
        name: super::malform::NAMES[1],
        doc: "A list where an object was.",
    },
    Word {
        name: super::malform::NAMES[2],
        doc: "The document stands behind a byte that is never part of UTF-8.",
    },
    Word {
        name: super::malform::NAMES[3],
        doc: "Nothing at all, where there was a body.",
    },
];
