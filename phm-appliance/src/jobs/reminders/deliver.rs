//! Sends what waits: each message once, later again where the way was shut, and a dose again until somebody answers.
//!
//! Whether a message is still needed is asked right before it is sent: a dose that was logged meanwhile is not said again, and an
//! appointment that was called off or moved is not said any more.

use phm_core::id::RecordId;
use phm_core::time::Instant;
use phm_core::vault::Session;

use super::One;
use super::answering::{is_logged, is_open};
use super::due::is_to_come;
use crate::auth::accounts::Account;
use crate::http::{House, Opened, Problem};
use crate::notify::board::{Answer, Delivery, Notice, State, Words};
use crate::notify::channels::{Said, Unsent, Ways};
use crate::notify::wishes::Door;
use crate::notify::{Channel, answers};

/// How long to wait before each further attempt, in minutes; after the last one a message is given up.
const PAUSES: [i64; 5] = [1, 5, 15, 60, 180];

/// The code of what was on its way when the program ended or the house was locked.
const INTERRUPTED: &str = "interrupted";

impl One<'_> {
    /// Sends what waits here.
    pub(super) fn deliver(&self, session: &Session, now: Instant) -> Result<(), Problem> {
        let mut outcome = Ok(());
        for id in self.place().look(self.vault())?.map(|board| board.open).unwrap_or_default() {
            // One that fails holds up no other.
            outcome = outcome.and(self.deliver_one(session, id, now));
        }
        outcome
    }

    fn deliver_one(&self, session: &Session, id: RecordId, now: Instant) -> Result<(), Problem> {
        let (place, vault) = (self.place(), self.vault());
        self.settle(session, id, now)?;
        if place.notice(vault, id)?.is_none_or(|notice| notice.is_settled()) {
            place.update(vault, now, |board| board.open.retain(|open| *open != id))?;
        }
        Ok(())
    }

    fn settle(&self, session: &Session, id: RecordId, now: Instant) -> Result<(), Problem> {
        let (place, vault) = (self.place(), self.vault());
        let Some(notice) = self.put_right(id, now)? else { return Ok(()) };
        let says_again = notice.repeat_at.is_some_and(|at| at <= now);
        let is_due =
            |one: &Delivery| one.state == State::Waiting && one.next_at <= now && self.patience.lasts(one.channel);
        if !says_again && !notice.deliveries.iter().any(is_due) {
            return Ok(());
        }
        if !notice.doses.is_empty() && !self.still_open(session, &notice, now)? {
            let logged = self.is_logged(session, &notice, now)?;
            place.change(vault, id, |notice| {
                notice.drop_the_rest();
                if logged {
                    notice.answer = Some(Answer { status: "elsewhere".to_owned(), at: now });
                }
            })?;
            if let Some(token) = notice.token.as_ref().filter(|_| logged) {
                answers::end(vault, token)?;
            }
            return Ok(());
        }
        if let Some((appointment, start)) = notice.appointment
            && !is_to_come(session, self.served.profile, appointment, start)?
        {
            place.change(vault, id, Notice::drop_the_rest)?;
            return Ok(());
        }
        let notice = if says_again { self.say_again(id, now)? } else { Some(notice) };
        let Some(notice) = notice else { return Ok(()) };
        for at in (0..notice.deliveries.len()).filter(|at| is_due(&notice.deliveries[*at])) {
            // Sending takes a while, and a grant may be taken back at any moment; what the end of the program interrupts is lost.
            if self.house.backups.is_stopping() || !self.may_look(session) {
                return Ok(());
            }
            self.attempt(&notice, at)?;
        }
        Ok(())
    }

    /// A reminder, without what an earlier look left on its way when it could not go on (one look is over before the next begins),
    /// and without what nobody needs any more.
    fn put_right(&self, id: RecordId, now: Instant) -> Result<Option<Notice>, Problem> {
        let (place, vault) = (self.place(), self.vault());
        let Some(notice) = place.notice(vault, id)? else { return Ok(None) };
        let lost = |one: &Delivery| one.state == State::Sending;
        let over = now >= notice.until || notice.answer.is_some();
        if !over && !notice.deliveries.iter().any(lost) {
            return Ok(Some(notice));
        }
        let changed = place.change(vault, id, |notice| {
            for one in &mut notice.deliveries {
                if lost(one) {
                    (one.state, one.code) = (State::Dead, Some(INTERRUPTED.to_owned()));
                }
            }
            if over {
                notice.drop_the_rest();
            }
            notice.clone()
        })?;
        Ok(changed)
    }

    /// Whether any of the doses is still to be taken.
    fn still_open(&self, session: &Session, notice: &Notice, now: Instant) -> Result<bool, Problem> {
        for asked in &notice.doses {
            if is_open(session, self.served.profile, asked, self.t.zone(), now)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the log says what became of every dose.
    fn is_logged(&self, session: &Session, notice: &Notice, now: Instant) -> Result<bool, Problem> {
        for asked in &notice.doses {
            if !is_logged(session, self.served.profile, asked, self.t.zone(), now)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds the messages that say a dose again.
    fn say_again(&self, id: RecordId, now: Instant) -> Result<Option<Notice>, Problem> {
        let (at, channels) = (self.loud(now), self.wishes.doors.keys());
        let changed = self.place().change(self.vault(), id, |notice| {
            if self.wishes.repeat_minutes == 0 {
                // Its reader wants to hear nothing twice any more.
                notice.repeat_at = None;
                return notice.clone();
            }
            let round = notice.deliveries.iter().map(|one| one.round).max().unwrap_or(0).saturating_add(1);
            // What could not be said yet is said once, not twice.
            for one in notice.deliveries.iter_mut().filter(|one| one.state == State::Waiting) {
                one.state = State::Dropped;
            }
            notice.deliveries.extend(channels.map(|channel| Delivery::new(*channel, round, at)));
            notice.repeats = notice.repeats.saturating_sub(1);
            notice.repeat_at = self.again(at, notice.repeats);
            notice.clone()
        })?;
        Ok(changed)
    }

    /// Tries one message, which is marked as on its way first.
    fn attempt(&self, notice: &Notice, at: usize) -> Result<(), Problem> {
        let (place, vault, now) = (self.place(), self.vault(), self.house.clock.now());
        let delivery = &notice.deliveries[at];
        let said = self.wishes.doors.get(&delivery.channel).and_then(|door| Some((door, words(door, notice)?)));
        let loud = self.loud(now);
        let begin = |notice: &mut Notice| {
            let Some(one) = notice.deliveries.get_mut(at).filter(|one| one.state == State::Waiting) else {
                return false;
            };
            if said.is_none() {
                // The channel was taken away, or nothing may be said on it.
                one.state = State::Dropped;
                return false;
            }
            if loud > now {
                one.next_at = loud;
                return false;
            }
            (one.state, one.run, one.tries) = (State::Sending, Some(self.house.run), one.tries.saturating_add(1));
            true
        };
        let begun = place.change(vault, notice.id, begin)?.unwrap_or(false);
        let Some((door, words)) = said.filter(|_| begun) else { return Ok(()) };
        let said = Said {
            id: format!("{}-{}", notice.id, delivery.round),
            title: words.title.clone(),
            text: words.text.clone(),
            link: self.link(notice, now),
        };
        let began = std::time::Instant::now();
        let sent = delivery.channel.send(&self.ways(now), door, &said);
        self.patience.spend(delivery.channel, began.elapsed(), sent);
        place.change(vault, notice.id, |notice| {
            let until = notice.until;
            if let Some(one) = notice.deliveries.get_mut(at) {
                end(one, sent, now, until);
            }
        })?;
        Ok(())
    }

    fn link(&self, notice: &Notice, now: Instant) -> String {
        let base = &self.house.settings.public_url;
        match notice.token.as_ref().filter(|_| notice.asks(now)) {
            Some(token) => format!("{base}/r/{token}"),
            None => format!("{base}/notifications"),
        }
    }

    fn ways(&self, now: Instant) -> Ways<'_> {
        ways(self.house, self.opened, self.account, now)
    }
}

/// What a channel may say.
fn words<'n>(door: &Door, notice: &'n Notice) -> Option<&'n Words> {
    if door.detail { Some(&notice.inside) } else { notice.outside.as_ref() }
}

fn ways<'a>(house: &'a House, opened: &'a Opened, account: &'a Account, now: Instant) -> Ways<'a> {
    Ways { outside: house.outside(), desk: opened.desk_now(), account: account.id, email: &account.email, now }
}

/// Sends one message by a channel to see whether it arrives; says nothing of anybody.
///
/// # Errors
/// Why it was not taken.
pub fn try_out(
    house: &House,
    opened: &Opened,
    account: &Account,
    channel: Channel,
    door: &Door,
    words: Words,
) -> Result<(), Unsent> {
    let link = format!("{}/notifications", house.settings.public_url);
    let said = Said { id: RecordId::new().to_string(), title: words.title, text: words.text, link };
    channel.send(&ways(house, opened, account, house.clock.now()), door, &said)
}

/// Notes what became of an attempt.
fn end(one: &mut Delivery, sent: Result<(), Unsent>, now: Instant, until: Instant) {
    let Err(unsent) = sent else {
        (one.state, one.code) = (State::Sent, None);
        return;
    };
    one.code = Some(unsent.code().to_owned());
    let pause = usize::from(one.tries).checked_sub(1).and_then(|tried| PAUSES.get(tried));
    let next_at = pause.map(|minutes| now.plus_millis(minutes * 60_000)).filter(|next| *next < until);
    match next_at.filter(|_| unsent.may_pass()) {
        Some(next_at) => (one.state, one.next_at) = (State::Waiting, next_at),
        None => one.state = State::Dead,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_795_000_000_000);

    #[test]
    fn a_shut_way_is_tried_later_and_later_and_then_given_up() {
        let mut one = Delivery::new(Channel::Ntfy, 0, NOW);
        let (until, mut waited) = (NOW.plus_millis(24 * 3_600_000), Vec::new());
        for _ in 0..PAUSES.len() {
            one.tries += 1;
            end(&mut one, Err(Unsent::Unreachable), NOW, until);
            assert_eq!(one.state, State::Waiting);
            waited.push((one.next_at.millis() - NOW.millis()) / 60_000);
        }
        assert_eq!(waited, PAUSES);
        one.tries += 1;
        end(&mut one, Err(Unsent::Unreachable), NOW, until);
        assert_eq!((one.state, one.code.as_deref()), (State::Dead, Some("unreachable")));
    }

    #[test]
    fn what_was_refused_for_good_or_comes_too_late_is_not_tried_again() {
        let late = NOW.plus_millis(30_000);
        for (sent, until) in [(Unsent::Refused, NOW.plus_millis(24 * 3_600_000)), (Unsent::Unreachable, late)] {
            let mut one = Delivery { tries: 1, ..Delivery::new(Channel::Gotify, 0, NOW) };
            end(&mut one, Err(sent), NOW, until);
            assert_eq!(one.state, State::Dead);
        }
        let mut one = Delivery { tries: 2, ..Delivery::new(Channel::Gotify, 0, NOW) };
        one.code = Some("unreachable".to_owned());
        end(&mut one, Ok(()), NOW, late);
        assert_eq!((one.state, one.code), (State::Sent, None));
    }
}
