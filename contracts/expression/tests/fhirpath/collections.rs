//! Functions on collections.

use wardgate_expression::json;

use crate::{fails_to_hold, failure, holds, shown, shown_for, yields_nothing};

#[test]
fn existence() {
    holds("name.exists(use = 'official')");
    fails_to_hold("name.exists(use = 'nickname')");
    holds("{}.all(false)");
    holds("name.all(given.exists())");
    fails_to_hold("name.all(given.count() = 2)");
    holds("name.empty().not()");
    holds("(true | false).anyTrue() and (true | false).anyFalse()");
    fails_to_hold("(true | false).allTrue() or (true | false).allFalse()");
    holds("{}.allTrue() and {}.allFalse()");
    assert!(failure("(true | 'a').allTrue()").0.contains("truth value"));
}

#[test]
fn filters_and_projections() {
    assert_eq!(
        shown("identifier.where(system = 'urn:mrn').value"),
        ["'12345'"]
    );
    assert_eq!(
        shown("name.select(given.first() + ' ' + family)"),
        ["'Anna Smith'", "'Anna Jones'"]
    );
    assert_eq!(shown("name.given.select($index)"), ["0", "1", "2"]);
    assert_eq!(shown("name.where($index = 1).family"), ["'Jones'"]);
    let tree =
        json!({"item": [{"id": "1", "item": [{"id": "2"}, {"id": "3", "item": [{"id": "4"}]}]}]});
    assert_eq!(
        shown_for(&tree, "repeat(item).id"),
        ["'1'", "'2'", "'3'", "'4'"]
    );
    assert_eq!(shown("name.repeat('x')"), ["'x'"]);
}

#[test]
fn parts_by_position() {
    let items = "(1 | 2 | 3 | 4)";
    assert_eq!(shown(&format!("{items}.first()")), ["1"]);
    assert_eq!(shown(&format!("{items}.last()")), ["4"]);
    assert_eq!(shown(&format!("{items}.tail()")), ["2", "3", "4"]);
    assert_eq!(shown(&format!("{items}.skip(3)")), ["4"]);
    assert_eq!(shown(&format!("{items}.take(2)")), ["1", "2"]);
    assert_eq!(shown(&format!("{items}.take(-1)")), Vec::<String>::new());
    assert_eq!(shown(&format!("{items}.skip(-1).count()")), ["4"]);
    yields_nothing("{}.first()");
    assert_eq!(
        shown("name.where(use = 'official').single().family"),
        ["'Smith'"]
    );
    assert!(failure("name.single()").0.contains("one item, not 2"));
}

#[test]
fn sets() {
    assert_eq!(shown("name.given.distinct()"), ["'Anna'", "'Maria'"]);
    fails_to_hold("name.given.isDistinct()");
    assert_eq!(shown("(1 | 2 | 3).intersect(2 | 3 | 4)"), ["2", "3"]);
    assert_eq!(shown("name.given.exclude('Maria')"), ["'Anna'", "'Anna'"]);
    assert_eq!(shown("name.given.combine('Anna').count()"), ["4"]);
    assert_eq!(
        shown("name.given.union('Eve')"),
        ["'Anna'", "'Maria'", "'Eve'"]
    );
    holds("(1 | 2).subsetOf(1 | 2 | 3)");
    fails_to_hold("(1 | 4).subsetOf(1 | 2 | 3)");
    holds("(1 | 2 | 3).supersetOf(3)");
    holds("(1 | 1.0 | 1.00).count() = 1");
    holds("(1 'g' | 1000 'mg').count() = 1");
    holds("(@2024-05-01T10:00:00Z | @2024-05-01T12:00:00+02:00).count() = 1");
}

#[test]
fn arguments_are_seen_from_where_the_path_stands() {
    assert_eq!(shown("name.select(use.union(given)).count()"), ["5"]);
    assert_eq!(shown("name.given.combine(name.family).count()"), ["5"]);
}

#[test]
fn sorting() {
    assert_eq!(shown("(3 | 1 | 2).sort()"), ["1", "2", "3"]);
    assert_eq!(shown("(3 | 1 | 2).sort(-$this)"), ["3", "2", "1"]);
    assert_eq!(shown("name.sort(family).family"), ["'Jones'", "'Smith'"]);
    assert_eq!(
        shown("name.sort(given.first(), -family).family"),
        ["'Smith'", "'Jones'"]
    );
    assert!(failure("(1 | 'a').sort()").0.contains("no order"));
}

#[test]
fn aggregates() {
    assert_eq!(shown("(1 | 2 | 3).aggregate($total + $this, 0)"), ["6"]);
    assert_eq!(shown("(0.10 | 0.20).sum()"), ["0.30"]);
    assert_eq!(shown("{}.sum()"), ["0"]);
    assert_eq!(shown("(3 | 1 | 2).min()"), ["1"]);
    assert_eq!(shown("(3 | 1 | 2).max()"), ["3"]);
    assert_eq!(shown("(1 | 2).avg()"), ["1.5"]);
    assert_eq!(shown("(@2024-05-01 | @2023-05-01).max()"), ["@2024-05-01"]);
    assert_eq!(shown("(1 'g' | 500 'mg').sum()"), ["1.5 'g'"]);
    yields_nothing("{}.max()");
    yields_nothing("{}.avg()");
    assert!(failure("name.family.sum()").0.contains("must be a number"));
    assert!(failure("(1 'g' | 1 'm').sum()").0.contains("do not fit"));
}

#[test]
fn choosing() {
    assert_eq!(shown("iif(active, 'yes', 1 / 'a')"), ["'yes'"]);
    assert_eq!(shown("iif({}, 'yes', 'no')"), ["'no'"]);
    yields_nothing("iif(false, 'yes')");
    assert_eq!(
        shown("name.select(iif(use = 'maiden', family, given.first()))"),
        ["'Anna'", "'Jones'"]
    );
    assert!(failure("name.iif(true, 1)").0.contains("one item"));
}
