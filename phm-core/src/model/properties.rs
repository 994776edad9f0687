//! What holds of every kind, for bodies made up at random from the descriptions of fields.
//!
//! The bodies are made from [`FieldInfo`], so these tests also show that a form or a client that follows the
//! description is understood.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{FieldInfo, KindInfo, kinds};

const ID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

/// Any JSON at all, not deep.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9TZ:.+-]{4,24}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inside| {
        prop_oneof![
            prop::collection::vec(inside.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z_/~]{0,8}", inside, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A value as the description says, without a thought for the other fields.
fn described(field: &FieldInfo) -> BoxedStrategy<Value> {
    let one = match field.of {
        _ if !field.choices.is_empty() => prop::sample::select(field.choices).prop_map(Value::from).boxed(),
        "text" if field.name == "email" => Just(json!("a@example.org")).boxed(),
        "text" if field.name == "sha256" => Just(json!("0a".repeat(32))).boxed(),
        "text" if field.name == "media_type" => Just(json!("text/plain")).boxed(),
        "text" if field.name == "resource_type" => Just(json!("Claim")).boxed(),
        "text" if field.name == "labels" => "[a-z][a-z0-9-]{0,8}".prop_map(Value::from).boxed(),
        "text" | "link" => {
            "[^ ]{1,9}".prop_filter("not blank", |text| !text.trim().is_empty()).prop_map(Value::from).boxed()
        }
        "unit" => prop::sample::select(&["mg/dL", "mmHg", "{score}", "d", "%"][..]).prop_map(Value::from).boxed(),
        "decimal" => "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,4})?(e-?[0-9]{1,2})?".prop_map(Value::from).boxed(),
        "integer" => (1..1000_u64).prop_map(Value::from).boxed(),
        "number" => (0.25..1000_f64).prop_map(Value::from).boxed(),
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "instant" => instant().boxed(),
        "time" => prop::sample::select(&["00:00", "08:05", "23:59"][..]).prop_map(Value::from).boxed(),
        "date" => date().boxed(),
        "when" => prop_oneof![instant(), date()].boxed(),
        "id" => Just(json!(ID)).boxed(),
        "ratio" => prop_oneof![Just(json!("1:128")), object(field.fields)].boxed(),
        _ if field.bare.is_some() => prop_oneof!["[a-z]{1,9}".prop_map(Value::from), object(field.fields)].boxed(),
        _ => object(field.fields).boxed(),
    };
    if field.many {
        prop::collection::vec(one, usize::from(field.required)..3).prop_map(Value::from).boxed()
    } else {
        one
    }
}

fn instant() -> impl Strategy<Value = Value> {
    (1900..2100, 1..=12, 1..=28, 0..24)
        .prop_map(|(y, m, d, h)| json!(format!("{y:04}-{m:02}-{d:02}T{h:02}:00:00+05:30")))
}

fn date() -> impl Strategy<Value = Value> {
    (1900..2100, 1..=12, 1..=28, prop::sample::select(&[4_usize, 7, 10][..]))
        .prop_map(|(y, m, d, length)| json!(&format!("{y:04}-{m:02}-{d:02}")[..length]))
}

fn object(fields: &'static [FieldInfo]) -> BoxedStrategy<Value> {
    let fields: Vec<_> = fields
        .iter()
        .map(|field| {
            let value = described(field).prop_map(Some);
            let value = if field.required { value.boxed() } else { prop_oneof![Just(None), value].boxed() };
            value.prop_map(|value| (field.name.to_owned(), value))
        })
        .collect();
    let made = |fields: Vec<(String, Option<Value>)>| {
        Value::Object(fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    };
    fields.prop_map(made).boxed()
}

/// A body as described, in which any field may be replaced by anything.
fn body(kind: &KindInfo) -> BoxedStrategy<Value> {
    let names: Vec<&str> = kind.fields.iter().map(|field| field.name).chain(["surprise"]).collect();
    let wrong = prop::option::of((prop::sample::select(names), anything()));
    let spoil = |(mut body, wrong): (Value, Option<(&str, Value)>)| {
        if let Some((name, value)) = wrong {
            body[name] = value;
        }
        body
    };
    (object(kind.fields), wrong).prop_map(spoil).boxed()
}

fn some_kind() -> impl Strategy<Value = &'static KindInfo> {
    prop::sample::select(kinds().iter().collect::<Vec<_>>())
}

/// The codes that `report.rs` lists; nothing else ever stands in a report.
const CODES: &str = "required unknown-field wrong-type too-long too-many invalid-date invalid-instant invalid-time invalid-decimal \
                     invalid-id invalid-choice invalid-number invalid-email invalid-media-type invalid-sha256 \
                     invalid-type-name invalid-length unknown-unit not-a-time end-before-start low-above-high only-one";

proptest! {
    #[test]
    fn the_stored_form_of_a_stored_form_is_the_same(
        (kind, body) in some_kind().prop_flat_map(|kind| (Just(kind), body(kind)))
    ) {
        match (kind.check)(&body) {
            Ok(first) => {
                let stored: Value = serde_json::from_str(&first.json).expect("the stored form is JSON");
                prop_assert_eq!((kind.check)(&stored), Ok(first));
            }
            Err(details) => {
                prop_assert!(!details.is_empty());
                for detail in details {
                    prop_assert!(detail.path.is_empty() || detail.path.starts_with('/'));
                    prop_assert!(CODES.split_whitespace().any(|code| code == detail.code), "{}", detail.code);
                }
            }
        }
    }

    #[test]
    fn nothing_makes_a_check_panic(kind in some_kind(), body in anything()) {
        let _ = (kind.check)(&body);
    }
}

#[test]
fn a_body_that_follows_the_description_breaks_no_rule_of_a_single_field() {
    let between_fields = ["end-before-start", "low-above-high", "only-one", "required", "not-a-time", "invalid-length"];
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for kind in kinds() {
        let strategy = object(kind.fields);
        let mut taken = 0;
        for _ in 0..60 {
            let body = strategy.new_tree(&mut runner).expect("a body").current();
            match (kind.check)(&body) {
                Ok(_) => taken += 1,
                Err(details) => {
                    for detail in details {
                        assert!(between_fields.contains(&detail.code), "{} {detail:?}: {body}", kind.name);
                    }
                }
            }
        }
        assert!(taken > 0, "no {} of 60 was taken", kind.name);
    }
}

#[test]
fn every_required_field_is_missed() {
    for kind in kinds() {
        let details = (kind.check)(&Value::Object(Map::new())).err().unwrap_or_default();
        let missed: Vec<_> = details.iter().map(|detail| (detail.path.as_str(), detail.code)).collect();
        let required = kind.fields.iter().filter(|field| field.required);
        let paths: Vec<String> = required.map(|field| format!("/{}", field.name)).collect();
        assert_eq!(missed, paths.iter().map(|path| (path.as_str(), "required")).collect::<Vec<_>>(), "{}", kind.name);
    }
}

#[test]
fn a_report_of_a_thousand_mistakes_stays_small() {
    let body: Map<String, Value> = (0..1000).map(|index| (format!("{index}{}", "x".repeat(500)), json!(1))).collect();
    let details = (KindInfo::of::<super::Note>().check)(&Value::Object(body)).expect_err("nonsense");
    assert_eq!(details.len(), 100);
    assert!(details.iter().all(|detail| detail.path.len() <= 101));
}
