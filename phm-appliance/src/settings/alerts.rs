//! From when on access is unusual, as the settings say it.

use std::sync::Arc;

use jiff::tz::TimeZone;
use phm_core::audit::unusual::UnusualLimits;
use phm_core::time::Instant;

use super::layers::{Layers, SettingsError};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// From when on access is unusual.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alerts {
    /// Records of one person that one actor opens within an hour; 0: however many.
    pub records_per_hour: u64,
    /// Refusals of one actor within ten minutes; 0: however many.
    pub refusals: u64,
    /// The quiet hours, in minutes of the household's day: from, up to; they may reach over midnight.
    pub quiet: Option<(u16, u16)>,
}

impl Alerts {
    /// Reads the section `alerts`.
    pub(super) fn read(layers: &Layers) -> Result<Self, SettingsError> {
        Ok(Self {
            records_per_hour: layers.number("alerts.records_per_hour")?,
            refusals: layers.number("alerts.refusals")?,
            quiet: quiet(layers.text("alerts.quiet_hours"))?,
        })
    }

    /// The same for a vault, by the clocks of `zone`.
    pub fn limits(&self, zone: &TimeZone) -> UnusualLimits {
        let (quiet, zone) = (self.quiet, zone.clone());
        UnusualLimits {
            records_an_hour: self.records_per_hour,
            refusals: self.refusals,
            quiet: Arc::new(move |at| quiet.is_some_and(|hours| lies_in(hours, minute_of(at, &zone)))),
        }
    }
}

/// `01:00-05:00`, or empty for none.
fn quiet(text: &str) -> Result<Option<(u16, u16)>, SettingsError> {
    let wrong = || SettingsError::Value {
        key: "alerts.quiet_hours".to_owned(),
        expected: "two times such as 01:00-05:00, or empty",
    };
    if text.is_empty() {
        return Ok(None);
    }
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    let (from, to) = (minutes(from).ok_or_else(wrong)?, minutes(to).ok_or_else(wrong)?);
    if from == to { Err(wrong()) } else { Ok(Some((from, to))) }
}

fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| hours * 60 + minutes)
}

fn lies_in((from, to): (u16, u16), minute: u16) -> bool {
    if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to }
}

/// The minute of the day; a moment outside of any calendar is at noon.
fn minute_of(at: Instant, zone: &TimeZone) -> u16 {
    let Ok(moment) = jiff::Timestamp::from_millisecond(at.millis()) else { return DAY / 2 };
    let time = moment.to_zoned(zone.clone()).time();
    u16::try_from(i16::from(time.hour()) * 60 + i16::from(time.minute())).unwrap_or(DAY / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_two_times_and_may_reach_over_midnight() {
        assert_eq!(quiet("").expect("none"), None);
        assert_eq!(quiet("01:00-05:30").expect("hours"), Some((60, 330)));
        for wrong in ["night", "1-5", "01:00", "24:00-05:00", "01:60-05:00", "05:00-05:00", "65535:0-1:0"] {
            assert!(quiet(wrong).is_err(), "{wrong}");
        }
        for (hours, minute, inside) in [
            ((60, 300), 59, false),
            ((60, 300), 60, true),
            ((60, 300), 300, false),
            ((1380, 300), 1400, true),
            ((1380, 300), 10, true),
            ((1380, 300), 300, false),
        ] {
            assert_eq!(lies_in(hours, minute), inside, "{hours:?} {minute}");
        }
    }

    #[test]
    fn quiet_hours_go_by_the_clocks_of_the_household() {
        let zone = crate::i18n::zones::named("Asia/Kolkata").expect("a zone");
        let alerts = Alerts { records_per_hour: 0, refusals: 0, quiet: Some((60, 300)) };
        let night = |text: &str| (alerts.limits(&zone).quiet)(text.parse().expect("a moment"));
        assert!(night("2026-11-22T20:00:00Z") && !night("2026-11-22T02:00:00Z"));
    }
}
