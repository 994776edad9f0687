//! The clock. Grants begin and end by it, and every record says when it was written.

use phm_core::time::{Clock as _, Instant, SystemClock};

use super::Finding;

/// No PHM of this version ran before this moment. Raised with the version.
const WRITTEN_AT: &str = "2026-11-28T00:00:00.000Z";
/// How far the newest entry may lie ahead, in milliseconds: two machines of one household are never quite as one.
const LEEWAY: i64 = 60 * 1000;

/// The clock beside the newest entry of the vault.
pub(super) fn clock(newest: Option<Instant>) -> Finding {
    judge(SystemClock.now(), newest)
}

fn judge(now: Instant, newest: Option<Instant>) -> Finding {
    const ID: &str = "clock";
    let set = "set it with `timedatectl set-ntp true`, or give the box a battery for its clock";
    let written = WRITTEN_AT.parse::<Instant>().expect("a test reads it");
    if now < written {
        return Finding::fail(ID, format!("the clock says {now}, which was before this PHM was made; {set}"));
    }
    match newest {
        Some(newest) if newest.millis() > now.millis().saturating_add(LEEWAY) => Finding::fail(
            ID,
            format!(
                "the clock says {now}, but the vault was written at {newest}. Until the clock is past that, PHM takes that \
                 moment for the time, so that no expired grant comes back; {set}"
            ),
        ),
        _ => Finding::ok(ID, format!("the clock says {now}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    fn at(text: &str) -> Instant {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_clock_from_before_this_program_fails() {
        assert_eq!(judge(at("1970-01-01T00:00:10.000Z"), None).status, Status::Fail);
        assert_eq!(judge(at(WRITTEN_AT), None).status, Status::Ok);
    }

    #[test]
    fn a_clock_behind_the_newest_entry_fails_and_a_moment_is_forgiven() {
        let now = at("2027-03-01T12:00:00.000Z");
        assert_eq!(judge(now, Some(at("2027-03-01T12:00:30.000Z"))).status, Status::Ok);
        let found = judge(now, Some(at("2027-03-02T00:00:00.000Z")));
        assert_eq!(found.status, Status::Fail);
        assert!(found.message.contains("2027-03-02"), "{}", found.message);
    }
}
