//! Questionnaires about mood and worry: PHQ-9 and GAD-7.

use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator};

const ANSWERS: &[&str] = &["0", "1", "2", "3"];

macro_rules! items {
    ($($name:literal),*) => { &[$(Input::choice($name, ANSWERS)),*] };
}

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "phq-9",
        inputs: items!["item1", "item2", "item3", "item4", "item5", "item6", "item7", "item8", "item9"],
        formula: "sum of nine answers of 0 to 3; 5 mild, 10 moderate, 15 moderately severe, 20 severe; item 9 asks about self-harm",
        unit: Some("{score}"),
        year: 2001,
        source: "Kroenke, Spitzer and Williams, J Gen Intern Med 2001;16:606",
        validity: "adolescents and adults; a screen, no diagnosis",
        digits: 0,
        run: |given| {
            let steps = [(5, "minimal"), (10, "mild"), (15, "moderate"), (20, "moderately-severe")];
            let answer = sum(given, 9, &steps, "severe");
            Ok(answer.note_if(given.word("item9") != "0", "self-harm-pathway"))
        },
    },
    Calculator {
        name: "gad-7",
        inputs: items!["item1", "item2", "item3", "item4", "item5", "item6", "item7"],
        formula: "sum of seven answers of 0 to 3; 5 mild, 10 moderate, 15 severe",
        unit: Some("{score}"),
        year: 2006,
        source: "Spitzer et al., Arch Intern Med 2006;166:1092",
        validity: "adolescents and adults; a screen, no diagnosis",
        digits: 0,
        run: |given| Ok(sum(given, 7, &[(5, "minimal"), (10, "mild"), (15, "moderate")], "severe")),
    },
];

fn sum(given: &Given<'_>, items: u8, steps: &[(u8, &'static str)], last: &'static str) -> Answer {
    let points = |item: u8| given.word(&format!("item{item}")).parse::<u8>().expect("an answer is 0 to 3");
    let total: u8 = (1..=items).map(points).sum();
    let category = steps.iter().find(|(bound, _)| total < *bound).map_or(last, |(_, name)| *name);
    Answer::number(f64::from(total)).with_category(category)
}
