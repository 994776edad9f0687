//! The demo household: invented people with ten years of plausible history, for trying PHM, for tests and for benches.
//!
//! The same [`Options`] give the same household, byte for byte, on every machine. Everything is made as it is asked
//! for: a person's own history is at most some thousand records, load beyond that and samples are made one by one, so
//! memory does not grow with their number.
//!
//! Records refer to each other (a result to its panel, a dose to its medicine) by the ids in [`Entry::id`]; [`fill()`]
//! writes them into a vault and puts the vault's own ids in their place.

mod child;
mod dice;
mod family;
mod fill;
mod filler;
mod grandmother;
mod paper;
mod parents;
mod pulse;
mod story;
mod terms;

use jiff::civil::Date;
use phm_core::id::RecordId;
use serde_json::{Value, json};

use dice::Dice;
pub use family::{Person, Place};
pub use fill::{Made, fill};
pub use pulse::Sample;
use story::Story;

/// Samples of the father's watch: five days.
const WATCH: u64 = 5 * 24 * 60;

/// How large the household is and what it is made from.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Number of people; four make a family.
    pub profiles: usize,
    /// Records of each person beside the profile itself: their own history cut or filled up to this number; `None` for
    /// the history as it is.
    pub records: Option<u64>,
    /// Samples of the pulse of each person; `None` for some days of one adult's watch.
    pub samples: Option<u64>,
    /// Years the history goes back.
    pub years: u16,
    /// What all chance comes from.
    pub seed: u64,
    /// The day on which the demo ends; appointments lie after it.
    pub today: Date,
}

impl Options {
    /// The household of four with ten years up to `today`.
    pub fn household(today: Date) -> Self {
        Self { profiles: 4, records: None, samples: None, years: 10, seed: 1, today }
    }
}

/// One record to write.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose it is: the number of the person.
    pub person: usize,
    /// Its id, which other records may name.
    pub id: RecordId,
    /// Name of its kind.
    pub kind: &'static str,
    /// Its body, as requests send it.
    pub body: Value,
    /// The bytes of a document.
    pub content: Option<Vec<u8>>,
}

/// An invented household.
#[derive(Clone, Copy, Debug)]
pub struct Household {
    options: Options,
}

impl Household {
    /// The household of these options.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// Its people.
    pub fn people(&self) -> impl Iterator<Item = Person> {
        let Options { profiles, seed, today, .. } = self.options;
        (0..profiles).map(move |at| family::person(seed, at, today))
    }

    /// The records of person number `at`: their history, then the readings that fill it up.
    pub fn entries(&self, at: usize) -> impl Iterator<Item = Entry> {
        let history = self.history(at);
        let readings = self.readings(at, history.len());
        history.into_iter().chain(readings)
    }

    /// The history of person number `at`, at most some thousand records: what still stands first, then the newest.
    /// Records in it name each other.
    fn history(&self, at: usize) -> Vec<Entry> {
        let Options { records, years, seed, today, .. } = self.options;
        let person = family::person(seed, at, today);
        let mut story = Story::new(Dice::new(seed, at as u64), &person.name, at, today, years);
        match person.place {
            Place::Grandmother => grandmother::tell(&mut story),
            Place::Father => parents::father(&mut story),
            Place::Mother => parents::mother(&mut story),
            Place::Child => {
                let born = person.profile["birth_date"].as_str().and_then(|day| day.parse().ok());
                child::tell(&mut story, born.expect("every person here has a birthday"), today);
            }
        }
        parents::colds(&mut story, if person.place == Place::Child { 190 } else { 480 });
        let samples = self.measured(person.place);
        if samples > 0 {
            story.standing("series", self.series(samples));
        }
        let mut entries = story.into_entries();
        entries.truncate(records.map_or(usize::MAX, |records| usize::try_from(records).unwrap_or(usize::MAX)));
        entries
    }

    /// Readings that fill a history of `told` records up to the number asked for; they name no other record.
    fn readings(&self, at: usize, told: usize) -> impl Iterator<Item = Entry> {
        let Options { records, years, seed, today, .. } = self.options;
        let missing = records.map_or(0, |records| records.saturating_sub(told as u64));
        let mut story = Story::new(Dice::new(seed, 0x0f11_0000 + at as u64), "", at, today, years);
        (0..missing).map(move |number| filler::reading(&mut story, number))
    }

    /// The samples of person number `at`, the oldest first; they belong to the person's one `series` record.
    pub fn samples(&self, at: usize) -> impl Iterator<Item = Sample> {
        let Options { seed, today, .. } = self.options;
        let samples = self.measured(family::person(seed, at, today).place);
        pulse::samples(Dice::new(seed, 0x9015_0000 + at as u64), today, samples)
    }

    /// How many samples there are of somebody in this place.
    fn measured(&self, place: Place) -> u64 {
        self.options.samples.unwrap_or(if place == Place::Father { WATCH } else { 0 })
    }

    fn series(&self, samples: u64) -> Value {
        let (from, to) = pulse::range(self.options.today, samples);
        let pulse = terms::vital::PULSE;
        json!({
            "concept": pulse.term.json(), "unit": pulse.unit, "source": "Naveen Instruments Chal 3", "from": from.to_string(),
            "to": to.to_string(), "count": samples,
        })
    }
}

#[cfg(test)]
mod tests;
