//! Derives `src/search/parameters.tsv` and `src/structure/elements.tsv` from the official R4 definitions and fails
//! where a checked-in table differs.
//!
//! Set `WARDGATE_CORPORA` to the folder with the public data; without it the tests say that they skipped. Set
//! `WARDGATE_REGENERATE=1` as well to write the tables anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use wardgate_expression::Json;

/// The parameter types that the stub evaluates.
const SERVED: [&str; 7] = [
    "date",
    "number",
    "quantity",
    "reference",
    "string",
    "token",
    "uri",
];

#[test]
fn the_search_parameters_are_what_the_definitions_say() {
    check("src/search/parameters.tsv", parameters);
}

#[test]
fn the_elements_are_what_the_definitions_say() {
    check("src/structure/elements.tsv", elements);
}

fn check(table: &str, derive: fn(&Path) -> String) {
    let Some(corpora) = std::env::var_os("WARDGATE_CORPORA") else {
        println!("skipped: WARDGATE_CORPORA is not set");
        return;
    };
    let derived = derive(&Path::new(&corpora).join("fhir/definitions"));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(table);
    if std::env::var_os("WARDGATE_REGENERATE").is_some() {
        fs::write(&path, &derived).expect("the table can be written");
    }
    let checked_in = fs::read_to_string(&path).expect("the table is checked in");
    assert!(
        checked_in == derived,
        "{table} is not what the definitions say; run this test with WARDGATE_REGENERATE=1"
    );
}

/// The table: a line per resource type, under it one indented line per parameter (name, type, paths).
fn parameters(definitions: &Path) -> String {
    let mut types: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in
        fs::read_dir(definitions.join("structure-definitions")).expect("the definitions are there")
    {
        let definition = parse(&entry.expect("the folder can be listed").path());
        let concrete = definition.get("abstract").and_then(Json::as_bool) == Some(false);
        if concrete
            && text(&definition, "kind") == "resource"
            && text(&definition, "derivation") == "specialization"
        {
            types.insert(text(&definition, "type").to_owned(), BTreeSet::new());
        }
    }
    types.insert("*".to_owned(), BTreeSet::new());
    let bundle = parse(&definitions.join("search-parameters.json"));
    for entry in bundle
        .get("entry")
        .and_then(Json::as_array)
        .expect("it is a bundle")
    {
        let parameter = entry.get("resource").expect("each entry holds a parameter");
        let (code, kind) = (text(parameter, "code"), text(parameter, "type"));
        let expression = text(parameter, "expression");
        // Matching by sound is not served.
        if !SERVED.contains(&kind) || expression.is_empty() || code == "phonetic" {
            continue;
        }
        for base in parameter
            .get("base")
            .and_then(Json::as_array)
            .expect("each parameter has a base")
        {
            let base = base.as_str().expect("a base is a type name");
            let paths: Vec<String> = alternatives(expression)
                .into_iter()
                .filter_map(|alternative| compact(alternative, base))
                .collect();
            if paths.is_empty() {
                continue;
            }
            let home = if matches!(base, "Resource" | "DomainResource") {
                "*"
            } else {
                base
            };
            types
                .get_mut(home)
                .unwrap_or_else(|| panic!("{home} has a structure definition"))
                .insert(format!("{code}\t{kind}\t{}", paths.join("|")));
        }
    }
    let mut table = String::new();
    for (name, parameters) in &types {
        let _ = writeln!(table, "{name}");
        for parameter in parameters {
            let _ = writeln!(table, "\t{parameter}");
        }
    }
    table
}

/// The alternatives of an expression, split at `|` outside of parentheses.
fn alternatives(expression: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0_u32, 0, Vec::new());
    for (at, c) in expression.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth == 0 => {
                found.push(expression[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(expression[start..].trim());
    found
}

/// One alternative in the table's notation, or nothing if it speaks of another type or cannot be said in it:
/// `value:Quantity` for a cast, `[system=phone]` for a filter, `[>Patient]` for a reference's target type and `?` for
/// "is there and not false".
fn compact(alternative: &str, base: &str) -> Option<String> {
    if let Some((first, second)) = alternative.split_once(".exists() and ") {
        let path = first.strip_prefix(base)?.strip_prefix('.')?;
        assert_eq!(
            second,
            format!("{base}.{path} != false"),
            "the only conjunction in the definitions"
        );
        return Some(format!("{path}?"));
    }
    let mut rest = alternative.to_owned();
    if let Some(inner) = rest.strip_prefix('(') {
        let (inside, after) = inner.split_once(')').expect("parentheses close");
        let (path, cast) = inside.split_once(" as ").expect("parentheses hold a cast");
        rest = format!("{}:{}{after}", path.trim(), cast.trim());
    }
    let rest = rest.strip_prefix(base)?.strip_prefix('.')?.to_owned();
    let mut path = rest.replace(".as(", ":");
    if path.contains(':') && path.ends_with(')') {
        path.pop();
    }
    while let Some((before, after)) = path.split_once(".where(resolve() is ") {
        let (target, after) = after.split_once(')').expect("parentheses close");
        path = format!("{before}[>{target}]{after}");
    }
    while let Some((before, after)) = path.split_once(".where(") {
        let (condition, after) = after.split_once(')').expect("parentheses close");
        let (member, value) = condition
            .split_once('=')
            .expect("a filter compares one member");
        path = format!(
            "{before}[{}={}]{after}",
            member.trim(),
            value.trim().trim_matches('\'')
        );
    }
    // `Bundle.entry[0].resource` names a whole resource, which is not a value to search by.
    (!path.contains("[0]")).then_some(path)
}

/// The elements: a line per type or part of a type with its base, under it one indented line per element of its own
/// (name, types). Behind a name, `!` is 1..1, `*` is 0..*, `+` is 1..*. A type `>` is the part of that name, and
/// `>A.b` the part described at that place.
fn elements(definitions: &Path) -> String {
    let mut contexts: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for entry in
        fs::read_dir(definitions.join("structure-definitions")).expect("the definitions are there")
    {
        let definition = parse(&entry.expect("the folder can be listed").path());
        let kind = text(&definition, "kind");
        if !matches!(kind, "resource" | "complex-type")
            || !matches!(text(&definition, "derivation"), "specialization" | "")
        {
            continue;
        }
        let name = text(&definition, "type");
        let base = text(&definition, "baseDefinition")
            .rsplit('/')
            .next()
            .unwrap_or("");
        base.clone_into(&mut contexts.entry(name.to_owned()).or_default().0);
        let elements = definition
            .pointer("/snapshot/element")
            .and_then(Json::as_array);
        for element in elements.expect("a definition has a snapshot") {
            let path = text(element, "path");
            let Some((context, last)) = path.rsplit_once('.') else {
                continue;
            };
            let origin = element
                .pointer("/base/path")
                .and_then(Json::as_str)
                .unwrap_or(path);
            if origin != path || text(element, "max") == "0" {
                continue;
            }
            let mut types = Vec::new();
            for found in element.get("type").and_then(Json::as_array).unwrap_or(&[]) {
                let code = text(found, "code");
                if matches!(code, "BackboneElement" | "Element") {
                    code.clone_into(&mut contexts.entry(path.to_owned()).or_default().0);
                    types.push(String::from(">"));
                } else {
                    types.push(match code.rsplit_once("System.") {
                        Some((_, system)) => system.to_lowercase(),
                        None => code.to_owned(),
                    });
                }
            }
            if let Some((_, place)) = text(element, "contentReference").split_once('#') {
                types.push(format!(">{place}"));
            }
            let required = element.get("min").and_then(Json::as_i64) == Some(1);
            let mark = match (required, text(element, "max") == "1") {
                (true, true) => "!",
                (false, false) => "*",
                (true, false) => "+",
                (false, true) => "",
            };
            let line = format!("{last}{mark}\t{}", types.join("|"));
            contexts.entry(context.to_owned()).or_default().1.push(line);
        }
    }
    let mut table = String::new();
    for (name, (base, elements)) in &contexts {
        let _ = writeln!(table, "{name}\t{base}");
        for element in elements {
            let _ = writeln!(table, "\t{element}");
        }
    }
    table
}

fn parse(path: &Path) -> Json {
    Json::parse_bytes(&fs::read(path).expect("the file can be read")).expect("the file is JSON")
}

fn text<'a>(json: &'a Json, member: &str) -> &'a str {
    json.get(member).and_then(Json::as_str).unwrap_or("")
}
