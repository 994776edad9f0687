//! What a guardian sees of a dependant, by age.
//!
//! Young people seek care for themselves before they are of age, and stop seeking it when a parent reads along
//! (Society for Adolescent Health and Medicine, position paper on confidentiality, 2023). So a guardian's reach
//! shrinks in steps. The law differs by country: the ages are the policy's to set, and the defaults are cautious.

use super::words::Labels;
use crate::time::{Instant, PartialDate};

/// The birthdays at which a guardian's reach shrinks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GuardianAges {
    /// From this birthday on, records with a sensitive label are hidden unless the dependant grants them. Until
    /// then a guardian sees and does everything.
    pub private_from: u8,
    /// From this birthday on, a guardian knows of the profile and sees only what is granted.
    pub by_grant_from: u8,
    /// From this birthday on, the relation is nothing: the dependant is of age.
    pub ends_at: u8,
    /// From this birthday on, the dependant may take their records over from whoever keeps them.
    pub takes_over_from: u8,
}

impl Default for GuardianAges {
    fn default() -> Self {
        Self { private_from: 12, by_grant_from: 16, ends_at: 18, takes_over_from: 16 }
    }
}

/// How far a guardian's reach goes at one moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GuardianStage {
    /// Records with these labels and all without one, up to the moment at which the next stage begins.
    Sees {
        /// The sensitive labels that are open.
        labels: Labels,
        /// First moment of the next stage.
        until: Instant,
    },
    /// Nothing but what is granted; the profile's existence is no secret.
    ByGrant,
    /// The relation has ended.
    Ended,
}

impl GuardianAges {
    /// The stage of somebody born on `birth_date`, at `now`.
    ///
    /// A birth date known only in part counts as its first day, so a dependant is never taken for younger than they
    /// are. Without a birth date a guardian sees what is granted.
    pub fn stage(&self, birth_date: Option<PartialDate>, now: Instant) -> GuardianStage {
        let Some(birth_date) = birth_date else { return GuardianStage::ByGrant };
        let [private_from, by_grant_from, ends_at] =
            [self.private_from, self.by_grant_from, self.ends_at].map(|age| birthday(birth_date, age));
        if now >= ends_at {
            GuardianStage::Ended
        } else if now >= by_grant_from {
            GuardianStage::ByGrant
        } else if now >= private_from {
            GuardianStage::Sees { labels: Labels::NONE, until: by_grant_from.min(ends_at) }
        } else {
            GuardianStage::Sees { labels: Labels::ALL, until: private_from.min(by_grant_from).min(ends_at) }
        }
    }

    /// Whether somebody born on `birth_date` may take their records over at `now`. A birth date known only in part counts as
    /// its last day here, so that nobody takes over too early; without one nobody does.
    pub fn takes_over(&self, birth_date: Option<PartialDate>, now: Instant) -> bool {
        let born = birth_date.map(|date| {
            let (year, month) = (date.year(), date.month().unwrap_or(12));
            let last = [31, 30, 29, 28].into_iter().find_map(|day| PartialDate::day(year, month, day));
            if date.day_of_month().is_some() { date } else { last.unwrap_or(date) }
        });
        born.is_some_and(|born| now >= birthday(born, self.takes_over_from) && now >= born.first())
    }
}

/// The first moment, in UTC, of a birthday. Somebody born on 29 February has theirs on the 28th in other years.
fn birthday(born: PartialDate, age: u8) -> Instant {
    let year = born.year().saturating_add(i16::from(age));
    let (month, day) = (born.month().unwrap_or(1), born.day_of_month().unwrap_or(1));
    let date = PartialDate::day(year, month, day).or_else(|| PartialDate::day(year, month, 28));
    // Beyond the calendar's last year nobody has a birthday: answering the earliest moment closes every stage.
    date.map_or(Instant::from_millis(i64::MIN), PartialDate::first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(born: &str, now: &str) -> GuardianStage {
        let born = born.parse().expect("a date");
        GuardianAges::default().stage(Some(born), now.parse().expect("a moment"))
    }

    #[test]
    fn a_guardians_reach_shrinks_on_the_second_of_a_birthday() {
        let sees = |labels, until: &str| GuardianStage::Sees { labels, until: until.parse().expect("a moment") };
        for (now, expected) in [
            ("2009-12-31T23:59:59Z", sees(Labels::ALL, "2022-05-04T00:00:00Z")),
            ("2022-05-03T23:59:59.999Z", sees(Labels::ALL, "2022-05-04T00:00:00Z")),
            ("2022-05-04T00:00:00Z", sees(Labels::NONE, "2026-05-04T00:00:00Z")),
            ("2026-05-03T23:59:59.999Z", sees(Labels::NONE, "2026-05-04T00:00:00Z")),
            ("2026-05-04T00:00:00Z", GuardianStage::ByGrant),
            ("2028-05-03T23:59:59.999Z", GuardianStage::ByGrant),
            ("2028-05-04T00:00:00Z", GuardianStage::Ended),
            ("2090-01-01T00:00:00Z", GuardianStage::Ended),
        ] {
            assert_eq!(stage("2010-05-04", now), expected, "{now}");
        }
    }

    #[test]
    fn a_birth_date_known_in_part_never_makes_a_dependant_younger() {
        assert_eq!(stage("2010", "2028-01-01T00:00:00Z"), GuardianStage::Ended);
        assert_eq!(stage("2010-05", "2026-05-01T00:00:00Z"), GuardianStage::ByGrant);
        let unknown = GuardianAges::default().stage(None, Instant::from_millis(0));
        assert_eq!(unknown, GuardianStage::ByGrant);
    }

    #[test]
    fn somebody_born_on_a_leap_day_comes_of_age_a_day_earlier_in_other_years() {
        assert_eq!(stage("2008-02-29", "2026-02-27T23:59:59.999Z"), GuardianStage::ByGrant);
        assert_eq!(stage("2008-02-29", "2026-02-28T00:00:00Z"), GuardianStage::Ended);
    }

    #[test]
    fn somebody_takes_over_from_the_first_second_of_a_birthday_on() {
        let takes_over = |born: Option<&str>, now: &str| {
            let born = born.map(|born| born.parse().expect("a date"));
            GuardianAges::default().takes_over(born, now.parse().expect("a moment"))
        };
        for (born, now, expected) in [
            (Some("2010-05-04"), "2026-05-03T23:59:59.999Z", false),
            (Some("2010-05-04"), "2026-05-04T00:00:00Z", true),
            (Some("2010-05"), "2026-05-04T00:00:00Z", false),
            (Some("2010-05"), "2026-05-31T00:00:00Z", true),
            (Some("2010"), "2026-12-30T23:59:59Z", false),
            (Some("2010"), "2026-12-31T00:00:00Z", true),
            (None, "2090-01-01T00:00:00Z", false),
        ] {
            assert_eq!(takes_over(born, now), expected, "{born:?} at {now}");
        }
    }

    #[test]
    fn ages_out_of_order_close_earlier_never_later() {
        let ages = GuardianAges { private_from: 14, by_grant_from: 10, ..GuardianAges::default() };
        let born = "2010-01-01".parse().expect("a date");
        let at = |now: &str| ages.stage(Some(born), now.parse().expect("a moment"));
        let GuardianStage::Sees { until, .. } = at("2019-01-01T00:00:00Z") else { panic!("a young child") };
        assert_eq!(until.to_string(), "2020-01-01T00:00:00.000Z");
        assert_eq!(at("2021-01-01T00:00:00Z"), GuardianStage::ByGrant);
    }
}
