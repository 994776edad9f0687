//! What the phrases of a notation say, one after the other.

use super::super::words::Says;
use super::{Counted, Found, PIECES, Rhythm, Token};

impl Found {
    /// Takes what stands first; answers how many pieces that was.
    pub(super) fn take(&mut self, rest: &[Token]) -> Option<usize> {
        use Says::{
            A, AsNeeded, AtMost, Before, Daily, Days, Every, Hourly, Hours, Later, Months, Nothing, Number, Of, Often,
            On, OtherDay, Per, Reason, Times, Weeks,
        };
        let says = |index: usize| match rest.get(index) {
            Some(Token::Says(says)) => Some(*says),
            _ => None,
        };
        if let Some(Token::Pattern(pattern)) = rest.first() {
            self.patterns.push(pattern.clone());
            return Some(1);
        }
        let period = |says: Option<Says>| match says {
            Some(Per(unit) | A(unit)) => Some(unit),
            _ => None,
        };
        let span = |says: Option<Says>| match says {
            Some(Hours) => Some("h"),
            Some(Days) => Some("d"),
            Some(Weeks) => Some("wk"),
            Some(Months) => Some("mo"),
            _ => None,
        };
        // "हर 8 घंटे में", "हर 8 घंटे बाद".
        let filler = |index: usize| matches!(says(index), Some(Nothing | Later));
        // "3 times", "दो बार", "once".
        let counts = |index: usize| {
            matches!((says(index), says(index + 1)), (Some(Number(_)), Some(Times)) | (Some(Often(_)), _))
        };
        match (says(0)?, says(1), says(2), says(3)) {
            // "Max 4 times a day", "max 4 a day", "max 8 tablets a day"; of another time nothing is understood.
            (AtMost, Some(Number(most)), Some(Times), Some(A("d") | Per("d")))
            | (AtMost, Some(A("d") | Per("d")), Some(Number(most)), Some(Times)) => {
                Some(self.most(most, Counted::Times, 4))
            }
            (AtMost, Some(Number(most)), Some(Of(unit)), Some(A("d") | Per("d"))) => {
                Some(self.most(most, Counted::Of(unit), 4))
            }
            (AtMost, Some(Number(most)), Some(A("d")), _) => Some(self.most(most, Counted::Unsaid, 3)),
            (AtMost, Some(Daily(most)), ..) => {
                let most = [1.0, 2.0, 3.0, 4.0].get(usize::try_from(most).ok()?.checked_sub(1)?).copied()?;
                Some(self.most(most, Counted::Times, 2))
            }
            (Daily(times), ..) => {
                let times = u32::try_from(times).ok()?;
                self.rhythm(f64::from(times), 1.0, "d", 1)
            }
            // "3 times a day", "दो बार रोज".
            (Number(times), Some(Times), third, _) if period(third).is_some() => {
                self.rhythm(times, 1.0, period(third)?, 3)
            }
            // "Twice weekly", "weekly once".
            (Often(times), second, ..) if period(second).is_some() => {
                self.rhythm(f64::from(u32::try_from(times).ok()?), 1.0, period(second)?, 2)
            }
            (A(unit) | Per(unit), Some(Often(times)), ..) => {
                self.rhythm(f64::from(u32::try_from(times).ok()?), 1.0, unit, 2)
            }
            // "3 a day".
            (Number(times), Some(A(unit)), ..) => self.rhythm(times, 1.0, unit, 2),
            // "1 tablet a day", "2 tablets daily".
            (Number(amount), Some(Of(unit)), Some(A(per) | Per(per)), _) if !counts(3) => {
                self.amount_in(amount, unit, per, 3)
            }
            // "दिन में 2 गोली".
            (A(per) | Per(per), Some(Number(amount)), Some(Of(unit)), _) => self.amount_in(amount, unit, per, 3),
            // "दिन में दो बार", "daily 2 times".
            (A(unit) | Per(unit), Some(Number(times)), Some(Times), _) => self.rhythm(times, 1.0, unit, 3),
            // "हफ्ते में 3 दिन": on three days of the week, but on which.
            (Per("wk" | "mo"), Some(Number(_)), third, _) if span(third).is_some() => None,
            // "daily for 5 days": once daily.
            (Per(unit), ..) => self.rhythm(1.0, 1.0, unit, 1),
            (Every, Some(Number(per)), third, _) if span(third).is_some() => {
                let used = 3 + usize::from(filler(3));
                self.rhythm(1.0, per, span(third)?, used)
            }
            (Every, second, ..) if span(second).is_some() => {
                let used = 2 + usize::from(says(2) == Some(Later));
                self.rhythm(1.0, 1.0, span(second)?, used)
            }
            (Number(per), Some(Hourly), ..) => self.rhythm(1.0, per, "h", 2),
            (OtherDay, ..) => self.rhythm(1.0, 2.0, "d", 1),
            (Number(length), second, ..) if span(second).is_some() && span(second) != Some("h") => {
                self.durations.push((length, span(second)?));
                Some(2)
            }
            (Number(amount), Some(Of(unit)), ..) => {
                self.doses.push((amount, unit));
                Some(2)
            }
            (Says::Part(part), ..) => {
                self.parts.push(part);
                Some(1)
            }
            (Says::Meal(meal), ..) => {
                self.meals.push(meal);
                Some(1)
            }
            (On(day), ..) => {
                self.weekdays.push(day);
                Some(1)
            }
            (AsNeeded, ..) => {
                self.as_needed = true;
                Some(1)
            }
            (Reason, ..) => {
                self.reason = true;
                Some(1)
            }
            // "Every Monday" is on Mondays; words without meaning and the piece of a medicine say nothing more.
            (Every, Some(On(_) | Says::Part(_)), ..)
            | (Before, Some(On(_)), ..)
            | (Nothing | Of("{tablet}" | "{capsule}" | "{drop}"), ..) => Some(1),
            _ => None,
        }
    }

    /// An amount beside a unit of time: of more than one piece nobody knows whether it is taken together.
    fn amount_in(&mut self, amount: f64, unit: &'static str, per: &'static str, used: usize) -> Option<usize> {
        self.perhaps_a_sum |= !PIECES.contains(&unit) || amount > 1.0 + 1e-9;
        self.doses.push((amount, unit));
        self.rhythm(1.0, 1.0, per, used)
    }

    fn most(&mut self, most: f64, of: Counted, used: usize) -> usize {
        self.at_most.push((most, of));
        used
    }

    fn rhythm(&mut self, times: f64, per: f64, unit: &'static str, used: usize) -> Option<usize> {
        (times > 0.0 && times.fract() == 0.0 && times <= 24.0 && per > 0.0).then(|| {
            self.rhythms.push(Rhythm { times, per, unit });
            used
        })
    }
}
