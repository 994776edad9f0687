//! What became of doses: due, late, missed, taken, skipped.
//!
//! A logged dose belongs to the due dose in whose time it falls. That time reaches halfway to the doses before and after,
//! and at most twelve hours, so no log belongs to two doses. A dose is late an hour after it was due, and missed when its
//! time is over and nobody logged it.
//!
//! A dose that is put off for once needs no [`Shift`]: whoever takes it later logs it when they do, and it counts.
//! Shifts are for the plan itself, before anything is logged: they are arguments and are not kept with the records.
//! Times that are to stay changed are written into the medication, whose versions say until when the old ones held.

use serde::Serialize;

use super::plan::{Due, Plan};
use crate::model::{Dose, DoseStatus};
use crate::time::Instant;

/// After this long, in milliseconds, a dose that was not taken is late.
pub const LATE_AFTER: i64 = 3_600_000;

const TWELVE_HOURS: i64 = 12 * 3_600_000;

/// Far enough around an interval that every dose in it sees its neighbours.
const AROUND: i64 = 2 * TWELVE_HOURS + 3_600_000;

/// What became of a due dose.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was taken.
    Taken,
    /// It was left out on purpose.
    Skipped,
    /// Its time is over and it was not taken.
    Missed,
    /// It should have been taken and still may be.
    Late,
    /// It is to be taken.
    Due,
}

impl State {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
            Self::Late => "late",
            Self::Due => "due",
        }
    }

    /// Whether it is still to be taken.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Due | Self::Late)
    }
}

/// A due dose and what became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scheduled {
    /// The dose.
    pub due: Due,
    /// What became of it.
    pub state: State,
    /// The entry of the log that says so, by its place in the list that was given.
    pub log: Option<usize>,
}

/// An entry of the dose log of one medicine.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// When.
    pub at: Instant,
    /// What the entry says.
    pub status: DoseStatus,
    /// How much, where it says so, with its unit.
    pub amount: Option<(f64, String)>,
}

impl Logged {
    /// The entry that a record makes; a dose without a status was taken, because somebody wrote it down.
    pub fn of(dose: &Dose) -> Self {
        Self {
            at: dose.at(),
            status: dose.status().unwrap_or(DoseStatus::Taken),
            amount: dose.amount().map(|amount| (amount.value().to_f64(), amount.unit().to_owned())),
        }
    }
}

/// A dose that is to be taken at another time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shift {
    planned: Instant,
    to: Instant,
    later_too: bool,
}

/// A dose is put off by hours or days, never by months.
const FURTHEST_SHIFT: i64 = 30 * 2 * TWELVE_HOURS;

impl Shift {
    /// The dose that the plan has at `planned` is taken at `to`, and with `later_too` every later one moves by as much;
    /// `None` for more than thirty days.
    pub fn new(planned: Instant, to: Instant, later_too: bool) -> Option<Self> {
        let shift = Self { planned, to, later_too };
        (to.millis().checked_sub(planned.millis())?.checked_abs()? <= FURTHEST_SHIFT).then_some(shift)
    }

    /// Whether the plan has the dose that is to be moved.
    pub fn is_of(&self, plan: &Plan) -> bool {
        plan.has(self.planned)
    }

    const fn by(self) -> i64 {
        self.to.millis() - self.planned.millis()
    }
}

/// The doses of a plan in an interval, after shifts.
///
/// A shift of one dose and all later ones holds until the next such shift, which says itself where its dose goes.
pub fn shifted(plan: &Plan, shifts: &[Shift], from: Instant, to: Instant) -> Vec<Due> {
    let mut shifts = shifts.to_vec();
    // Of several shifts of one dose, the one to the latest time counts.
    shifts.sort_by_key(|shift| (shift.planned, shift.to));
    let furthest = shifts.iter().map(|shift| shift.by().abs()).max().unwrap_or(0);
    let (own, later): (Vec<Shift>, Vec<Shift>) = shifts.into_iter().partition(|shift| !shift.later_too);
    let last = |shifts: &[Shift], until: Instant| {
        let after = shifts.partition_point(|shift| shift.planned <= until);
        after.checked_sub(1).map(|index| shifts[index])
    };
    let mut doses = plan.doses(from.plus_millis(-furthest), to.plus_millis(furthest));
    for due in &mut doses {
        let own = last(&own, due.planned).filter(|shift| shift.planned == due.planned);
        due.at = match own {
            Some(shift) => shift.to,
            None => due.planned.plus_millis(last(&later, due.planned).map_or(0, Shift::by)),
        };
    }
    doses.retain(|due| due.at >= from && due.at < to);
    doses.sort_by_key(|due| (due.at, due.planned));
    doses
}

/// The doses of a plan in an interval and what became of each by `now`.
pub fn schedule(
    plan: &Plan,
    shifts: &[Shift],
    log: &[Logged],
    from: Instant,
    to: Instant,
    now: Instant,
) -> Vec<Scheduled> {
    let doses = shifted(plan, shifts, from.plus_millis(-AROUND), to.plus_millis(AROUND));
    let mut all = states(&doses, log, now);
    all.retain(|dose| dose.due.at >= from && dose.due.at < to);
    all
}

/// What became of doses, which are in order, by `now`.
///
/// Doses that are due at one moment, because one was put off or the clocks skip an hour, share its time: each of them
/// has an entry of its own.
pub fn states(doses: &[Due], log: &[Logged], now: Instant) -> Vec<Scheduled> {
    let mut by_time: Vec<usize> = (0..log.len()).collect();
    by_time.sort_by_key(|index| (log[*index].at, rank(log[*index].status), *index));
    let half = |a: Due, b: Due| ((b.at.millis() - a.at.millis()) / 2).min(TWELVE_HOURS);
    let mut out = Vec::with_capacity(doses.len());
    let (mut next, mut index) = (0_usize, 0_usize);
    for together in doses.chunk_by(|a, b| a.at == b.at) {
        let due = together[0];
        let before = index.checked_sub(1).map_or(TWELVE_HOURS, |before| half(doses[before], due));
        index += together.len();
        let after = doses.get(index).map_or(TWELVE_HOURS, |after| {
            // The rounding of the two halves together gives the whole gap.
            (after.at.millis() - due.at.millis() - half(due, *after)).min(TWELVE_HOURS)
        });
        let (open, close) = (due.at.plus_millis(-before), due.at.plus_millis(after));
        while next < by_time.len() && log[by_time[next]].at < open {
            next += 1;
        }
        let own = by_time[next..].iter().copied().take_while(|entry| log[*entry].at < close);
        // Of several entries the one that says most counts: taken, then skipped; the nearest of those.
        let mut own: Vec<usize> = own.collect();
        own.sort_by_key(|entry| {
            let entry = &log[*entry];
            (rank(entry.status), (entry.at.millis() - due.at.millis()).abs(), entry.at)
        });
        for (place, due) in together.iter().enumerate() {
            let best = own.get(place).copied();
            let state = match best.map(|entry| log[entry].status) {
                Some(DoseStatus::Taken) => State::Taken,
                Some(DoseStatus::Skipped) => State::Skipped,
                Some(DoseStatus::Missed) => State::Missed,
                None if now >= close => State::Missed,
                None if now > due.at.plus_millis(LATE_AFTER) => State::Late,
                None => State::Due,
            };
            out.push(Scheduled { due: *due, state, log: best });
        }
    }
    out
}

const fn rank(status: DoseStatus) -> u8 {
    match status {
        DoseStatus::Taken => 0,
        DoseStatus::Skipped => 1,
        DoseStatus::Missed => 2,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{Habits, Prescribed};
    use super::*;
    use crate::model::{Kind as _, Medication};

    fn plan() -> Plan {
        let body = json!({"drug": "X", "start": "2026-01-05", "frequency": {"at": ["08:00", "20:00"]}});
        let medication = Medication::from_json(&body).expect("a medication");
        Plan::of(&Prescribed::of(&medication), &Habits::usual(TimeZone::UTC)).expect("a plan")
    }

    fn at(text: &str) -> Instant {
        format!("2026-01-{text}:00Z").parse().expect("a moment")
    }

    fn logged(text: &str, status: DoseStatus) -> Logged {
        Logged { at: at(text), status, amount: None }
    }

    fn found(log: &[Logged], shifts: &[Shift], now: &str) -> Vec<(String, State)> {
        schedule(&plan(), shifts, log, at("05T00:00"), at("07T00:00"), at(now))
            .iter()
            .map(|dose| (dose.due.at.to_string()[8..16].to_owned(), dose.state))
            .collect()
    }

    #[test]
    fn a_dose_is_due_then_late_then_missed() {
        let state = |now: &str| found(&[], &[], now)[0].1;
        assert_eq!(state("05T07:00"), State::Due);
        assert_eq!(state("05T09:00"), State::Due);
        assert_eq!(state("05T09:01"), State::Late);
        assert_eq!(state("05T13:59"), State::Late);
        assert_eq!(state("05T14:00"), State::Missed);
    }

    #[test]
    fn a_log_belongs_to_the_dose_in_whose_time_it_falls() {
        let log = [logged("05T13:59", DoseStatus::Taken), logged("06T08:10", DoseStatus::Skipped)];
        let states: Vec<State> = found(&log, &[], "06T21:30").into_iter().map(|(_, state)| state).collect();
        assert_eq!(states, [State::Taken, State::Missed, State::Skipped, State::Late]);
    }

    #[test]
    fn two_doses_at_one_moment_are_two() {
        let shift = Shift::new(at("05T08:00"), at("05T20:00"), false).expect("near enough");
        let states = |log: &[Logged]| -> Vec<State> {
            found(log, &[shift], "06T07:00").into_iter().map(|(_, state)| state).take(2).collect()
        };
        let (first, second) = (logged("05T20:00", DoseStatus::Taken), logged("05T20:05", DoseStatus::Taken));
        assert_eq!(states(&[]), [State::Missed, State::Missed]);
        assert_eq!(states(std::slice::from_ref(&first)), [State::Taken, State::Missed]);
        assert_eq!(states(std::slice::from_ref(&second)), [State::Taken, State::Missed]);
        assert_eq!(states(&[first, second]), [State::Taken, State::Taken]);
        // Half past two does not exist and becomes half past three, where another dose is.
        let body = json!({"drug": "X", "start": "2026-03-08", "frequency": {"at": ["02:30", "03:30"]}});
        let medication = Medication::from_json(&body).expect("a medication");
        let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a zone");
        let plan = Plan::of(&Prescribed::of(&medication), &Habits::usual(zone)).expect("a plan");
        let moment = |text: &str| -> Instant { text.parse().expect("a moment") };
        let taken = |text: &str| Logged { at: moment(text), status: DoseStatus::Taken, amount: None };
        let log = [taken("2026-03-08T07:30:00Z"), taken("2026-03-08T07:40:00Z")];
        let (from, to) = (moment("2026-03-08T05:00:00Z"), moment("2026-03-09T04:00:00Z"));
        let found = schedule(&plan, &[], &log, from, to, to);
        assert_eq!(found.iter().map(|dose| dose.state).collect::<Vec<_>>(), [State::Taken, State::Taken]);
    }

    #[test]
    fn one_dose_or_all_later_ones_move() {
        let shift =
            |planned: &str, to: &str, later_too| Shift::new(at(planned), at(to), later_too).expect("near enough");
        let times = |shifts: &[Shift]| found(&[], shifts, "05T00:00").into_iter().map(|(at, _)| at).collect::<Vec<_>>();
        let one = shift("05T08:00", "05T10:00", false);
        assert_eq!(times(&[one]), ["05T10:00", "05T20:00", "06T08:00", "06T20:00"]);
        let later = shift("05T08:00", "05T10:00", true);
        assert_eq!(times(&[later]), ["05T10:00", "05T22:00", "06T10:00", "06T22:00"]);
        // Written down twice it moves the doses once; the next shift says itself where its dose goes.
        assert_eq!(times(&[later, later]), times(&[later]));
        let again = shift("06T08:00", "06T11:00", true);
        assert_eq!(times(&[later, again]), ["05T10:00", "05T22:00", "06T11:00", "06T23:00"]);
        assert_eq!(times(&[again, later]), times(&[later, again]));
    }

    #[test]
    fn a_shift_of_more_than_thirty_days_is_none() {
        let planned = at("05T08:00");
        for (days, possible) in [(30, true), (-30, true), (31, false), (-31, false)] {
            let to = planned.plus_millis(days * 86_400_000);
            assert_eq!(Shift::new(planned, to, true).is_some(), possible, "{days}");
        }
        assert!(Shift::new(Instant::from_millis(i64::MIN), Instant::from_millis(i64::MAX), false).is_none());
    }

    proptest! {
        #[test]
        fn the_order_of_the_log_never_matters_and_a_removed_entry_leaves_no_trace(
            entries in prop::collection::vec((0_i64..6000, 0_u8..3), 1..12), gone in 0_usize..12,
        ) {
            let all: Vec<Logged> = entries.iter().map(|(minutes, status)| Logged {
                at: at("04T00:00").plus_millis(minutes * 60_000),
                status: [DoseStatus::Taken, DoseStatus::Skipped, DoseStatus::Missed][usize::from(*status)],
                amount: None,
            }).collect();
            let of = |log: &[Logged]| {
                let found = schedule(&plan(), &[], log, at("05T00:00"), at("08T00:00"), at("09T00:00"));
                found.iter().map(|dose| (dose.due.at, dose.state)).collect::<Vec<_>>()
            };
            let before = of(&all);
            prop_assert_eq!(&before, &of(&all.iter().rev().cloned().collect::<Vec<_>>()));
            let mut with = all.clone();
            with.insert(gone.min(all.len()), logged("06T07:00", DoseStatus::Taken));
            with.remove(gone.min(all.len()));
            prop_assert_eq!(before, of(&with));
        }
    }
}
