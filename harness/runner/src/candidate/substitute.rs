//! `${…}` in the candidate's command, environment and addresses.

/// Fills every `${name}` with what `value` gives for it; the error names the one that is unknown.
pub(crate) fn fill(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        let end = inner
            .find('}')
            .ok_or_else(|| format!("'{text}' has a '${{' without its '}}'"))?;
        let name = &inner[..end];
        out.push_str(&value(name).ok_or_else(|| unknown(name))?);
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Every name that a text refers to.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split("${")
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

fn unknown(name: &str) -> String {
    format!(
        "'${{{name}}}' is not known here; known are ${{stubs.NAME.url}}, ${{stubs.NAME.addr}}, \
         ${{endpoints.NAME}} (once it is known), ${{ports.NAME}}, ${{run.dir}} and ${{self}}, each NAME as declared"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_and_unknown_ones_are_errors() {
        let value = |name: &str| (name == "a.b").then(|| String::from("1"));
        assert_eq!(fill("x${a.b}y${a.b}$z", &value).as_deref(), Ok("x1y1$z"));
        assert!(fill("${c}", &value).is_err_and(|error| error.contains("'${c}'")));
        assert!(fill("${a.b", &value).is_err());
        assert_eq!(names("${a.b}-${c}").collect::<Vec<_>>(), ["a.b", "c"]);
    }
}
