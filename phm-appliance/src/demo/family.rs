//! Who the invented people are: names, birthdays, addresses and how they belong together.
//!
//! The first family lives in Chandigarh: a grandmother, her son, his wife and their daughter. Families after the
//! first have other names and the same four places. Telephone numbers begin with digits no network in India gives
//! out, mail goes to `example.org`.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::dice::Dice;

/// A person's place in the family.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// The eldest: diabetes, high blood pressure.
    Grandmother,
    /// Her son.
    Father,
    /// His wife.
    Mother,
    /// Their daughter.
    Child,
}

/// One of the invented people.
#[derive(Clone, Debug)]
pub struct Person {
    /// Place in the family.
    pub place: Place,
    /// Full name.
    pub name: String,
    /// Body of the `profile` record.
    pub profile: Value,
    /// What the mother, who signs in to the demo, is to this person: `self`, `guardian` or `carer`.
    pub relation: &'static str,
}

const PLACES: [Place; 4] = [Place::Grandmother, Place::Father, Place::Mother, Place::Child];
const SURNAMES: [&str; 12] = [
    "Dhaliwal", "Bhandari", "Khanna", "Sekhon", "Thakral", "Gill", "Malhotra", "Virk", "Sodhi", "Bajwa", "Arora",
    "Kohli",
];
const GRANDMOTHERS: [&str; 6] = ["Gurmeet Kaur", "Savitri", "Kamla", "Surinder Kaur", "Sharda", "Balbir Kaur"];
const FATHERS: [&str; 6] = ["Arvinder Singh", "Rohit", "Jaspal Singh", "Manish", "Tarun", "Harjit Singh"];
const MOTHERS: [&str; 6] = ["Meera", "Navneet Kaur", "Pooja", "Simran Kaur", "Ritu", "Anjum"];
const CHILDREN: [&str; 6] = ["Aanya", "Ishita", "Jasleen", "Kavya", "Mehr", "Tara"];
const BLOOD: [&str; 4] = ["O+", "B+", "A+", "AB+"];

/// The place of person number `at`.
pub(super) fn place(at: usize) -> Place {
    PLACES[at % 4]
}

/// Person number `at` of the household of `seed`, as of `today`.
pub(super) fn person(seed: u64, at: usize, today: Date) -> Person {
    let family = at / 4;
    let mut dice = Dice::new(seed, 0x0fa0_0000 + family as u64);
    let surname = if family == 0 { SURNAMES[0] } else { *dice.pick(&SURNAMES) };
    let mut of = |names: &[&'static str; 6]| if family == 0 { names[0] } else { *dice.pick(names) };
    let names = [of(&GRANDMOTHERS), of(&FATHERS), of(&MOTHERS), of(&CHILDREN)];
    let place = place(at);
    let given = names[at % 4];
    let (sex, years, days, languages, relation) = match place {
        Place::Grandmother => ("female", 72, 141, json!(["pa", "hi"]), "carer"),
        Place::Father => ("male", 45, 300, json!(["pa", "hi", "en"]), "carer"),
        Place::Mother => ("female", 42, 77, json!(["hi", "pa", "en"]), "self"),
        Place::Child => ("female", 9, 61, json!(["en", "hi", "pa"]), "guardian"),
    };
    let birth = today.saturating_sub(jiff::Span::new().years(years).days(days));
    let name = format!("{given} {surname}");
    let number = 41_000 + family * 10 + at % 4;
    let (helper, is) = match place {
        Place::Grandmother => (names[2], "daughter-in-law"),
        Place::Father => (names[2], "wife"),
        Place::Mother => (names[1], "husband"),
        Place::Child => (names[2], "mother"),
    };
    let mut profile = json!({
        "name": {"given": given.split(' ').collect::<Vec<_>>(), "family": surname, "text": name},
        "birth_date": birth.to_string(),
        "sex": sex,
        "blood_group": BLOOD[(family + at) % 4],
        "languages": languages,
        "address": format!("House {}, Sector 35-B, Chandigarh 160022, India", 1184 + family),
        "emergency_contacts": [
            {"name": format!("{helper} {surname}"), "relation": is, "phone": format!("+91 00000 {:05}", number + 5)},
        ],
    });
    if place != Place::Child {
        let mail = format!("{}.{}@example.org", given.split(' ').next().unwrap_or(given), surname).to_lowercase();
        profile["contacts"] = json!([
            {"type": "phone", "value": format!("+91 00000 {number:05}"), "use": "mobile"},
            {"type": "email", "value": mail, "use": "home"},
        ]);
    }
    Person { place, name, profile, relation }
}
