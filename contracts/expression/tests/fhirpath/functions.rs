//! Functions on single values.

use crate::{fails_to_hold, failure, holds, shown, yields_nothing};

#[test]
fn texts() {
    holds("'O\\'Brien'.contains('Brien')");
    holds("'abc'.startsWith('ab') and 'abc'.endsWith('bc')");
    assert_eq!(shown("'äbc'.indexOf('c')"), ["2"]);
    assert_eq!(shown("'abcabc'.lastIndexOf('b')"), ["4"]);
    assert_eq!(shown("'abc'.indexOf('x')"), ["-1"]);
    assert_eq!(shown("'äöü'.substring(1, 1)"), ["'ö'"]);
    assert_eq!(shown("'abc'.substring(1)"), ["'bc'"]);
    yields_nothing("'abc'.substring(3)");
    yields_nothing("'abc'.substring(-1)");
    assert_eq!(shown("'ab'.upper() + 'AB'.lower()"), ["'ABab'"]);
    assert_eq!(shown("' a '.trim()"), ["'a'"]);
    assert_eq!(shown("'a,b'.split(',')"), ["'a'", "'b'"]);
    assert_eq!(shown("name.given.join('-')"), ["'Anna-Maria-Anna'"]);
    assert_eq!(shown("'añ'.toChars()"), ["'a'", "'ñ'"]);
    assert_eq!(shown("'añ'.length()"), ["2"]);
    assert_eq!(shown("'aXbX'.replace('X', '-')"), ["'a-b-'"]);
    yields_nothing("{}.upper()");
    assert!(failure("name.given.upper()").0.contains("one item, not 3"));
    assert_eq!(
        failure("1.upper()"),
        (
            "the input of `upper()` must be a text, not a number: 1".into(),
            "upper()".into()
        )
    );
}

#[test]
fn patterns() {
    holds("'12345'.matches('^[0-9]{5}$')");
    holds("'a\\nb'.matches('a.b')");
    fails_to_hold("'xabc'.matchesFull('abc|x')");
    assert_eq!(
        shown("'2024-05-01'.replaceMatches('(\\\\d+)-(\\\\d+)-(\\\\d+)', '$3.$2.$1')"),
        ["'01.05.2024'"]
    );
    // A pattern from the document is compiled when it is met.
    holds("'Anna'.matches(name[0].given[0])");
    assert!(
        failure("'a'.matches('(' & '')")
            .0
            .contains("regular expression")
    );
}

#[test]
fn codes() {
    assert_eq!(shown("'test'.encode('base64')"), ["'dGVzdA=='"]);
    assert_eq!(shown("'74657374'.decode('hex')"), ["'test'"]);
    assert_eq!(shown("'<a & b>'.escape('html')"), ["'&lt;a &amp; b&gt;'"]);
    assert_eq!(
        shown("'&lt;&#65;&amp;&nope;&'.unescape('html')"),
        ["'<A&&nope;&'"]
    );
    assert_eq!(shown("'a\\nb'.escape('json')"), ["'a\\nb'"]);
    assert!(failure("'a'.encode('rot13')").0.contains("format"));
    assert!(failure("'zz'.decode('hex')").0.contains("not valid hex"));
}

#[test]
fn conversions() {
    assert_eq!(shown("'12'.toInteger() + 1"), ["13"]);
    yields_nothing("'12.0'.toInteger()");
    yields_nothing("'abc'.toDecimal()");
    assert_eq!(shown("'12.50'.toDecimal()"), ["12.50"]);
    assert_eq!(shown("true.toInteger()"), ["1"]);
    assert_eq!(shown("'Y'.toBoolean()"), ["true"]);
    yields_nothing("2.toBoolean()");
    assert_eq!(shown("1.50.toString()"), ["'1.50'"]);
    assert_eq!(shown("multipleBirth.toString()"), ["'2'"]);
    yields_nothing("name[0].toString()");
    holds("'1'.convertsToInteger() and 'x'.convertsToInteger().not()");
    assert!(failure("name.given.toString()").0.contains("one item"));
}

#[test]
fn mathematics() {
    assert_eq!(shown("(-5.5).abs()"), ["5.5"]);
    assert_eq!(shown("1.1.ceiling()"), ["2"]);
    assert_eq!(shown("(-1.1).floor()"), ["-2"]);
    assert_eq!(shown("(-1.9).truncate()"), ["-1"]);
    assert_eq!(shown("2.345.round(2)"), ["2.35"]);
    assert_eq!(shown("(-2.5).round()"), ["-3"]);
    assert_eq!(shown("2.power(10)"), ["1024"]);
    assert_eq!(shown("1.05.power(3)"), ["1.157625"]);
    assert_eq!(shown("2.power(-1)"), ["0.5"]);
    yields_nothing("(-1).power(0.5)");
    assert_eq!(shown("81.sqrt()"), ["9"]);
    yields_nothing("(-1).sqrt()");
    assert_eq!(shown("16.log(2)"), ["4"]);
    assert_eq!(shown("0.exp()"), ["1"]);
    yields_nothing("0.ln()");
    holds("2.sqrt().power(2) ~ 2.0");
    assert!(failure("'a'.abs()").0.contains("must be a number"));
    assert!(failure("1.5.round(-1)").0.contains("negative"));
}

#[test]
fn precision_and_bounds() {
    assert_eq!(shown("1.587.lowBoundary(6)"), ["1.586500"]);
    assert_eq!(shown("1.587.highBoundary(2)"), ["1.59"]);
    assert_eq!(shown("1.58700.precision()"), ["5"]);
    assert_eq!(shown("@2014-01-05T10:30:00.000.precision()"), ["17"]);
    yields_nothing("1.587.lowBoundary(40)");
}
