//! An appointment: when somebody is to see a provider.

use crate::fields;
use crate::time::{Instant, When};

use super::macros::choice;
use super::{Kind, Party, Summary, Text, ThirtyMinutes, Word};

choice! {
    /// How far an appointment has come.
    pub enum AppointmentStatus {
        /// The patient asked for it.
        Requested = "requested",
        /// The time is held.
        Booked = "booked",
        /// Both sides said yes.
        Confirmed = "confirmed",
        /// The patient is there.
        Arrived = "arrived",
        /// It took place.
        Completed = "completed",
        /// It will not take place.
        Cancelled = "cancelled",
        /// The patient did not come.
        NoShow = "no-show",
    }
}

fields! {
    /// When somebody is to see a provider.
    pub struct Appointment {
        /// When it begins.
        start: Instant,
        /// How many minutes it takes.
        duration_minutes: ThirtyMinutes,
        /// What kind of appointment it is.
        r#type: Option<Word>,
        /// How far it has come.
        status: Option<AppointmentStatus>,
        /// Whom they are to see.
        provider: Option<Party>,
        /// Where.
        place: Option<Text>,
        /// What for.
        reason: Option<Text>,
        /// Whatever else is worth keeping.
        notes: Option<Text>,
    }
}

impl Kind for Appointment {
    const NAME: &'static str = "appointment";
    const COLLECTION: &'static str = "appointments";

    fn occurred(&self) -> Option<When> {
        Some(When::Instant(self.start))
    }

    fn summary(&self) -> Summary {
        let title = self.reason().or_else(|| self.provider().map(Party::name)).or(self.r#type());
        Summary::of(title.unwrap_or_default()).status(self.status.map(AppointmentStatus::word))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, read, refused, stored};

    #[test]
    fn an_appointment_keeps_its_stored_form() {
        let body = json!({
            "start": "2026-12-01T09:00:00Z", "duration_minutes": 45, "type": "follow-up", "status": "no-show",
            "provider": "Dr Rao", "place": "Room 3", "reason": "blood pressure", "notes": "bring the device",
        });
        insta::assert_snapshot!(stored::<Appointment>(&body), @r#"{"start":"2026-12-01T09:00:00.000Z","duration_minutes":45,"type":"follow-up","status":"no-show","provider":{"name":"Dr Rao"},"place":"Room 3","reason":"blood pressure","notes":"bring the device"}"#);
        assert_eq!(listed::<Appointment>(&body), "2026-12-01T09:00:00.000Z|blood pressure||no-show||");
    }

    #[test]
    fn an_appointment_takes_thirty_minutes_unless_said_otherwise() {
        let body = json!({"start": "2026-12-01T09:00:00Z"});
        assert_eq!(stored::<Appointment>(&body), r#"{"start":"2026-12-01T09:00:00.000Z","duration_minutes":30}"#);
        assert_eq!(read::<Appointment>(&body).duration_minutes(), 30);
    }

    #[test]
    fn appointments_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/start required"),
            (json!({"start": "2026-12-01"}), "/start invalid-instant"),
            (json!({"start": "2026-12-01T09:00:00Z", "duration_minutes": 0}), "/duration_minutes invalid-number"),
            (json!({"start": "2026-12-01T09:00:00Z", "duration_minutes": "30"}), "/duration_minutes wrong-type"),
            (json!({"start": "2026-12-01T09:00:00Z", "status": "noshow"}), "/status invalid-choice"),
            (json!({"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z"}), "/end unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Appointment>(&body), expected, "{body}");
        }
    }
}
