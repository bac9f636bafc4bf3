//! Whatever claims come, what is written is sound and balances. The client checks every answer.

use proptest::prelude::*;
use wardgate_expression::{Json, json};

use crate::client::{Client, segments};

/// A line: procedure, charge in cents and units.
type Line = (usize, i64, u8);

/// Claims: for each its lines.
fn claims() -> impl Strategy<Value = Vec<Vec<Line>>> {
    let line = (0_usize..4, 0_i64..5_000_000, 1_u8..9);
    proptest::collection::vec(proptest::collection::vec(line, 1..6), 1..6)
}

fn rules() -> impl Strategy<Value = Json> {
    let outcome = prop_oneof![
        (0_i64..=1000).prop_map(|share| json!({ "pay": amount(share, 3) })),
        (0_i64..1_000_000)
            .prop_map(|allowed| json!({ "allowed": amount(allowed, 2), "adjust": "PR-1" })),
        Just(json!({ "deny": { "carc": "197", "rarc": "M62" } })),
        Just(json!({ "pend": true })),
    ];
    let rule = (outcome, proptest::option::of(0_usize..4)).prop_map(|(mut rule, procedure)| {
        if let Some(procedure) = procedure {
            rule.as_object_mut()
                .unwrap()
                .push("procedure", CODES[procedure]);
        }
        rule
    });
    proptest::collection::vec(rule, 0..4).prop_map(Json::Array)
}

const CODES: [&str; 4] = ["99213", "80053", "99214", "36415"];

/// Digits with a point before the last ones, and no zeros that say nothing.
fn amount(digits: i64, scale: u32) -> String {
    let unit = 10_i64.pow(scale);
    let text = format!(
        "{}.{:0width$}",
        digits / unit,
        digits % unit,
        width = scale as usize
    );
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn interchange(
    claims: &[Vec<Line>],
    control: u32,
    frequency: &str,
    originals: &[String],
) -> String {
    let head = include_str!("../fixtures/837p.x12");
    let start = head.find("CLM*").expect("it is there");
    let mut text = head[..start].replace("*000000001", &format!("*{control:09}"));
    for (index, lines) in claims.iter().enumerate() {
        let total: i64 = lines.iter().map(|(_, charge, _)| charge).sum();
        text.extend([format!(
            "CLM*C{index:07}*{}***11:B:{frequency}*Y*A*Y*Y~\n",
            amount(total, 2)
        )]);
        if let Some(original) = originals.get(index) {
            text.extend([format!("REF*F8*{original}~\n")]);
        }
        text.push_str("HI*ABK:E119~\n");
        for (number, (code, charge, units)) in lines.iter().enumerate() {
            text.extend([format!(
                "LX*{}~\nSV1*HC:{}*{}*UN*{units}***1~\nDTP*472*D8*202602{:02}~\n",
                number + 1,
                CODES[*code],
                amount(*charge, 2),
                number + 1,
            )]);
        }
    }
    let count = text.matches('~').count() - 2 + 1;
    text.extend([format!("SE*{count}*0001~\nGE*1*1~\nIEA*1*{control:09}~\n")]);
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_sound(claims in claims(), rules in rules()) {
        let mut client = Client::new(json!({ "rules": rules }));
        let (_, body, _) = client.post(&interchange(&claims, 1, "1", &[]));
        prop_assert_eq!(segments(&body, "STC*A2").len(), claims.len(), "{}", body);
        client.pick_up("/outbox/SENDER");
        // Everything is replaced, then voided: nothing is left of it.
        for (control, frequency) in [(2, "7"), (3, "8")] {
            let held = client.held("claims");
            let last = &held[held.len() - claims.len()..];
            let originals: Vec<_> = last.iter().map(|claim| crate::client::text(claim, "payer_claim")).collect();
            let (_, body, _) = client.post(&interchange(&claims, control, frequency, &originals));
            prop_assert_eq!(segments(&body, "STC*A2").len(), claims.len(), "{}", body);
            client.pick_up("/outbox/SENDER");
        }
        let paid = |sum: i64, remittance: &Json| {
            let cents = |name: &str| {
                let text = crate::client::text(remittance, name);
                let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
                whole.parse::<i64>().unwrap() * 100 + format!("{part:0<2}").parse::<i64>().unwrap()
            };
            sum + cents("paid")
        };
        let remittances = client.held("remittances");
        if let Some(last) = remittances.last() {
            let sum = remittances.iter().fold(0, paid);
            let carried: i64 = crate::client::text(last, "carried_forward").replace('.', "").parse().unwrap_or(0);
            prop_assert_eq!(sum == 0, carried == 0, "what was paid is carried forward: {} {}", sum, carried);
        }
    }
}
