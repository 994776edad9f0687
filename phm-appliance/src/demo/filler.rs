//! Further readings for load tests: what a diligent person would have written down in ten years, as many as asked for.

use super::Entry;
use super::story::{Ago, Story};
use super::terms::{lab, vital};

/// Reading number `number` of `story`'s person.
pub(super) fn reading(story: &mut Story, number: u64) -> Entry {
    let days = u32::try_from(story.first()).expect("demos last some years");
    let ago = Ago::try_from(story.dice.below(days)).expect("a day within the demo");
    let hour = 6 + i8::try_from(story.dice.below(16)).expect("below sixteen");
    let mut near = |middle: i64, spread: u32| story.dice.near(middle, spread);
    match number % 10 {
        0 | 1 | 5 => {
            let (systolic, diastolic) = (near(124, 14), near(79, 9));
            story.pressure(ago, hour, systolic, diastolic, "");
        }
        2 | 6 => {
            let pulse = near(72, 12);
            story.vital(ago, hour, vital::PULSE, pulse);
        }
        3 => {
            let weight = near(680, 30);
            story.vital(ago, hour, vital::WEIGHT, weight);
        }
        4 | 7 => {
            let sugar = near(112, 24);
            story.meter(ago, hour, lab::CAPILLARY, sugar);
        }
        8 => {
            let oxygen = near(97, 2).min(100);
            story.vital(ago, hour, vital::OXYGEN, oxygen);
        }
        _ => {
            let text = *story.dice.pick(&DIARY);
            story.note(ago, "Diary", text);
        }
    }
    story.take()
}

const DIARY: [&str; 6] = [
    "Slept well, walked to the lake and back.",
    "Guests in the evening, more sweets than planned.",
    "Did not sleep much. Heat.",
    "Yoga in the morning, a light dinner.",
    "Forgot the walk, rain all day.",
    "A good day.",
];
