//! The routes, in the order in which they are listed.

use super::answer::Problem;

/// A route of the control API, as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// The method.
    pub method: &'static str,
    /// The path, with names in braces.
    pub path: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

const fn route(method: &'static str, path: &'static str, doc: &'static str) -> RouteInfo {
    RouteInfo { method, path, doc }
}

/// Every route of the control API.
pub const ROUTES: [RouteInfo; 13] = [
    route("GET", "/", "Lists the routes."),
    route(
        "GET",
        "/partners",
        "Every partner: its name, protocol and address, what it holds and how much it received.",
    ),
    route("GET", "/partners/{name}", "One of them."),
    route(
        "GET",
        "/partners/{name}/held",
        "Its collections and how many records each holds.",
    ),
    route(
        "GET",
        "/partners/{name}/held/{collection}",
        "The records of a collection: ?offset=N&limit=N.",
    ),
    route(
        "POST",
        "/partners/{name}/held/{collection}",
        "Holds more: one record, an array of them or NDJSON; all of them or none.",
    ),
    route(
        "GET",
        "/partners/{name}/received",
        "What it received, oldest first: ?since=N&limit=N&wait=MS.",
    ),
    route(
        "POST",
        "/partners/{name}/faults",
        "Makes it behave badly: down, refuse, slow, lose_reply, garble.",
    ),
    route(
        "DELETE",
        "/partners/{name}/faults",
        "Makes it behave well again.",
    ),
    route(
        "POST",
        "/partners/{name}/snapshot",
        "Remembers what it holds: a reset goes back to here.",
    ),
    route(
        "POST",
        "/partners/{name}/reset",
        "Goes back to the last snapshot, or to how it was started, and forgets what it received.",
    ),
    route("POST", "/snapshot", "A snapshot of every partner."),
    route("POST", "/reset", "A reset of every partner."),
];

/// What a path is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route<'p> {
    Root,
    Partners,
    Partner(&'p str),
    Collections(&'p str),
    Held(&'p str, &'p str),
    Received(&'p str),
    Faults(&'p str),
    Snapshot(&'p str),
    Reset(&'p str),
    SnapshotAll,
    ResetAll,
}

impl<'p> Route<'p> {
    /// What this path is about; a slash at its end changes nothing.
    pub(super) fn find(path: &'p str) -> Result<Self, Problem> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments = [""; 5];
        let mut count = 0;
        for segment in path.split('/').skip(1) {
            let Some(slot) = segments.get_mut(count) else {
                return Err(unknown(path));
            };
            *slot = segment;
            count += 1;
        }
        match segments[..count] {
            [] => Ok(Self::Root),
            ["partners"] => Ok(Self::Partners),
            ["snapshot"] => Ok(Self::SnapshotAll),
            ["reset"] => Ok(Self::ResetAll),
            ["partners", name] => Ok(Self::Partner(name)),
            ["partners", name, "held"] => Ok(Self::Collections(name)),
            ["partners", name, "held", collection] => Ok(Self::Held(name, collection)),
            ["partners", name, "received"] => Ok(Self::Received(name)),
            ["partners", name, "faults"] => Ok(Self::Faults(name)),
            ["partners", name, "snapshot"] => Ok(Self::Snapshot(name)),
            ["partners", name, "reset"] => Ok(Self::Reset(name)),
            _ => Err(unknown(path)),
        }
    }

    /// The methods that it has.
    pub(super) fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Root
            | Self::Partners
            | Self::Partner(_)
            | Self::Collections(_)
            | Self::Received(_) => &["GET", "HEAD"],
            Self::Held(..) => &["GET", "HEAD", "POST"],
            Self::Faults(_) => &["POST", "DELETE"],
            Self::Snapshot(_) | Self::Reset(_) | Self::SnapshotAll | Self::ResetAll => &["POST"],
        }
    }
}

fn unknown(path: &str) -> Problem {
    let mut known: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
    known.dedup();
    Problem::missing(
        format!("there is no '{path}' here"),
        format!("one of {}", known.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_route_is_found_and_has_its_method() {
        for listed in ROUTES {
            let path = listed.path.replace("{name}", "ehr");
            let path = path.replace("{collection}", "Patient");
            let found = Route::find(&path).expect("it is listed");
            assert!(found.methods().contains(&listed.method), "{listed:?}");
            assert_eq!(
                Route::find(&format!("{}/", path.trim_end_matches('/'))),
                Ok(found)
            );
        }
    }

    #[test]
    fn what_is_no_route_is_told_which_there_are() {
        for path in [
            "/partner",
            "/partners/a/b",
            "/a/b/c/d/e/f/g",
            "//",
            "/partners/a/held/b/c",
        ] {
            let problem = Route::find(path).expect_err(path);
            assert!(
                problem.expected.contains("/partners/{name}/received"),
                "{path}"
            );
        }
    }
}
