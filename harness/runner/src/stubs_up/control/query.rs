//! The query of a request: whole numbers by name.

use super::answer::Problem;

/// A number that a query may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is where nothing is said.
    pub(super) usual: u64,
    /// The least that it may be.
    pub(super) least: u64,
    /// The most that it may be.
    pub(super) most: u64,
}

/// Reads a query that may hold these; each at most once, and nothing else.
pub(super) fn numbers<const N: usize>(
    query: Option<&str>,
    known: [Parameter; N],
) -> Result<[u64; N], Problem> {
    let mut values = known.map(|parameter| parameter.usual);
    let mut seen = [false; N];
    let pairs = query
        .unwrap_or("")
        .split('&')
        .filter(|pair| !pair.is_empty());
    for pair in pairs {
        let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(place) = known.iter().position(|parameter| parameter.name == name) else {
            return Err(Problem::bad(
                format!("'{name}' cannot be asked for here"),
                expected(&known),
            ));
        };
        let Parameter { least, most, .. } = known[place];
        let value = text
            .parse()
            .ok()
            .filter(|value| (least..=most).contains(value));
        let Some(value) = value.filter(|_| !seen[place]) else {
            return Err(Problem::bad(
                format!("'{pair}' is not what can be asked for"),
                expected(&known),
            ));
        };
        seen[place] = true;
        values[place] = value;
    }
    Ok(values)
}

fn expected(known: &[Parameter]) -> String {
    if known.is_empty() {
        return String::from("no query");
    }
    let names: Vec<String> = known
        .iter()
        .map(|parameter| match parameter.most {
            u64::MAX => format!("{}, a whole number", parameter.name),
            most => format!(
                "{}, a whole number from {} to {most}",
                parameter.name, parameter.least
            ),
        })
        .collect();
    format!("at most once each: {}", names.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Parameter; 2] = [
        Parameter {
            name: "since",
            usual: 0,
            least: 0,
            most: u64::MAX,
        },
        Parameter {
            name: "limit",
            usual: 100,
            least: 1,
            most: 1_000,
        },
    ];

    #[test]
    fn numbers_are_read_by_name() {
        assert_eq!(numbers(None, KNOWN), Ok([0, 100]));
        assert_eq!(numbers(Some(""), KNOWN), Ok([0, 100]));
        assert_eq!(numbers(Some("limit=7&since=3"), KNOWN), Ok([3, 7]));
    }

    #[test]
    fn anything_else_is_refused_with_what_may_stand_there() {
        for query in [
            "limit=0",
            "limit=1001",
            "limit=",
            "limit",
            "limit=-1",
            "limit=1&limit=2",
            "from=1",
            "=1",
        ] {
            let problem = numbers(Some(query), KNOWN).expect_err(query);
            assert!(
                problem
                    .expected
                    .contains("limit, a whole number from 1 to 1000"),
                "{query}"
            );
        }
        assert_eq!(
            numbers::<0>(Some("a=1"), [])
                .expect_err("nothing is known")
                .expected,
            "no query"
        );
    }
}
