//! The URL of a request: where the API is, and what below it is meant.

use std::borrow::Cow;

use wardgate_stub_kit::http::percent;

/// The most segments below the API's base.
const SEGMENTS_MAX: usize = 8;

/// A path that leads into the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target<'p> {
    /// The path up to the API's version, such as `/v2.0/Production/api/v2.0`.
    pub(crate) base: &'p str,
    /// What follows.
    pub(crate) segments: Vec<Segment<'p>>,
}

/// One segment: `customers`, `customers(…)` or an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'p> {
    /// What stands before the parenthesis.
    pub(crate) name: Cow<'p, str>,
    /// What stands in it.
    pub(crate) key: Option<Cow<'p, str>>,
}

impl<'p> Target<'p> {
    /// Reads a path, still percent-encoded. None where it does not lead into version 2.0 of the API.
    ///
    /// On premises the API is at `/api/v2.0`, online at `/v2.0/{environment}/api/v2.0` with or without a tenant.
    pub(crate) fn read(path: &'p str) -> Option<Self> {
        let at = path.find("/api/v2.0")?;
        let (base, rest) = path.split_at(at + "/api/v2.0".len());
        let online = base
            .strip_prefix("/v2.0/")
            .map(|rest| rest.split('/').count());
        // What precedes `/api/v2.0` is the environment, or the tenant and the environment.
        let is_base = at == 0 || matches!(online, Some(3 | 4));
        if !is_base || !(rest.is_empty() || rest.starts_with('/')) {
            return None;
        }
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let segments = if rest.is_empty() {
            Vec::new()
        } else {
            rest.split('/')
                .take(SEGMENTS_MAX + 1)
                .map(Segment::read)
                .collect::<Option<Vec<_>>>()?
        };
        (segments.len() <= SEGMENTS_MAX).then_some(Self { base, segments })
    }

    /// What the request is about, without keys and company, such as `salesInvoices/Microsoft.NAV.post`; of the
    /// companies themselves, `companies`.
    pub(crate) fn shape(&self) -> String {
        let skip = usize::from(
            self.segments.len() > 1
                && self.segments[0].name == "companies"
                && self.segments[0].key.is_some(),
        );
        let names: Vec<&str> = self.segments[skip..]
            .iter()
            .map(|segment| &*segment.name)
            .collect();
        names.join("/")
    }
}

impl<'p> Segment<'p> {
    fn read(text: &'p str) -> Option<Self> {
        let split = |text: &str| -> Option<(usize, Option<(usize, usize)>)> {
            match text.find('(') {
                None => Some((text.len(), None)),
                Some(open) => text
                    .ends_with(')')
                    .then(|| (open, Some((open + 1, text.len() - 1)))),
            }
        };
        let segment = match percent::decode(text)? {
            Cow::Borrowed(text) => {
                let (end, key) = split(text)?;
                Self {
                    name: Cow::Borrowed(&text[..end]),
                    key: key.map(|(start, end)| Cow::Borrowed(&text[start..end])),
                }
            }
            Cow::Owned(text) => {
                let (end, key) = split(&text)?;
                Self {
                    name: Cow::Owned(text[..end].to_owned()),
                    key: key.map(|(start, end)| Cow::Owned(text[start..end].to_owned())),
                }
            }
        };
        (!segment.name.is_empty()).then_some(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_found_at_every_usual_place() {
        for (path, base, shape) in [
            ("/api/v2.0", "/api/v2.0", ""),
            ("/api/v2.0/companies", "/api/v2.0", "companies"),
            ("/api/v2.0/companies(1)/", "/api/v2.0", "companies"),
            (
                "/v2.0/Production/api/v2.0/companies(1)/customers",
                "/v2.0/Production/api/v2.0",
                "customers",
            ),
            (
                "/v2.0/tenant/Production/api/v2.0/companies",
                "/v2.0/tenant/Production/api/v2.0",
                "companies",
            ),
            (
                "/api/v2.0/companies(1)/salesInvoices(2)/Microsoft.NAV.post",
                "/api/v2.0",
                "salesInvoices/Microsoft.NAV.post",
            ),
            (
                "/api/v2.0/companies%281%29/customers(2)",
                "/api/v2.0",
                "customers",
            ),
        ] {
            let target = Target::read(path).expect(path);
            assert_eq!(
                (target.base, target.shape().as_str()),
                (base, shape),
                "{path}"
            );
        }
    }

    #[test]
    fn other_paths_lead_nowhere() {
        for path in [
            "/",
            "/companies",
            "/api/v1.0/companies",
            "/api/v2.01/companies",
            "/x/api/v2.0/companies",
            "/v2.0/a/b/c/api/v2.0/companies",
            "/api/v2.0/companies(1",
            "/api/v2.0//customers",
            "/api/v2.0/%",
            "/api/v2.0/a/b/c/d/e/f/g/h/i",
        ] {
            assert_eq!(Target::read(path), None, "{path}");
        }
    }
}
