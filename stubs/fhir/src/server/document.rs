//! Writing Bundles around resources that are text already.

use bytes::Bytes;
use wardgate_expression::{Json, Object};

/// A Bundle in the making.
pub(crate) struct BundleText {
    out: Vec<u8>,
    entries: usize,
}

impl BundleText {
    /// A Bundle of this type, with its total where it has one and its links (relation, URL).
    pub(crate) fn new(kind: &str, total: Option<usize>, links: &[(&str, String)]) -> Self {
        let mut head = format!("{{\"resourceType\":\"Bundle\",\"type\":\"{kind}\"");
        if let Some(total) = total {
            head.push_str(",\"total\":");
            head.push_str(&total.to_string());
        }
        for (at, (relation, url)) in links.iter().enumerate() {
            head.push_str(if at == 0 { ",\"link\":[" } else { "," });
            head.push_str("{\"relation\":\"");
            head.push_str(relation);
            head.push_str("\",\"url\":");
            Json::from(url.as_str()).write_to(&mut head);
            head.push('}');
        }
        if !links.is_empty() {
            head.push(']');
        }
        Self {
            out: head.into_bytes(),
            entries: 0,
        }
    }

    /// Adds an entry: its URL, its resource as text, and what else there is to say, as the members of an object.
    pub(crate) fn entry(&mut self, full_url: Option<&str>, resource: Option<&[u8]>, more: &Json) {
        self.out.extend_from_slice(if self.entries == 0 {
            b",\"entry\":[{"
        } else {
            b",{"
        });
        self.entries += 1;
        let mut first = true;
        let mut comma = |out: &mut Vec<u8>| {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
        };
        if let Some(full_url) = full_url {
            comma(&mut self.out);
            self.out.extend_from_slice(b"\"fullUrl\":");
            self.out
                .extend_from_slice(Json::from(full_url).to_string().as_bytes());
        }
        if let Some(resource) = resource {
            comma(&mut self.out);
            self.out.extend_from_slice(b"\"resource\":");
            self.out.extend_from_slice(resource);
        }
        for (name, value) in more.as_object().into_iter().flat_map(Object::iter) {
            comma(&mut self.out);
            self.out
                .extend_from_slice(Json::from(name).to_string().as_bytes());
            self.out.push(b':');
            self.out.extend_from_slice(value.to_string().as_bytes());
        }
        self.out.push(b'}');
    }

    /// The whole Bundle.
    pub(crate) fn finish(mut self) -> Bytes {
        self.out
            .extend_from_slice(if self.entries == 0 { b"}" } else { b"]}" });
        self.out.into()
    }
}

#[cfg(test)]
mod tests {
    use wardgate_expression::json;

    use super::*;

    #[test]
    fn bundles_are_json_with_and_without_entries() {
        let empty = BundleText::new("history", None, &[]).finish();
        assert_eq!(&empty[..], br#"{"resourceType":"Bundle","type":"history"}"#);
        let mut bundle = BundleText::new(
            "searchset",
            Some(2),
            &[("self", "http://h/a?b=\"".to_owned())],
        );
        bundle.entry(
            Some("http://h/1"),
            Some(b"{}"),
            &json!({"search": {"mode": "match"}}),
        );
        bundle.entry(None, None, &json!({"response": {"status": "204"}}));
        let text = bundle.finish();
        let read = Json::parse_bytes(&text).expect("it is JSON");
        assert_eq!(
            read.pointer("/link/0/url").and_then(Json::as_str),
            Some("http://h/a?b=\"")
        );
        assert_eq!(
            read.get("entry").and_then(Json::as_array).map(<[_]>::len),
            Some(2)
        );
        assert_eq!(
            read.pointer("/entry/0/search/mode").and_then(Json::as_str),
            Some("match")
        );
    }
}
