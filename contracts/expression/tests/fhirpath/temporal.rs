//! Dates and times.

use wardgate_expression::fhirpath::{Context, Date, DateTime, Expression};
use wardgate_expression::{Json, json};

use crate::{fails_to_hold, failure, holds, shown, shown_for, yields_nothing};

#[test]
fn literals_keep_their_precision() {
    for text in [
        "@2024",
        "@2024-05",
        "@2024-05-01",
        "@2024-05-01T10:30:00.120+02:00",
        "@T10:30",
    ] {
        assert_eq!(shown(text), [text]);
    }
    assert_eq!(shown("@2024T"), ["@2024T"]);
    holds("@2024-05-01 is Date");
    holds("@2024-05-01T is DateTime");
    holds("@T10 is Time");
}

#[test]
fn partial_dates_leave_questions_open() {
    holds("@2018 < @2019-01-01");
    yields_nothing("@2018-03 < @2018-03-01");
    yields_nothing("@2018-03 = @2018-03-01");
    fails_to_hold("@2018-03 ~ @2018-03-01");
    holds("@2012-04-15T15:00:00+02:00 = @2012-04-15T16:00:00+03:00");
    yields_nothing("@2012-04-15T15:00:00Z = @2012-04-15T10:00:00");
    fails_to_hold("@2012 = @T12");
}

#[test]
fn durations_are_added_by_the_calendar() {
    assert_eq!(shown("@2024-01-31 + 1 month"), ["@2024-02-29"]);
    assert_eq!(shown("@2024-02-29 + 1 year"), ["@2025-02-28"]);
    assert_eq!(shown("@2024-03-01 - 1 day"), ["@2024-02-29"]);
    assert_eq!(shown("@2024-03-01 + 2 'wk'"), ["@2024-03-15"]);
    assert_eq!(
        shown("@2024-12-31T23:30:00Z + 45 minutes"),
        ["@2025-01-01T00:15:00Z"]
    );
    assert_eq!(shown("@T23:30 + 45 minutes"), ["@T00:15"]);
    assert_eq!(shown("@2014 + 24 months"), ["@2016"]);
    // A date of the document can be counted with.
    assert_eq!(shown("birthDate + 18 years"), ["@1992-12-25"]);
    holds("birthDate + 18 years <= @2024-05-01");
    assert!(
        failure("@2024-01-01 + 1 'mo'")
            .0
            .contains("calendar duration")
    );
    assert!(
        failure("@2024-01-01 + 1 'cm'")
            .0
            .contains("calendar duration")
    );
    assert!(failure("@2024-01-01 + 7").0.contains("not defined"));
    assert!(
        failure("@9999-12-31 + 1 day")
            .0
            .contains("leaves the calendar")
    );
    assert!(failure("gender + 1 day").0.contains("not defined"));
}

#[test]
fn the_moment_is_given() {
    let nothing = Json::Null;
    let value = |text: &str, context: &Context<'_>| {
        Expression::parse(text)
            .unwrap()
            .evaluate(context)
            .map(|values| values[0].to_json().to_string())
    };
    let now =
        Context::new(&nothing).with_now(DateTime::parse("2024-05-01T10:30:00.000+02:00").unwrap());
    assert_eq!(
        value("now()", &now).unwrap(),
        r#""2024-05-01T10:30:00.000+02:00""#
    );
    assert_eq!(value("today()", &now).unwrap(), r#""2024-05-01""#);
    assert_eq!(value("timeOfDay()", &now).unwrap(), r#""10:30:00.000""#);
    let today = now.clone().with_today(Date::of(2020, 2, 29).unwrap());
    assert_eq!(
        value("today() + 1 year", &today).unwrap(),
        r#""2021-02-28""#
    );
    let message = value("today()", &Context::new(&nothing))
        .unwrap_err()
        .to_string();
    assert!(message.contains("no date of the run"), "{message}");
    let patient = json!({"birthDate": "2006-05-02"});
    let adult = Expression::parse("birthDate + 18 years <= today()").unwrap();
    let on = |date: &str| {
        adult
            .is_true(&Context::new(&patient).with_today(Date::parse(date).unwrap()))
            .unwrap()
    };
    assert!(!on("2024-05-01"));
    assert!(on("2024-05-02"));
}

#[test]
fn conversions_read_and_write() {
    assert_eq!(shown("'2024-05-01'.toDate()"), ["@2024-05-01"]);
    assert_eq!(shown("'2024-05-01T10:30:00Z'.toDate()"), ["@2024-05-01"]);
    assert_eq!(shown("birthDate.toDateTime().toString()"), ["'1974-12-25'"]);
    assert_eq!(shown("'10:30'.toTime()"), ["@T10:30"]);
    yields_nothing("'2023-02-29'.toDate()");
    fails_to_hold("'yesterday'.convertsToDateTime()");
}

#[test]
fn bounds_of_what_is_partial() {
    assert_eq!(shown("@2024-02.highBoundary(8)"), ["@2024-02-29"]);
    assert_eq!(shown("@2024.lowBoundary(6)"), ["@2024-01"]);
    assert_eq!(shown("@T10:30.highBoundary()"), ["@T10:30:59.999"]);
    assert_eq!(shown("birthDate.lowBoundary(17)"), Vec::<String>::new());
    assert_eq!(
        shown("birthDate.toDateTime().lowBoundary(17)"),
        ["@1974-12-25T00:00:00.000+14:00"]
    );
    let period = json!({"start": "2024-05", "end": "2024-05-10"});
    assert_eq!(
        shown_for(&period, "start.lowBoundary() <= end.highBoundary()"),
        ["true"]
    );
}
