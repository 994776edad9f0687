//! What is true of daily care whatever the records: the order of records never changes an answer, conversions come back
//! with the digits that were written, and clocks that change neither add nor take a dose.
//!
//! All of it through [`call`], which the bindings and plugins call too.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use phm_core::analytics::{call, labs};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

fn answer(op: &str, args: &Value) -> Value {
    call(op, args).unwrap_or_else(|error| panic!("{op}: {:?} {:?}", error.code(), error.details()))
}

/// Some things, and the same in another order.
fn in_two_orders<T: Clone + std::fmt::Debug>(
    one: impl Strategy<Value = T>,
    most: usize,
) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
    vec(one, 0..most).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
}

fn day(number: i64) -> Date {
    Date::constant(2026, 1, 1).saturating_add(number.days())
}

/// A moment of the first days of 2026, by its minute.
fn moment(minute: i64) -> String {
    format!("{}T{:02}:{:02}:00.000Z", day(minute / 1440), minute % 1440 / 60, minute % 60)
}

/// Values of HbA1c as people have them and as they do not: other units, other signs, slips of the pen.
fn value() -> impl Strategy<Value = Value> {
    let number = prop::sample::select(vec!["5.5", "5.7", "6.5", "7.0", "<4", ">14", "<=7.0", "48", "53", "530", "x"]);
    let unit = prop::sample::select(vec!["%", "mmol/mol", "%{Hb}", "mg/dL", "bananas"]);
    (number, unit, 0_i64..6)
        .prop_map(|(number, unit, on)| json!({"value": number, "unit": unit, "when": day(on * 40).to_string()}))
}

/// The trend of values without their places in the list that was given.
fn trend(entries: &[Value]) -> Value {
    let mut found =
        answer("trend", &json!({"test": "hba1c", "unit": "%", "entries": entries, "sex": "male", "age": 50}));
    for point in found["points"].as_array_mut().expect("points") {
        point.as_object_mut().expect("a point").remove("entry");
    }
    let asked = found["asked"].as_array().expect("questions").iter();
    let mut asked: Vec<String> = asked.map(|one| one["code"].to_string()).collect();
    asked.sort();
    found["asked"] = json!(asked);
    found
}

/// A medicine twice a day, with its log, packs and shifts.
fn taking(log: &[(i64, &str, Option<&str>)], packs: &[(i64, u32)], shifts: &[(i64, bool, i64)]) -> Value {
    let log = log.iter().map(|(minute, status, amount)| {
        let amount = amount.map(|value| json!({"value": value, "unit": "{tablet}"}));
        json!({"medication": "X", "at": moment(*minute), "status": status, "amount": amount})
    });
    let packs = packs.iter().map(|(on, tablets)| {
        json!({"got_on": day(*on).to_string(), "amount": {"value": tablets.to_string(), "unit": "{tablet}"}})
    });
    let shifts = shifts.iter().map(|(half_day, later_too, by)| {
        // Doses are due at eight in the morning and in the evening.
        let planned = half_day * 720 + 480;
        json!({"planned": moment(planned), "to": moment(planned + by), "later_too": later_too})
    });
    json!({
        "medication": {
            "drug": "X", "dose": {"value": "1", "unit": "{tablet}"}, "frequency": {"at": ["08:00", "20:00"]},
            "start": "2026-01-01", "packs": packs.collect::<Value>(),
        },
        "log": log.collect::<Value>(), "shifts": shifts.collect::<Value>(), "zone": "UTC",
        "from": moment(0), "to": moment(9 * 1440), "now": moment(7 * 1440 + 600),
    })
}

fn logged() -> impl Strategy<Value = (i64, &'static str, Option<&'static str>)> {
    let status = prop::sample::select(vec!["taken", "skipped", "missed"]);
    // Few minutes, so that several entries fall on one.
    (0_i64..90, status, prop::sample::select(vec![None, Some("1"), Some("0.5"), Some("2")]))
        .prop_map(|(place, status, amount)| (place * 120, status, amount))
}

/// Zones whose clocks change by an hour or half an hour, at night or at midnight, or never.
const ZONES: [&str; 10] = [
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Santiago",
    "Asia/Kolkata",
    "UTC",
];

fn midnight(date: Date, zone: &TimeZone) -> String {
    let at = zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().expect("a moment");
    format!("{at:.3}")
}

proptest! {
    #[test]
    fn the_order_of_results_never_changes_a_trend((all, other) in in_two_orders(value(), 14)) {
        prop_assert_eq!(trend(&all), trend(&other));
    }

    #[test]
    fn the_order_of_logs_packs_and_shifts_never_changes_what_is_due_or_left(
        (log, log_too) in in_two_orders(logged(), 12),
        (packs, packs_too) in in_two_orders((0_i64..7, 1_u32..20), 4),
        (shifts, shifts_too) in in_two_orders((0_i64..16, any::<bool>(), -400_i64..400), 4),
    ) {
        let (one, other) = (taking(&log, &packs, &shifts), taking(&log_too, &packs_too, &shifts_too));
        for op in ["schedule", "supply"] {
            prop_assert_eq!(answer(op, &one), answer(op, &other), "{}", op);
        }
    }

    #[test]
    fn an_entry_of_the_log_that_was_taken_back_leaves_no_trace(
        log in vec(logged(), 0..10), gone in logged(), place in 0_usize..10,
        shifts in vec((0_i64..16, any::<bool>(), -400_i64..400), 0..3),
    ) {
        let mut with = log.clone();
        with.insert(place.min(log.len()), gone);
        let before = taking(&log, &[(0, 20)], &shifts);
        let _ = answer("supply", &taking(&with, &[(0, 20)], &shifts));
        with.remove(place.min(log.len()));
        prop_assert_eq!(answer("supply", &before), answer("supply", &taking(&with, &[(0, 20)], &shifts)));
    }

    #[test]
    fn the_order_of_readings_products_and_visits_never_matters(
        (readings, readings_too) in in_two_orders((100_u32..200, 50_u32..99), 8),
        (products, products_too) in in_two_orders(
            (prop::sample::select(vec!["Paracetamol", "Acetaminophen", "Ibuprofen", "Xyzabc"]), 1_u32..9), 8,
        ),
        (visits, visits_too) in in_two_orders(0_i64..20_000, 8),
    ) {
        let of_readings = |all: &[(u32, u32)]| {
            let reading = |(systolic, diastolic): &(u32, u32)| json!({"systolic": systolic, "diastolic": diastolic});
            answer("home_average", &json!({"readings": all.iter().map(reading).collect::<Value>()}))
        };
        prop_assert_eq!(of_readings(&readings), of_readings(&readings_too));
        let of_products = |all: &[(&str, u32)]| {
            let product = |(name, often): &(&str, u32)| {
                json!({"name": name, "strength": "333 mg", "per_day": f64::from(*often) / 3.0})
            };
            answer("daily_sums", &json!({"products": all.iter().map(product).collect::<Value>()}))
        };
        prop_assert_eq!(of_products(&products), of_products(&products_too));
        let of_visits = |all: &[i64]| {
            let visits: Vec<String> = all.iter().map(|minute| moment(*minute)).collect();
            answer("visit_figures", &json!({"visits": visits, "now": moment(9000)}))
        };
        prop_assert_eq!(of_visits(&visits), of_visits(&visits_too));
    }

    #[test]
    fn the_order_of_conditions_and_vaccinations_never_matters(
        (conditions, conditions_too) in in_two_orders(
            prop::sample::select(vec!["Diabetes", "Chronic kidney disease", "Hypothyroidism", "Asthma"]), 6,
        ),
        (shots, shots_too) in in_two_orders((prop::sample::select(vec!["Td", "Tdap", "BCG"]), 1990_u32..2026), 6),
    ) {
        let newest = json!({
            "hba1c": "2024-01-01", "creatinine": "2024-03-01", "tsh": "2023-01-01", "urine-acr": "2026-01-01",
        });
        let of_conditions = |all: &[&str]| {
            answer("overdue_tests", &json!({"conditions": all, "newest": newest, "today": "2026-06-01"}))
        };
        prop_assert_eq!(of_conditions(&conditions), of_conditions(&conditions_too));
        let of_shots = |all: &[(&str, u32)]| {
            let shot = |(vaccine, year): &(&str, u32)| json!({"vaccine": vaccine, "given_on": format!("{year}-06-01")});
            let given: Value = all.iter().map(shot).collect();
            answer("overdue_immunizations", &json!({"given": given, "today": "2026-06-01"}))
        };
        prop_assert_eq!(of_shots(&shots), of_shots(&shots_too));
    }

    #[test]
    fn every_unit_of_every_test_comes_back_with_the_digits_that_were_written(
        test in prop::sample::select(labs::all().iter().filter(|test| !test.units.is_empty()).collect::<Vec<_>>()),
        other in any::<prop::sample::Index>(), share in 0.0_f64..1.0, places in 0_usize..4,
    ) {
        let (own, (low, high)) = (test.unit.as_ref().expect("a unit"), test.plausible.expect("plausible values"));
        let other = other.get(&test.units);
        let written = format!("{:.places$}", low + share * (high - low));
        prop_assume!(written.parse::<f64>().is_ok_and(|number| number > 0.0));
        let convert = |value: &str, from: &str, to: &str| {
            answer("convert", &json!({"quantity": {"value": value, "unit": from}, "to": to, "test": test.key}))
        };
        let there = convert(&written, own.as_str(), other.as_str());
        prop_assert_eq!(&there["original"]["value"], &json!(written), "the original is kept");
        let back = convert(there["value"].as_str().expect("a number"), other.as_str(), own.as_str());
        let back: f64 = back["value"].as_str().expect("a number").parse().expect("a number");
        prop_assert_eq!(format!("{back:.places$}"), written, "{} in {}", &test.key, other);
    }

    #[test]
    fn clocks_that_change_neither_add_nor_take_a_dose(
        times in btree_set((0_u32..24, prop::sample::select(vec![0_u32, 15, 30, 45])), 1..5),
        start in 0_i64..500, days in 1_i64..30, zone in prop::sample::select(ZONES.to_vec()),
    ) {
        let clock = TimeZoneDatabase::bundled().get(zone).expect("a zone");
        let at: Vec<String> = times.iter().map(|(hour, minute)| format!("{hour:02}:{minute:02}")).collect();
        let (first, last) = (day(start), day(start + days));
        let found = answer("schedule", &json!({
            "medication": {"drug": "X", "start": first.to_string(), "frequency": {"at": at}}, "zone": zone,
            "from": midnight(first, &clock), "to": midnight(last, &clock), "now": midnight(first, &clock),
        }));
        let doses = found["doses"].as_array().expect("doses");
        prop_assert_eq!(i64::try_from(doses.len()).expect("few"), i64::try_from(times.len()).expect("few") * days);
        // Each local day has all of its own.
        for (number, of_day) in doses.chunks(times.len()).enumerate() {
            let date = first.saturating_add(i64::try_from(number).expect("few").days());
            for dose in of_day {
                let at: jiff::Timestamp = dose["due_at"].as_str().expect("a moment").parse().expect("a moment");
                prop_assert_eq!(clock.to_datetime(at).date(), date);
            }
        }
    }

    #[test]
    fn every_n_hours_is_every_n_hours_whatever_the_clocks_do(
        hours in 1_i64..49, start in 0_i64..500, zone in prop::sample::select(ZONES.to_vec()),
    ) {
        let clock = TimeZoneDatabase::bundled().get(zone).expect("a zone");
        let (from, to) = (midnight(day(start), &clock), midnight(day(start + 10), &clock));
        let found = answer("schedule", &json!({
            "medication": {"drug": "X", "start": from, "frequency": {"times": 1, "per": hours, "unit": "h"}},
            "zone": zone, "from": from, "to": to, "now": from,
        }));
        let moment = |dose: &Value| -> jiff::Timestamp {
            dose["due_at"].as_str().expect("a moment").parse().expect("a moment")
        };
        let doses: Vec<jiff::Timestamp> = found["doses"].as_array().expect("doses").iter().map(moment).collect();
        prop_assert!(doses.windows(2).all(|pair| pair[1].as_second() - pair[0].as_second() == hours * 3600));
        let seconds = |text: &str| text.parse::<jiff::Timestamp>().expect("a moment").as_second();
        let span = seconds(&to) - seconds(&from);
        prop_assert_eq!(i64::try_from(doses.len()).expect("few"), (span + hours * 3600 - 1) / (hours * 3600));
    }
}
