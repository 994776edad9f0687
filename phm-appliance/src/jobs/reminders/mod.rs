//! Reminds people of what is due, as they wished.
//!
//! A look goes through everybody who wants to be reminded about somebody, under the standing grant that they gave to the service
//! `reminders`: taken back, it sees nothing from that moment on. Records are read where something was written since the last
//! look, where a moment has come that the last look foresaw, and otherwise a few times a day, because every reading stands in the
//! audit of the person. What is found is written down, with its messages, before anything is sent ([`crate::notify::board`]);
//! the words are those of the plugin for notifications that is on, and without one no reminder is made.

mod answering;
mod course;
mod deliver;
mod due;
mod failed;
mod patience;
mod render;

use std::sync::Arc;
use std::time::Duration;

use phm_core::access::{AccountId, Action, Actor};
use phm_core::time::Instant;
use phm_core::vault::{Session, Vault};
use phm_plugin_api::Kind;

use crate::auth::accounts::{self, Account};
use crate::http::{House, Opened, Problem, blocking};
use crate::i18n::Locale;
use crate::notify::board::{Board, Delivery, Notice, Place};
use crate::notify::wishes::{self, SERVICE, Served, Wishes};
use crate::notify::{Channel, answers};

use patience::Patience;

pub use answering::{Answered, answer};
pub use deliver::try_out;
pub use failed::{Failed, Standing, forget, retry, standing};

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(30);

/// How long to wait where the plugin failed, in milliseconds.
const AFTER_TROUBLE: i64 = 10 * 60_000;

/// Where much is written, it is looked at so often at most, in milliseconds.
const AT_MOST_EVERY: i64 = 60_000;

/// Reminders made about one person in one look at most; what is left is found by the next look, and nobody else waits for it.
const MOST_AT_ONCE: usize = 20;

/// Results are looked for so far before the last look, in milliseconds: one may be written while somebody looks.
const OVERLAP: i64 = 3_600_000;

/// Looks again and again, for as long as the runtime lives. A locked house is left alone.
pub async fn run(house: Arc<House>) {
    loop {
        look(&house).await;
        tokio::time::sleep(EVERY).await;
    }
}

/// Looks once: makes the reminders that are due, and sends what waits.
pub async fn look(house: &Arc<House>) {
    let Ok(opened) = house.open() else { return };
    let house = Arc::clone(house);
    if let Err(problem) = blocking(move || everybody(&house, &opened)).await {
        tracing::warn!(code = problem.code(), "nobody could be reminded");
    }
}

/// Looks for everybody; what fails for one keeps nobody else from being reminded.
fn everybody(house: &House, opened: &Opened) -> Result<(), Problem> {
    let plugin = opened.plugins.enabled_of(Kind::Notify)?.map(|plugin| plugin.name);
    for account in wishes::accounts(&opened.vault)? {
        if house.backups.is_stopping() {
            return Ok(());
        }
        if let Err(problem) = somebody(house, opened, account, plugin.as_deref()) {
            tracing::warn!(code = problem.code(), "somebody could not be reminded");
        }
    }
    Ok(())
}

/// Looks for one account; what fails about one person keeps nobody from being reminded about another.
fn somebody(house: &House, opened: &Opened, account: AccountId, plugin: Option<&str>) -> Result<(), Problem> {
    let Some(wishes) = wishes::read(&opened.vault, account)? else { return Ok(()) };
    // Whose account is closed is not reminded of anything.
    let Some(account) = accounts::find(&opened.vault, account)? else { return Ok(()) };
    let t = wishes.locale(house.settings.time_zone.as_ref());
    let patience = Patience::default();
    for served in &wishes.people {
        let one = One { house, opened, account: &account, wishes: &wishes, served, t: &t, patience: &patience };
        if let Err(problem) = one.serve(plugin) {
            tracing::warn!(code = problem.code(), "somebody could not be reminded about somebody");
        }
    }
    Ok(())
}

/// Whether somebody looked so lately that it is not even asked whether anything was written since.
fn was_looked_at(board: &Board, now: Instant) -> bool {
    now < board.look_at && now < board.looked_at.plus_millis(AT_MOST_EVERY)
}

/// One account that is reminded about one person.
struct One<'a> {
    house: &'a House,
    opened: &'a Opened,
    account: &'a Account,
    wishes: &'a Wishes,
    served: &'a Served,
    t: &'a Locale,
    patience: &'a Patience,
}

impl One<'_> {
    fn vault(&self) -> &Vault {
        &self.opened.vault
    }

    fn place(&self) -> Place {
        Place { profile: self.served.profile, account: self.account.id }
    }

    fn serve(&self, plugin: Option<&str>) -> Result<(), Problem> {
        let actor = Actor::Service { grant: self.served.grant, account: self.account.id, name: SERVICE.to_owned() };
        let session = self.vault().session(actor, SERVICE)?;
        let (place, now) = (self.place(), session.now());
        // Most looks find nothing to do, and open nobody's records to learn that.
        let idle = |board: &Board| board.open.is_empty() && was_looked_at(board, now);
        if place.look(self.vault())?.is_some_and(|board| idle(&board)) {
            return Ok(());
        }
        if !self.may_look(&session) {
            return self.drop_the_rest(place, now);
        }
        // Where nothing can be found, what waits is sent all the same.
        let found = plugin.map_or(Ok(()), |plugin| self.find(&session, plugin, now));
        let sent = self.deliver(&session, now);
        found.and(sent)
    }

    /// Whether the standing grant opens anything at this moment.
    fn may_look(&self, session: &Session) -> bool {
        session.may(Action::Read, self.served.profile, "profile")
    }

    /// Ends what waits: the grant was taken back, or the person is gone.
    fn drop_the_rest(&self, place: Place, now: Instant) -> Result<(), Problem> {
        let open = place.look(self.vault())?.map(|board| board.open).unwrap_or_default();
        // Nothing is written again and again about somebody who is not looked at any more.
        if open.is_empty() {
            return Ok(());
        }
        for id in open {
            place.change(self.vault(), id, Notice::drop_the_rest)?;
        }
        place.update(self.vault(), now, |board| board.open.clear())?;
        Ok(())
    }

    /// Makes the reminders that are due, where there is a reason to look.
    fn find(&self, session: &Session, plugin: &str, now: Instant) -> Result<(), Problem> {
        let (place, profile) = (self.place(), self.served.profile);
        let board = place.board(self.vault(), now)?;
        if was_looked_at(&board, now) {
            return Ok(());
        }
        let changes = session.changes(profile)?;
        if now < board.look_at && changes == board.seen {
            return Ok(());
        }
        let about = due::About { session, profile, t: self.t, now, board: &board, account: self.account.id };
        let mut looked = match due::look(&about) {
            Ok(looked) => looked,
            Err(problem) => {
                // Not again every half minute: every reading stands in the audit.
                place.update(self.vault(), now, |board| {
                    (board.seen, board.looked_at, board.look_at) = (changes, now, now.plus_millis(AFTER_TROUBLE));
                    board.trouble = Some(problem.code().to_owned());
                })?;
                return Err(problem);
            }
        };
        let all = looked.events.len() <= MOST_AT_ONCE;
        looked.events.truncate(MOST_AT_ONCE);
        let person = if looked.events.is_empty() { String::new() } else { session.profile_card(profile)?.name };
        let mut trouble = None;
        for event in &looked.events {
            let plugins = &self.opened.plugins;
            let asked = render::Wanted { plugins, plugin, session, profile, event, person: &person };
            match render::render(&asked, &self.wishes.language) {
                Ok(Some(said)) => self.make(event, said, now)?,
                Ok(None) => place.remember(self.vault(), now, &event.keys)?,
                Err(code) => trouble = Some(code),
            }
        }
        // What could not be put into words is looked for again soon, and not when what was counted is forgotten.
        if all && trouble.is_none() && !looked.remember.is_empty() {
            place.remember(self.vault(), now, &looked.remember)?;
        }
        place.update(self.vault(), now, |board| {
            (board.seen, board.looked_at) = (changes, now);
            board.look_at = match trouble {
                Some(_) => now.plus_millis(AFTER_TROUBLE),
                None if all => looked.next_at,
                None => now,
            };
            if all && trouble.is_none() {
                board.since = board.since.max(now.plus_millis(-OVERLAP));
            }
            board.trouble = trouble;
        })?;
        Ok(())
    }

    /// Writes a reminder down, with the messages that carry it.
    fn make(&self, event: &due::Event, said: render::Said, now: Instant) -> Result<(), Problem> {
        let place = self.place();
        let mut notice = Notice::new(event.event, now, event.until, said.inside, said.outside);
        let at = self.loud(now);
        let channels: Vec<Channel> = self.wishes.doors.keys().copied().collect();
        notice.deliveries = channels.into_iter().map(|channel| Delivery::new(channel, 0, at)).collect();
        if event.event == "appointment" {
            // It is of use until it begins.
            notice.appointment = event.records.first().map(|id| (*id, event.until));
        }
        if !event.doses.is_empty() {
            notice.doses.clone_from(&event.doses);
            let grant = self.served.grant;
            notice.token = Some(answers::make(self.vault(), place, grant, notice.id, event.until)?);
            if self.wishes.repeat_minutes > 0 && !notice.deliveries.is_empty() {
                notice.repeats = self.wishes.repeat_times;
                notice.repeat_at = self.again(at, notice.repeats);
            }
        }
        place.add(self.vault(), now, &event.keys, &notice)?;
        Ok(())
    }

    /// The first moment from `now` on at which it is not quiet.
    fn loud(&self, now: Instant) -> Instant {
        self.wishes.quiet.map_or(now, |quiet| quiet.over(now, self.t.zone()))
    }

    /// When to say something again that was said at `at`.
    fn again(&self, at: Instant, repeats: u8) -> Option<Instant> {
        (repeats > 0 && self.wishes.repeat_minutes > 0)
            .then(|| at.plus_millis(i64::from(self.wishes.repeat_minutes) * 60_000))
    }
}
