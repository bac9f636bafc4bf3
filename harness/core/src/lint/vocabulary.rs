//! The words of the catalog's protocols, as lint asks for them.

use wardgate_contract::{
    Finding, Node,
    ast::{Partner, Send},
    lint::{Content, Member, Vocabulary},
    schema::{self, schema},
};
use wardgate_expression::Json;
use wardgate_synth::{FieldType, Kind};

use super::options;
use crate::{
    plan::generator_names,
    port::{Catalog, Names, Protocol},
};

/// Names by a closure.
struct Known<'a>(&'a dyn Fn(&str) -> bool);

impl Names for Known<'_> {
    fn knows(&self, name: &str) -> bool {
        (self.0)(name)
    }
}

impl Catalog {
    /// The JSON Schema of contract files with every word that these protocols, kinds and generators have.
    pub fn schema(&self) -> Json {
        schema(schema::Known {
            guides: &self.guides(),
            draws: &self.draws(),
            generators: &self.generators(),
        })
    }

    /// Asks a protocol; one that is not in the catalog has been reported already.
    fn ask(
        &self,
        protocol: &str,
        question: impl FnOnce(&dyn Protocol) -> Result<(), String>,
    ) -> Result<(), String> {
        self.get(protocol)
            .map_or(Ok(()), |protocol| question(protocol.as_ref()))
    }
}

impl Vocabulary for Catalog {
    fn protocols(&self) -> Vec<String> {
        self.names().into_iter().map(str::to_owned).collect()
    }

    fn draws(&self) -> Vec<String> {
        Kind::names().map(str::to_owned).collect()
    }

    fn members(&self, kind: &str) -> Option<Vec<Member>> {
        let fields = Kind::parse(kind)?.fields();
        let members = fields.iter().map(|field| Member {
            name: field.name,
            content: match field.field_type {
                FieldType::Record(kind) => Content::Record(kind.name()),
                FieldType::List(kind) => Content::List(kind.name()),
                _ => Content::Value,
            },
        });
        Some(members.collect())
    }

    fn generators(&self) -> Vec<String> {
        let mut names = generator_names(self);
        let others = Kind::names().map(str::to_owned);
        names.extend(
            others
                .filter(|name| !names.contains(name))
                .collect::<Vec<_>>(),
        );
        names
    }

    fn filters(&self) -> Vec<String> {
        self.filter_names().into_iter().map(str::to_owned).collect()
    }

    fn send(&self, send: &Send, knows: &dyn Fn(&str) -> bool) -> Vec<Finding> {
        self.get(&send.protocol.value)
            .map(|protocol| protocol.check_send(&send.body, &Known(knows)))
            .unwrap_or_default()
    }

    fn selector(&self, protocol: &str, selector: &str) -> Result<(), String> {
        self.ask(protocol, |protocol| protocol.check_selector(selector))
    }

    fn collection(&self, protocol: &str, collection: &str) -> Result<(), String> {
        self.ask(protocol, |protocol| protocol.check_collection(collection))
    }

    fn given(&self, protocol: &str, collection: &str) -> Result<(), String> {
        self.ask(protocol, |protocol| protocol.check_given(collection))
    }

    fn options(&self, partner: &Partner) -> Vec<Finding> {
        self.get(&partner.protocol.value)
            .map(|protocol| options::check(protocol.as_ref(), partner))
            .unwrap_or_default()
    }

    fn record(&self, partner: &Partner, collection: &str, record: &Node) -> Vec<Finding> {
        let options = partner.options.to_json();
        self.get(&partner.protocol.value)
            .map(|protocol| protocol.check_record(&options, collection, record))
            .unwrap_or_default()
    }

    fn locator(&self, protocol: &str, locator: &str) -> Result<(), String> {
        self.ask(protocol, |protocol| protocol.check_locator(locator))
    }

    fn refusal(&self, protocol: &str, refusal: &str) -> Result<(), String> {
        self.ask(protocol, |protocol| protocol.check_refusal(refusal))
    }
}
