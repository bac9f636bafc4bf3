//! One fact.

use wardgate_expression::{Json, Object};

use crate::{Identifiers, Kind};

/// A protocol-neutral fact. Each protocol renders it in its own way.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is a fact about.
    pub kind: Kind,
    /// The value of the kind's [`id_field`](Kind::id_field).
    pub id: String,
    /// The fields that [`Kind::fields`] documents, as one object.
    pub fields: Json,
    /// The path of the seed that made it, from the root.
    pub seed_path: String,
}

/// Why a line is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A member of the record is missing or of another type.
    #[error("read a record: `{0}` is missing or has another type")]
    Member(&'static str),
    /// The kind is not one of ours.
    #[error("read a record: there is no kind `{0}`")]
    Kind(String),
}

impl Record {
    /// A record of fields as the kind documents them, with their placeholders replaced.
    pub fn stamped(
        kind: Kind,
        mut fields: Json,
        identifiers: &Identifiers,
        seed_path: &str,
    ) -> Self {
        identifiers.stamp_in_place(&mut fields);
        let id = fields
            .get(kind.id_field())
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned();
        Self {
            kind,
            id,
            fields,
            seed_path: seed_path.to_owned(),
        }
    }

    /// The value at a path of names and indexes: `family`, `patient.mrn`, `charges[0].amount`. `None` when the path
    /// leads nowhere.
    pub fn get(&self, path: &str) -> Option<&Json> {
        path.split('.').try_fold(&self.fields, |value, step| {
            let (name, mut indexes) = match step.find('[') {
                Some(at) => step.split_at(at),
                None => (step, ""),
            };
            let mut value = value.get(name)?;
            while !indexes.is_empty() {
                let (index, rest) = indexes.strip_prefix('[')?.split_once(']')?;
                value = value.at(index.parse().ok()?)?;
                indexes = rest;
            }
            Some(value)
        })
    }

    /// The record as one JSON object: `kind`, `id`, `seed_path` and `fields`.
    pub fn to_json(&self) -> Json {
        let mut object = Object::new();
        object.push("kind", self.kind.name());
        object.push("id", self.id.as_str());
        object.push("seed_path", self.seed_path.as_str());
        object.push("fields", &self.fields);
        Json::Object(object)
    }

    /// Reads what [`to_json`](Self::to_json) makes. Fields are taken as they are.
    pub fn from_json(json: &Json) -> Result<Self, RecordError> {
        let text = |name: &'static str| {
            json.get(name)
                .and_then(Json::as_str)
                .ok_or(RecordError::Member(name))
        };
        let kind = text("kind")?;
        let fields = json.get("fields").ok_or(RecordError::Member("fields"))?;
        if fields.as_object().is_none() {
            return Err(RecordError::Member("fields"));
        }
        Ok(Self {
            kind: Kind::parse(kind).ok_or_else(|| RecordError::Kind(kind.to_owned()))?,
            id: text("id")?.to_owned(),
            fields: fields.clone(),
            seed_path: text("seed_path")?.to_owned(),
        })
    }

    /// Appends [`to_json`](Self::to_json) as one line of JSON with its line feed.
    pub fn write_line(&self, out: &mut String) {
        // The kind's name needs no escaping; the rest is written by the JSON room, without a copy of the fields.
        out.push_str("{\"kind\":\"");
        out.push_str(self.kind.name());
        out.push_str("\",\"id\":");
        Json::from(self.id.as_str()).write_to(out);
        out.push_str(",\"seed_path\":");
        Json::from(self.seed_path.as_str()).write_to(out);
        out.push_str(",\"fields\":");
        self.fields.write_to(out);
        out.push_str("}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            kind: Kind::Stay,
            id: "VZ\"1".into(),
            fields: Json::parse(r#"{"a":{"b":[{"c":1.50},[2,3]]},"d":null}"#).unwrap(),
            seed_path: "x/1".into(),
        }
    }

    #[test]
    fn paths_lead_to_values_or_nowhere() {
        let record = record();
        for (path, value) in [("a.b[0].c", "1.50"), ("a.b[1][1]", "3"), ("d", "null")] {
            assert_eq!(
                record.get(path).map(ToString::to_string).as_deref(),
                Some(value),
                "{path}"
            );
        }
        for path in [
            "", "a.", ".a", "a.b[2]", "a.b[", "a.b[x]", "a.b]0[", "a.b[0]c", "d.e", "[0]",
        ] {
            assert_eq!(record.get(path), None, "{path}");
        }
    }

    #[test]
    fn lines_read_back() {
        let record = record();
        let mut line = String::new();
        record.write_line(&mut line);
        assert_eq!(line, format!("{}\n", record.to_json()));
        assert_eq!(Record::from_json(&Json::parse(&line).unwrap()), Ok(record));
    }

    #[test]
    fn what_is_no_record_is_named() {
        for (text, error) in [
            ("[]", RecordError::Member("kind")),
            (
                r#"{"kind":"patient","id":"1","seed_path":""}"#,
                RecordError::Member("fields"),
            ),
            (
                r#"{"kind":"ship","id":"1","seed_path":"","fields":{}}"#,
                RecordError::Kind("ship".into()),
            ),
            (
                r#"{"kind":"order","id":7,"seed_path":"","fields":{}}"#,
                RecordError::Member("id"),
            ),
        ] {
            assert_eq!(
                Record::from_json(&Json::parse(text).unwrap()),
                Err(error),
                "{text}"
            );
        }
    }
}
