//! The planned part of a property: what its values are drawn from and how often.

use proptest::strategy::BoxedStrategy;
use wardgate_expression::Json;
use wardgate_synth::Kind;

use crate::port::Catalog;

/// What a property's values are drawn from and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyCase {
    /// Names and generators.
    pub forall: Vec<(String, String)>,
    /// How many attempts with fresh values.
    pub cases: u32,
    /// Seeds of earlier failures, tried first.
    pub regressions: Vec<u64>,
    /// The most attempts that shrinking may take.
    pub shrink_attempts: u32,
}

/// The strategy behind a generator's name, and the kind of record that it yields if it is one of the population's.
pub(crate) fn find(
    catalog: &Catalog,
    generator: &str,
) -> Result<(BoxedStrategy<Json>, Option<&'static str>), String> {
    let found = match generator.split_once('.') {
        Some((protocol, name)) => catalog
            .get(protocol)
            .and_then(|protocol| protocol.generator(name))
            .map(|strategy| (strategy, None)),
        None => {
            Kind::parse(generator).map(|kind| (wardgate_synth::strategy(kind), Some(kind.name())))
        }
    };
    found.ok_or_else(|| {
        format!(
            "there is no generator '{generator}'; known are {}",
            generator_names(catalog).join(", ")
        )
    })
}

/// The names of every generator, for messages and the reference.
pub fn generator_names(catalog: &Catalog) -> Vec<String> {
    let mut names: Vec<String> = catalog
        .iter()
        .flat_map(|protocol| {
            protocol
                .guide()
                .generators
                .iter()
                .map(|word| format!("{}.{}", protocol.name(), word.name))
        })
        .collect();
    names.extend(Kind::ALL.iter().map(|kind| kind.name().to_owned()));
    names
}
