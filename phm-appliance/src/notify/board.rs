//! What somebody was reminded of about a person, and what became of each message.
//!
//! Sealed state of the person, which goes when they are erased. A reminder is written down before anything of it leaves the
//! house, under the name of what it is about: looking again, or starting again, makes no second one. A message is marked as on
//! its way before it is sent; one that was on its way when the program ended is not sent again, because nobody knows whether it
//! arrived, and stands on the page of whoever runs the house.

use std::collections::BTreeMap;

use phm_core::access::AccountId;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::Vault;
use serde::{Deserialize, Serialize};

use super::answers;
use super::channels::Channel;

const FORMAT: u8 = 1;

/// Reminders kept of one person for one account.
const MOST: usize = 100;

/// How long a reminder is kept, in milliseconds.
const KEPT: i64 = 30 * 24 * 3_600_000;

/// Whose reminders: of this account, about this person.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// The person.
    pub profile: ProfileId,
    /// Who is reminded.
    pub account: AccountId,
}

/// What stands in one place.
#[derive(Clone, Deserialize, Serialize)]
pub struct Board {
    format: u8,
    /// The reminders, oldest first.
    pub ids: Vec<RecordId>,
    /// Those with something still to be done.
    pub open: Vec<RecordId>,
    /// What was said already, and until when that is to be remembered.
    known: BTreeMap<String, Instant>,
    /// How much had been written about the person when somebody looked last.
    pub seen: u64,
    /// When somebody looked last.
    pub looked_at: Instant,
    /// When to look again, whatever was written.
    pub look_at: Instant,
    /// From when on somebody is reminded.
    pub began: Instant,
    /// Results from here on are new.
    pub since: Instant,
    /// Why the last look made no reminder, as a code.
    pub trouble: Option<String>,
}

/// Title and text.
#[derive(Clone, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Words {
    /// The title.
    pub title: String,
    /// The text.
    pub text: String,
}

/// A dose that a reminder asks about.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Asked {
    /// The medication.
    pub medication: RecordId,
    /// When it was due.
    pub due_at: Instant,
}

/// What was answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Answer {
    /// `taken` or `skipped`; `elsewhere` where the log said so already.
    pub status: String,
    /// When.
    pub at: Instant,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for its time.
    Waiting,
    /// It is on its way.
    Sending,
    /// It was taken.
    Sent,
    /// It was given up.
    Dead,
    /// It is not needed any more.
    Dropped,
}

/// A message on a channel.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Delivery {
    /// The channel.
    pub channel: Channel,
    /// The how-manieth time it is said.
    pub round: u8,
    /// How far it has come.
    pub state: State,
    /// Attempts so far.
    pub tries: u8,
    /// When to try next.
    pub next_at: Instant,
    /// Why the last attempt failed, as a code.
    pub code: Option<String>,
    /// The run of the program that had it on its way last.
    pub run: Option<RecordId>,
}

impl Delivery {
    /// A message that waits until `next_at`.
    pub fn new(channel: Channel, round: u8, next_at: Instant) -> Self {
        Self { channel, round, state: State::Waiting, tries: 0, next_at, code: None, run: None }
    }
}

/// A reminder.
#[derive(Clone, Deserialize, Serialize)]
pub struct Notice {
    format: u8,
    /// Its id.
    pub id: RecordId,
    /// What happened: `dose-due refill appointment result grant-expires`.
    pub event: String,
    /// When it was made.
    pub at: Instant,
    /// After this nobody needs it any more.
    pub until: Instant,
    /// What is read in the house.
    pub inside: Words,
    /// What leaves it by default; says nothing of what it is about.
    pub outside: Option<Words>,
    /// Whether its reader has seen it.
    pub read: bool,
    /// The doses it asks about.
    pub doses: Vec<Asked>,
    /// The appointment it is about, and when that begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<(RecordId, Instant)>,
    /// What was answered.
    pub answer: Option<Answer>,
    /// The secret of its answer link.
    pub token: Option<String>,
    /// Its messages.
    pub deliveries: Vec<Delivery>,
    /// How often it is still to be said again.
    pub repeats: u8,
    /// When that is.
    pub repeat_at: Option<Instant>,
}

impl Notice {
    /// A reminder without messages.
    pub fn new(event: &str, at: Instant, until: Instant, inside: Words, outside: Option<Words>) -> Self {
        Self {
            format: FORMAT,
            id: RecordId::new(),
            event: event.to_owned(),
            at,
            until,
            inside,
            outside,
            read: false,
            doses: Vec::new(),
            appointment: None,
            answer: None,
            token: None,
            deliveries: Vec::new(),
            repeats: 0,
            repeat_at: None,
        }
    }

    /// Whether it still waits for an answer.
    pub fn asks(&self, now: Instant) -> bool {
        !self.doses.is_empty() && self.answer.is_none() && now < self.until
    }

    /// Whether nothing is left to do.
    pub fn is_settled(&self) -> bool {
        self.repeat_at.is_none()
            && self.deliveries.iter().all(|one| !matches!(one.state, State::Waiting | State::Sending))
    }

    /// Ends what is still to be sent.
    pub fn drop_the_rest(&mut self) {
        self.repeat_at = None;
        for one in self.deliveries.iter_mut().filter(|one| one.state == State::Waiting) {
            one.state = State::Dropped;
        }
    }
}

impl Board {
    fn begun(now: Instant) -> Self {
        Self {
            format: FORMAT,
            ids: Vec::new(),
            open: Vec::new(),
            known: BTreeMap::new(),
            seen: 0,
            looked_at: now,
            look_at: now,
            began: now,
            since: now,
            trouble: None,
        }
    }

    /// Whether something of this name was said already, and is to be remembered at `now`.
    pub fn knows(&self, key: &str, now: Instant) -> bool {
        self.known.get(key).is_some_and(|until| *until > now)
    }
}

impl Place {
    /// What stands here; at first nothing, from `now` on.
    pub fn board(self, vault: &Vault, now: Instant) -> phm_core::Result<Board> {
        let kept: Option<Board> = vault.state(self.profile, &self.row())?;
        if let Some(board) = kept.filter(|board| board.format == FORMAT) {
            return Ok(board);
        }
        let begun = Board::begun(now);
        vault.put_state(self.profile, &self.row(), &begun, None)?;
        Ok(begun)
    }

    /// What stands here, without making anything.
    pub fn look(self, vault: &Vault) -> phm_core::Result<Option<Board>> {
        let kept: Option<Board> = vault.state(self.profile, &self.row())?;
        Ok(kept.filter(|board| board.format == FORMAT))
    }

    /// Changes what stands here.
    pub fn update<R>(self, vault: &Vault, now: Instant, change: impl FnOnce(&mut Board) -> R) -> phm_core::Result<R> {
        vault.update_state(self.profile, &self.row(), |kept: Option<Board>| {
            let mut board = kept.filter(|board| board.format == FORMAT).unwrap_or_else(|| Board::begun(now));
            let answer = change(&mut board);
            Ok((Some((board, None)), answer))
        })
    }

    /// Forgets everything here; the person is not to be told of any more.
    pub fn clear(self, vault: &Vault) -> phm_core::Result<()> {
        if let Some(board) = self.look(vault)? {
            for id in board.ids {
                self.forget(vault, id)?;
            }
            vault.delete_state(self.profile, &self.row())?;
        }
        Ok(())
    }

    /// Writes a reminder down, unless one of `keys` was said already; a key is remembered until its moment.
    pub fn add(
        self,
        vault: &Vault,
        now: Instant,
        keys: &[(String, Instant)],
        notice: &Notice,
    ) -> phm_core::Result<bool> {
        // The reminder first: a list that names none is read as it is, and one that nobody lists is never sent.
        self.put(vault, notice)?;
        let (added, gone) = self.update(vault, now, |board| {
            if keys.iter().any(|(key, _)| board.knows(key, now)) {
                return (false, Vec::new());
            }
            board.known.retain(|_, until| *until > now);
            board.known.extend(keys.iter().cloned());
            board.ids.push(notice.id);
            board.open.push(notice.id);
            let over = board.ids.len().saturating_sub(MOST);
            let gone: Vec<RecordId> = board.ids.drain(..over).collect();
            board.open.retain(|id| !gone.contains(id));
            (true, gone)
        })?;
        if !added {
            vault.delete_state(self.profile, &self.notice_row(notice.id))?;
            return Ok(false);
        }
        for id in gone {
            self.forget(vault, id)?;
        }
        change_unread(vault, self.account, |unread| unread.saturating_add(1))?;
        Ok(true)
    }

    /// Forgets a reminder, and what leads to it; nobody is told any more that there is one they have not seen.
    fn forget(self, vault: &Vault, id: RecordId) -> phm_core::Result<()> {
        let notice = self.notice(vault, id)?;
        vault.delete_state(self.profile, &self.notice_row(id))?;
        let Some(notice) = notice else { return Ok(()) };
        if let Some(token) = &notice.token {
            answers::end(vault, token)?;
        }
        if notice.read {
            return Ok(());
        }
        change_unread(vault, self.account, |unread| unread.saturating_sub(1))
    }

    /// Remembers keys for which there is nothing to say.
    pub fn remember(self, vault: &Vault, now: Instant, keys: &[(String, Instant)]) -> phm_core::Result<()> {
        self.update(vault, now, |board| {
            board.known.retain(|_, until| *until > now);
            board.known.extend(keys.iter().cloned());
        })
    }

    /// A reminder.
    pub fn notice(self, vault: &Vault, id: RecordId) -> phm_core::Result<Option<Notice>> {
        let kept: Option<Notice> = vault.state(self.profile, &self.notice_row(id))?;
        Ok(kept.filter(|notice| notice.format == FORMAT))
    }

    /// The reminders here, newest first.
    pub fn notices(self, vault: &Vault) -> phm_core::Result<Vec<Notice>> {
        let mut notices = Vec::new();
        for id in self.look(vault)?.map(|board| board.ids).unwrap_or_default().into_iter().rev() {
            notices.extend(self.notice(vault, id)?);
        }
        Ok(notices)
    }

    /// Changes a reminder; nothing where it is gone.
    pub fn change<R>(
        self,
        vault: &Vault,
        id: RecordId,
        change: impl FnOnce(&mut Notice) -> R,
    ) -> phm_core::Result<Option<R>> {
        vault.update_state(self.profile, &self.notice_row(id), |kept: Option<Notice>| {
            let Some(mut notice) = kept.filter(|notice| notice.format == FORMAT) else { return Ok((None, None)) };
            let answer = change(&mut notice);
            let expires = notice.at.plus_millis(KEPT);
            Ok((Some((notice, Some(expires))), Some(answer)))
        })
    }

    fn put(self, vault: &Vault, notice: &Notice) -> phm_core::Result<()> {
        vault.put_state(self.profile, &self.notice_row(notice.id), notice, Some(notice.at.plus_millis(KEPT)))
    }

    fn row(self) -> String {
        format!("reminders/{}", self.account)
    }

    fn notice_row(self, id: RecordId) -> String {
        format!("reminder/{}/{id}", self.account)
    }
}

/// How many reminders an account has not seen.
pub fn unread(vault: &Vault, account: AccountId) -> phm_core::Result<u32> {
    Ok(vault.state(ProfileId::SYSTEM, &unread_row(account))?.unwrap_or(0))
}

/// Changes how many an account has not seen.
pub fn change_unread(vault: &Vault, account: AccountId, change: impl FnOnce(u32) -> u32) -> phm_core::Result<()> {
    vault.update_state(ProfileId::SYSTEM, &unread_row(account), |unread: Option<u32>| {
        let unread = change(unread.unwrap_or(0));
        Ok(((unread > 0).then_some((unread, None)), ()))
    })
}

fn unread_row(account: AccountId) -> String {
    format!("reminders unread/{account}")
}

#[cfg(test)]
mod tests {
    use phm_core::crypto::kdf::Cost;
    use phm_core::crypto::secret::Secret;
    use phm_core::vault::Options;

    use super::*;

    const NOW: Instant = Instant::from_millis(1_795_000_000_000);

    fn words(text: &str) -> Words {
        Words { title: text.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let mut notice = Notice::new("dose-due", NOW, NOW, words("a"), Some(words("b")));
        notice.id = RecordId::from_bytes([1; 16]);
        notice.doses.push(Asked { medication: RecordId::from_bytes([2; 16]), due_at: NOW });
        notice.deliveries.push(Delivery::new(Channel::Mail, 0, NOW));
        let stored = serde_json::to_string(&notice).expect("JSON");
        insta::assert_snapshot!(stored, @r#"{"format":1,"id":"01010101-0101-0101-0101-010101010101","event":"dose-due","at":"2026-11-18T11:06:40.000Z","until":"2026-11-18T11:06:40.000Z","inside":{"title":"a","text":"a"},"outside":{"title":"b","text":"b"},"read":false,"doses":[{"medication":"02020202-0202-0202-0202-020202020202","due_at":"2026-11-18T11:06:40.000Z"}],"answer":null,"token":null,"deliveries":[{"channel":"mail","round":0,"state":"waiting","tries":0,"next_at":"2026-11-18T11:06:40.000Z","code":null,"run":null}],"repeats":0,"repeat_at":null}"#);
    }

    #[test]
    fn what_was_said_is_not_said_again_and_the_oldest_make_room() {
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        let secret = Secret::passphrase("a passphrase for tests");
        let (vault, _) = Vault::create(&dir.path().join("vault"), &[secret], options).expect("a vault");
        let place = Place { profile: ProfileId::SYSTEM, account: RecordId::new() };
        let now = Instant::now();
        let later = now.plus_millis(1_000);
        let add = |key: &str| {
            let notice = Notice::new("refill", now, later, words(key), None);
            place.add(&vault, now, &[(key.to_owned(), later)], &notice).expect("state")
        };
        assert!(add("one") && !add("one"));
        assert_eq!(
            (place.notices(&vault).expect("state").len(), unread(&vault, place.account).expect("state")),
            (1, 1)
        );
        for n in 0..MOST {
            assert!(add(&format!("more {n}")));
        }
        let notices = place.notices(&vault).expect("state");
        assert_eq!((notices.len(), notices[0].inside.title.as_str()), (MOST, "more 99"));
        let first = place.look(&vault).expect("state").expect("a board").ids[0];
        assert_eq!(unread(&vault, place.account).expect("state"), 100, "what made room is not counted");
        let answered = place.change(&vault, first, |notice| notice.read = true).expect("state");
        change_unread(&vault, place.account, |unread| unread - 1).expect("state");
        assert!(answered.is_some() && place.notice(&vault, first).expect("state").expect("there").read);
        place.clear(&vault).expect("state");
        assert!(place.look(&vault).expect("state").is_none() && place.notice(&vault, first).expect("state").is_none());
        assert_eq!(unread(&vault, place.account).expect("state"), 0, "what is forgotten is not counted");
    }
}
