//! Reading the tables of guides. They are ours, so a line that cannot be read is a fault of the build: a test reads
//! them all.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{
    Condition, ConditionKind, Content, DataType, ElementSpec, Loop, Node, SegmentSpec, Simple,
    Usage,
};

/// The whole transaction set.
pub(super) fn read(table: &'static str) -> Loop {
    let mut open = vec![Loop {
        id: "ST",
        usage: Usage::Required,
        repeat: Some(1),
        position: 1,
        children: Vec::new(),
    }];
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&'static str> = line.split('\t').collect();
        let column = |number: usize| columns.get(number).copied().unwrap_or_default();
        let depth: usize = column(1).parse().unwrap_or_default();
        while open.len() > depth + 1 {
            close(&mut open);
        }
        let usage = usage(column(3));
        let repeat = repeat(column(4));
        let position = column(5).parse().unwrap_or_default();
        if column(0) == "L" {
            open.push(Loop {
                id: column(2),
                usage,
                repeat,
                position,
                children: Vec::new(),
            });
        } else if let Some(around) = open.last_mut() {
            around.children.push(Node::Segment(SegmentSpec {
                id: column(2),
                usage,
                max_use: repeat,
                position,
                conditions: column(6).split_whitespace().filter_map(condition).collect(),
                elements: column(7).split('|').map(element).collect(),
            }));
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.swap_remove(0)
}

fn close(open: &mut Vec<Loop>) {
    if let Some(inner) = open.pop()
        && let Some(around) = open.last_mut()
    {
        around.children.push(Node::Loop(inner));
    }
}

fn usage(text: &str) -> Usage {
    match text {
        "R" => Usage::Required,
        "N" => Usage::NotUsed,
        _ => Usage::Situational,
    }
}

fn repeat(text: &str) -> Option<usize> {
    text.parse().ok()
}

fn condition(text: &str) -> Option<Condition> {
    let (kind, places) = text.split_at_checked(1)?;
    let kind = match kind {
        "P" => ConditionKind::Paired,
        "R" => ConditionKind::Required,
        "E" => ConditionKind::Exclusive,
        "C" => ConditionKind::Conditional,
        "L" => ConditionKind::ListConditional,
        _ => return None,
    };
    let elements = (0..places.len() / 2)
        .filter_map(|pair| places.get(pair * 2..pair * 2 + 2)?.parse().ok())
        .collect();
    Some(Condition { kind, elements })
}

fn element(text: &'static str) -> ElementSpec {
    let (usage_text, rest) = text.split_at_checked(1).unwrap_or_default();
    let (count, rest) = match rest.split_once('x') {
        Some((count, rest))
            if count
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'>') =>
        {
            (repeat(count), rest)
        }
        _ => (Some(1), rest),
    };
    let content = match rest.split_once('(') {
        Some((_, parts)) => {
            let parts = parts.strip_suffix(')').unwrap_or(parts);
            let parts = parts.split(';').filter(|part| !part.is_empty());
            Content::Composite(parts.map(element).collect())
        }
        None => Content::Simple(simple(rest)),
    };
    ElementSpec {
        usage: usage(usage_text),
        repeat: count,
        content,
    }
}

fn simple(text: &'static str) -> Simple {
    let (number, codes) = match text.split_once('=') {
        Some((number, codes)) => (number, codes.split(',').collect()),
        None => (text, Vec::new()),
    };
    let known = data_elements().get(number).copied();
    let (data_type, length_min, length_max) = known.unwrap_or((DataType::Text, 1, usize::MAX));
    Simple {
        number: if known.is_some() { number } else { "" },
        data_type,
        length_min,
        length_max,
        codes,
    }
}

type Kind = (DataType, usize, usize);

fn data_elements() -> &'static HashMap<&'static str, Kind> {
    static READ: OnceLock<HashMap<&'static str, Kind>> = OnceLock::new();
    READ.get_or_init(|| {
        include_str!("tables/elements.tsv")
            .lines()
            .filter_map(|line| {
                let mut columns = line.split('\t');
                let number = columns.next()?;
                let data_type = match columns.next()? {
                    "AN" => DataType::Text,
                    "ID" => DataType::Identifier,
                    "R" => DataType::Decimal,
                    "DT" => DataType::Date,
                    "TM" => DataType::Time,
                    numeric => DataType::Numeric(numeric.strip_prefix('N')?.parse().ok()?),
                };
                let least = columns.next()?.parse().ok()?;
                let most = columns.next()?.parse().ok()?;
                Some((number, (data_type, least, most)))
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let root = read(
            "L\t0\t2300\tS\t100\t5\nS\t1\tSV1\tR\t1\t1\tP0304 L030405\tRC003(R235=HC,ER;R234;S>x1339)|S9x782|N0",
        );
        let Node::Loop(claim) = &root.children[0] else {
            panic!("it is a loop");
        };
        let segment = claim.children[0].first().unwrap();
        assert_eq!(segment.conditions[1].elements, [3, 4, 5]);
        assert_eq!(segment.qualifier(), Some((1, Some(1), &["HC", "ER"][..])));
        let Content::Composite(parts) = &segment.elements[0].content else {
            panic!("it is a composite");
        };
        assert_eq!((parts.len(), parts[2].repeat), (3, None));
        assert_eq!(segment.elements[1].repeat, Some(9));
        let Content::Simple(money) = &segment.elements[1].content else {
            panic!("it is simple");
        };
        assert_eq!((money.data_type, money.length_max), (DataType::Decimal, 18));
        assert_eq!(segment.elements[2].usage, Usage::NotUsed);
    }

    #[test]
    fn every_data_element_is_read() {
        let lines = include_str!("tables/elements.tsv").lines().count();
        assert_eq!(data_elements().len(), lines);
    }
}
