//! Everything a vault does, one act after the other, where some call of the disk or of the store fails.
//!
//! Whatever fails says what to do. A vault whose commit failed refuses everything until it is opened again; one that goes
//! on after a failure has lost nothing by it. What was acknowledged is said as the writer says it, for the same judge.

use std::cell::{Cell, RefCell};
use std::ops::{ControlFlow, Range};
use std::path::Path;

use phm_core::access::{Action, Actor};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::model::Sample;
use phm_core::time::Instant;
use phm_core::vault::{How, ImportInput, ImportRequest, ImportTarget, Options, Record, SampleQuery, Session, Vault};
use phm_core::{Error, ErrorKind, Result};
use serde_json::json;

use crate::writer::{LANES, body, content};
use crate::{chores, house, inputs};

/// How many new samples are added together: more than stand in no block, so that the next writer moves them.
pub const TOGETHER: i64 = 4_200;

/// Where the script plays, and what fails there.
pub struct Scenery<'s> {
    pub vault: &'s Path,
    pub inputs: &'s Path,
    pub backups: &'s Path,
    pub options: &'s Options,
    /// Whether what fails goes on failing.
    pub for_good: bool,
    /// How many acts are played after the one that failed; all of them where there is no number.
    pub acts_after: Option<u32>,
    pub say: &'s dyn Fn(&str),
}

/// What an act has to say of itself; nothing where there was nothing to do.
type Told = Result<Option<String>>;

struct Script<'s> {
    at: &'s Scenery<'s>,
    vault: Option<Vault>,
    /// How many acts are still to be played, once one has failed.
    left: Cell<Option<u32>>,
}

/// Plays to the end, or until nothing goes on any more.
pub fn play(at: &Scenery<'_>) {
    let _read_before_anything_fails = house::key();
    (at.say)("start");
    let mut script = Script { at, vault: None, left: Cell::new(None) };
    // `None`: the end came early, which only a failure that stays may bring about, or that enough was played after one.
    let whole = script.all().is_some();
    assert!(whole || at.for_good || script.left.get() == Some(0));
}

impl Script<'_> {
    fn all(&mut self) -> Option<()> {
        self.open()?;
        let (number, last, input) = (Cell::new(0), RefCell::new(None), Cell::new(0));
        for round in 0..2 {
            (self.at.say)(&format!("round {round}"));
            self.act(LANES[0], &|_, session| add(session, LANES[0], &number, &last))?;
            self.act(LANES[0], &|_, session| amend(session, LANES[0], &last))?;
            self.act("state", &|vault, _| state(vault))?;
            self.act("document", &|_, session| document(session, &number))?;
            self.act("series", &|_, session| samples(session))?;
            self.act("series", &|_, session| take_back(session))?;
            let import = format!("import {}", input.get());
            self.act(&import, &|_, session| self::import(session, self.at.inputs, &input))?;
            self.act(LANES[1], &|_, session| add(session, LANES[1], &number, &last))?;
            self.act(LANES[1], &|_, session| remove(session, LANES[1], &last))?;
            for chore in ["rotate", "ways", "backup", "compact", "erase", "increment", "root"] {
                let file = self.at.backups.join(format!("{round}.phmb"));
                let act = |vault: &Vault, session: &Session| chores::do_one(vault, session, chore, &file).map(Some);
                self.act(&format!("chore {chore}"), &act)?;
                self.act("state", &|vault, _| state(vault))?;
            }
            self.migrate()?;
        }
        self.act(LANES[0], &|_, session| add(session, LANES[0], &number, &last))?;
        self.close();
        Some(())
    }

    /// Opens the vault; a failure that comes once does not come twice.
    fn open(&mut self) -> Option<()> {
        for _ in 0..2 {
            match house::open_with(self.at.vault, self.at.options) {
                Ok(vault) => {
                    self.vault = Some(vault);
                    return Some(());
                }
                Err(error) => self.failed("open", &error),
            }
            if self.at.for_good {
                return None;
            }
        }
        panic!("a vault that failed once does not open again");
    }

    fn close(&mut self) {
        if let Some(Err(error)) = self.vault.take().map(Vault::close) {
            self.failed("close", &error);
        }
    }

    fn failed(&self, what: &str, error: &Error) {
        assert_advice(what, error);
        self.left.set(self.left.get().or(self.at.acts_after));
        (self.at.say)(&format!("failed {what}: {error}"));
    }

    /// Whether another act is to be played: `None` where enough were since one failed.
    fn next_act(&self) -> Option<()> {
        if let Some(left) = self.left.get() {
            self.left.set(Some(left.checked_sub(1)?));
        }
        Some(())
    }

    fn act(&mut self, what: &str, work: &dyn Fn(&Vault, &Session) -> Told) -> Option<()> {
        self.next_act()?;
        (self.at.say)(&format!("begin {what}"));
        let vault = self.vault.as_ref().expect("it is open");
        match vault.session(Actor::Operator, "test").and_then(|session| work(vault, &session)) {
            Ok(Some(told)) => (self.at.say)(&format!("ack {told}")),
            Ok(None) => {}
            Err(error) => {
                self.failed(what, &error);
                if !goes_on(vault) {
                    self.vault = None;
                    return self.open();
                }
            }
        }
        Some(())
    }

    fn migrate(&mut self) -> Option<()> {
        self.next_act()?;
        let to = match chores::other_engine(self.vault.as_ref().expect("it is open")) {
            Ok(to) => to,
            Err(error) => {
                self.failed("chore migrate", &error);
                return Some(());
            }
        };
        self.close();
        (self.at.say)("begin chore migrate");
        match chores::migrate(self.at.vault, to, self.at.options) {
            Ok(()) => (self.at.say)("ack chore migrate"),
            Err(error) => self.failed("chore migrate", &error),
        }
        self.open()
    }
}

/// Whether the vault takes another write. If not, it takes none and shows nothing until it is opened again.
fn goes_on(vault: &Vault) -> bool {
    let write = |n: u32| vault.put_state(ProfileId::SYSTEM, "probe", &n, None);
    if write(0).is_ok() {
        return true;
    }
    for n in 1..4 {
        let refused = write(n).expect_err("a vault that failed to write takes no write");
        assert_eq!(refused.kind(), ErrorKind::Io, "{refused}");
        assert_advice("a write after a failed one", &refused);
    }
    let shown = vault.session(Actor::Operator, "test").and_then(|session| {
        let profile = session.profiles()?.first().map_or(ProfileId::SYSTEM, |card| card.profile);
        let read = session.permit(Action::Read, profile, "condition")?;
        session.list(&read, &Query::default())
    });
    assert_eq!(shown.expect_err("a vault that failed to write shows nothing").kind(), ErrorKind::Io);
    false
}

/// A failure of disk or store is told as one, with something to do.
fn assert_advice(what: &str, error: &Error) {
    let kind = matches!(error.kind(), ErrorKind::Io | ErrorKind::Conflict);
    let words = ["free ", "make room", "check ", "again", "remount"];
    let text = error.to_string();
    assert!(kind && words.iter().any(|word| text.contains(word)), "{what}: {error:?}");
}

fn lane(session: &Session, lane: &str) -> Result<ProfileId> {
    Ok(session.profiles()?.into_iter().find(|card| card.name == lane).expect("the lane's person").profile)
}

fn next(number: &Cell<u64>) -> u64 {
    number.replace(number.get() + 1)
}

fn add(session: &Session, name: &str, number: &Cell<u64>, last: &RefCell<Option<Record>>) -> Told {
    *last.borrow_mut() = None;
    let text = format!("{name} {}", next(number));
    let permit = session.permit(Action::Add, lane(session, name)?, "condition")?;
    let record = session.add(&permit, &body(&text), How::Typed)?;
    let told = format!("{name} {} 1 {text}", record.id);
    *last.borrow_mut() = Some(record);
    Ok(Some(told))
}

fn amend(session: &Session, name: &str, last: &RefCell<Option<Record>>) -> Told {
    let Some(record) = last.borrow().clone() else { return Ok(None) };
    let permit = session.permit(Action::Amend, record.profile, "condition")?;
    session.amend(&permit, record.id, record.version, &body("amended"), How::Typed)?;
    Ok(Some(format!("{name} {} 2 amended", record.id)))
}

fn remove(session: &Session, name: &str, last: &RefCell<Option<Record>>) -> Told {
    let Some(record) = last.borrow().clone() else { return Ok(None) };
    let permit = session.permit(Action::Amend, record.profile, "condition")?;
    session.remove(&permit, record.id, record.version)?;
    Ok(Some(format!("{name} {} 2 remove", record.id)))
}

fn state(vault: &Vault) -> Told {
    let number = vault.state::<u64>(ProfileId::SYSTEM, "counter")?.unwrap_or(0) + 1;
    vault.put_state(ProfileId::SYSTEM, "counter", &number, None)?;
    Ok(Some(format!("state {number}")))
}

fn document(session: &Session, number: &Cell<u64>) -> Told {
    let seed = next(number);
    let permit = session.permit(Action::Add, lane(session, LANES[0])?, "document")?;
    let about = json!({"title": "scan", "category": "other"});
    let record = session.add_document(&permit, &about, &mut content(seed).as_slice(), 1 << 30)?;
    Ok(Some(format!("document {} {seed}", record.id)))
}

/// The series of the lane with samples, made where it is not there yet, and where its samples end.
fn series(session: &Session) -> Result<(ProfileId, RecordId, i64)> {
    let profile = lane(session, LANES[1])?;
    let read = session.permit(Action::Read, profile, "series")?;
    let listed = session.summaries(&read, &Query::default())?.items.first().map(|row| row.id);
    let series = match listed {
        Some(series) => series,
        None => {
            let add = session.permit(Action::Add, profile, "series")?;
            session.add(&add, &json!({"concept": "Heart rate", "unit": "/min"}), How::Typed)?.id
        }
    };
    let last = session.samples(&read, series, &SampleQuery::default())?.1.times.last().copied();
    Ok((profile, series, last.map_or(0, |last| (last + 1).max(0))))
}

fn append(session: &Session, (profile, series): (ProfileId, RecordId), times: Range<i64>) -> Result<Option<u64>> {
    let sample = |at: i64| Sample::new(Instant::from_millis(at), (at % 90).to_string().parse().expect("a decimal"));
    let permit = session.permit(Action::Add, profile, "series")?;
    let samples: Vec<Sample> = times.map(sample).collect();
    Ok(session.append_samples(&permit, series, &samples, &How::Device)?.entry)
}

fn samples(session: &Session) -> Told {
    let (profile, series, next) = series(session)?;
    append(session, (profile, series), (next - 3).max(0)..next + TOGETHER)?;
    Ok(Some(format!("series {}", next + TOGETHER)))
}

/// Adds a sample from before all others and takes it back.
fn take_back(session: &Session) -> Told {
    let (profile, series, next) = series(session)?;
    if next == 0 {
        return Ok(None);
    }
    let Some(entry) = append(session, (profile, series), -next..1 - next)? else { return Ok(None) };
    let permit = session.permit(Action::Amend, profile, "series")?;
    session.undo_append(&permit, series, entry)?;
    Ok(Some(format!("series {next} undone")))
}

fn import(session: &Session, folder: &Path, input: &Cell<u32>) -> Told {
    let number = input.get();
    let request = ImportRequest {
        inputs: vec![ImportInput::Path(inputs::input(folder, number))],
        target: ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    };
    let counts = session.import(&request, &mut |_| ControlFlow::Continue(()))?.totals.counts;
    input.set(number + 1);
    Ok(Some(format!("import {number} {} {} {}", counts.added, counts.updated, counts.unchanged)))
}
