//! The table of elements, read when it is first needed and each type of it when that is.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, DefaultHasher},
    sync::{LazyLock, OnceLock},
};

use super::primitive::Primitive;

/// A type, or a part of one that has elements of its own, such as `Patient.contact`.
#[derive(Debug)]
pub(crate) struct Context {
    name: &'static str,
    /// The type whose elements it has as well; empty for those that are at the root.
    base: &'static str,
    /// Its own elements, a line each.
    lines: Vec<&'static str>,
    members: OnceLock<Members>,
}

/// The members that an object of a context may have.
#[derive(Debug, Default)]
pub(super) struct Members {
    by_name: HashMap<String, Member, BuildHasherDefault<DefaultHasher>>,
    required: Vec<Group>,
    choices: Vec<Group>,
}

/// An element and the names of its members: several where it is a choice of types.
#[derive(Debug)]
pub(super) struct Group {
    /// The element's name, such as `value[x]`.
    pub(super) element: &'static str,
    /// The members' names.
    pub(super) names: Vec<String>,
}

/// What a member may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// Whether it is a list.
    pub(super) list: bool,
    /// What it, or each of its items, is.
    pub(super) content: Content,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    /// A primitive.
    Primitive(Primitive),
    /// An object with these elements; of unknown ones where the table lacks them.
    Part(Option<&'static Context>),
    /// Any resource.
    Resource,
}

static CONTEXTS: LazyLock<HashMap<&'static str, Context>> = LazyLock::new(|| {
    let mut contexts: Vec<Context> = Vec::new();
    for line in include_str!("elements.tsv").lines() {
        if let Some(element) = line.strip_prefix('\t') {
            if let Some(context) = contexts.last_mut() {
                context.lines.push(element);
            }
        } else {
            let (name, base) = line.split_once('\t').unwrap_or((line, ""));
            contexts.push(Context {
                name,
                base,
                lines: Vec::new(),
                members: OnceLock::new(),
            });
        }
    }
    contexts
        .into_iter()
        .map(|context| (context.name, context))
        .collect()
});

impl Context {
    /// The context of this name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        CONTEXTS.get(name)
    }

    /// Its name, such as `Reference` or `Patient.contact`.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it is a resource type rather than a data type.
    pub(super) fn is_resource(&self) -> bool {
        matches!(self.base, "DomainResource" | "Resource") && self.name != "DomainResource"
    }

    /// The members that an object of this context may have.
    pub(super) fn members(&'static self) -> &'static Members {
        self.members.get_or_init(|| {
            let mut members = Members::default();
            let mut context = Some(self);
            // The bases of a type are a handful, and none is its own.
            while let Some(at) = context {
                for line in &at.lines {
                    members.read(line, at.name);
                }
                context = Self::find(at.base);
            }
            members
        })
    }
}

impl Members {
    /// The member of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Member> {
        self.by_name.get(name)
    }

    /// The elements of which there must be one.
    pub(super) fn required(&self) -> &[Group] {
        &self.required
    }

    /// The elements that are a choice of types.
    pub(super) fn choices(&self) -> &[Group] {
        &self.choices
    }

    fn read(&mut self, line: &'static str, home: &str) {
        let Some((marked, types)) = line.split_once('\t') else {
            return;
        };
        let element = marked.trim_end_matches(['!', '*', '+']);
        let (required, list) = (marked.ends_with(['!', '+']), marked.ends_with(['*', '+']));
        let mut names = Vec::new();
        for kind in types.split('|') {
            let name = match element.strip_suffix("[x]") {
                None => element.to_owned(),
                Some(stem) => {
                    let mut letters = kind.chars();
                    let first = letters.next().map(|first| first.to_ascii_uppercase());
                    stem.chars().chain(first).chain(letters).collect()
                }
            };
            let content = match kind {
                ">" => Content::Part(Context::find(&format!("{home}.{element}"))),
                "Resource" => Content::Resource,
                _ => match (kind.strip_prefix('>'), Primitive::parse(kind)) {
                    (Some(place), _) => Content::Part(Context::find(place)),
                    (None, Some(primitive)) => Content::Primitive(primitive),
                    (None, None) => Content::Part(Context::find(kind)),
                },
            };
            self.by_name.insert(name.clone(), Member { list, content });
            names.push(name);
        }
        let is_choice = names.len() > 1;
        if required {
            self.required.push(Group {
                element,
                names: names.clone(),
            });
        }
        if is_choice {
            self.choices.push(Group { element, names });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_that_the_table_names_is_there() {
        for context in CONTEXTS.values() {
            for (name, member) in &context.members().by_name {
                assert!(
                    !matches!(member.content, Content::Part(None)),
                    "{}.{name} has no description",
                    context.name
                );
            }
        }
    }

    #[test]
    fn every_resource_type_that_can_be_served_can_be_checked() {
        for kind in crate::search::ResourceType::all() {
            assert!(
                Context::find(kind.name).is_some_and(Context::is_resource),
                "{}",
                kind.name
            );
        }
        assert!(!Context::find("HumanName").is_some_and(Context::is_resource));
    }
}
