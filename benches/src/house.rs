//! PHM as the subject: a vault with one person, written and read the way the appliance does it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use phm_core::Result;
use phm_core::access::{Action, Actor, Permit};
use phm_core::crypto::secret::{Secret, make_key_file};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::store::Engine;
use phm_core::vault::{How, Options, Removed, Session, Vault};
use serde_json::{Value, json};

/// Threads that write at the same time.
pub const WRITERS: u32 = 64;
/// Records of the person whose records are read.
pub const RECORDS: u32 = 10_000;
/// The kind all figures are about.
pub const KIND: &str = "lab-result";

/// A vault with one person in it.
pub struct House {
    /// The vault.
    pub vault: Vault,
    /// The operator at work.
    pub session: Session,
    /// The person.
    pub profile: ProfileId,
}

impl House {
    /// Makes one in `folder`, opened by the key file there.
    pub fn create(folder: &Path) -> Result<Self> {
        Self::create_on(folder, Options::default().engine)
    }

    /// The same on this engine.
    pub fn create_on(folder: &Path, engine: Engine) -> Result<Self> {
        let secret = Secret::key_file(&key_file(folder)?)?;
        let options = Options { engine, ..Options::default() };
        let (vault, _) = Vault::create(&folder.join("vault"), &[secret], options)?;
        let session = vault.session(Actor::Operator, "bench")?;
        let profile = session.add_profile(&json!({"name": {"text": "Bina Bench"}}), None)?.profile;
        Ok(Self { vault, session, profile })
    }

    /// Opens the vault of `folder` again.
    pub fn open(folder: &Path, profile: ProfileId) -> Result<Self> {
        let vault = Vault::open(&folder.join("vault"), &Secret::key_file(&folder.join("key"))?, Options::default())?;
        let session = vault.session(Actor::Operator, "bench")?;
        Ok(Self { vault, session, profile })
    }

    /// Adds `count` records; answers with the ids of the last few hundred.
    pub fn fill(&self, count: u32) -> Result<Vec<RecordId>> {
        let permit = self.permit(Action::Add)?;
        let mut ids = Vec::new();
        for from in (0..count).step_by(500) {
            let bodies: Vec<Value> = (from..count.min(from + 500)).map(body).collect();
            ids = self.session.add_many(&permit, &bodies, &How::Typed)?.iter().map(|record| record.id).collect();
        }
        Ok(ids)
    }

    /// A permit for `action` on the person's results.
    pub fn permit(&self, action: Action) -> Result<Permit> {
        self.session.permit(action, self.profile, KIND)
    }

    /// Records a second that `writers` threads add, each record acknowledged before the next, for about `time`.
    pub fn write_for(&self, writers: u32, time: Duration) -> f64 {
        per_second(writers, time, |number| {
            let permit = self.permit(Action::Add).expect("the operator may");
            move |round| {
                let body = body(number.wrapping_mul(100_003).wrapping_add(round));
                self.session.add(&permit, &body, How::Typed).expect("added");
            }
        })
    }

    /// Microseconds to read one record.
    pub fn read_one(&self, ids: &[RecordId]) -> f64 {
        let permit = self.permit(Action::Read).expect("the operator may");
        micros(ids.len(), |at| {
            let record = self.session.read(&permit, ids[at], Removed::Hide).expect("read");
            assert!(record.body.get().len() > 100);
        })
    }

    /// Microseconds for what a list of 100 shows.
    pub fn summaries(&self, times: usize) -> f64 {
        let permit = self.permit(Action::Read).expect("the operator may");
        let query = Query { per_page: 100, ..Query::default() };
        micros(times, |_| assert_eq!(self.session.summaries(&permit, &query).expect("listed").items.len(), 100))
    }

    /// Microseconds for 100 full bodies.
    pub fn bodies(&self, times: usize) -> f64 {
        let permit = self.permit(Action::Read).expect("the operator may");
        let query = Query { per_page: 100, ..Query::default() };
        micros(times, |_| assert_eq!(self.session.list(&permit, &query).expect("listed").items.len(), 100))
    }
}

/// The body of laboratory result number `number`.
pub fn body(number: u32) -> Value {
    let mixed = number.wrapping_mul(2_654_435_761);
    let (year, month, day) = (2016 + mixed % 10, 1 + mixed / 16 % 12, 1 + mixed / 256 % 28);
    let (hour, minute) = (mixed / 8192 % 24, mixed / 65_536 % 60);
    json!({
        "concept": {"text": "Glucose", "codes": [{"system": "http://loinc.org", "code": "2345-7", "display": "Glucose [Mass/volume] in Serum or Plasma"}]},
        "quantity": {"value": format!("{}.{}", 70 + mixed % 60, mixed % 10), "unit": "mg/dL"},
        "range": {"low": {"value": "70", "unit": "mg/dL"}, "high": {"value": "99", "unit": "mg/dL"}},
        "interpretation": "N", "status": "final",
        "collected_at": format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00.000Z"),
        "laboratory": {"name": "Doaba Diagnostics", "organization": "Sector 34, Chandigarh"},
        "remarks": "Venous sample, fasting; measured on an automated analyser and checked before release.",
    })
}

/// What `writers` threads do a second, for about `time`; `make` gives each thread its work.
pub fn per_second<W: FnMut(u32) + Send>(writers: u32, time: Duration, make: impl Fn(u32) -> W + Sync) -> f64 {
    let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..writers {
            let (make, done, stop) = (&make, &done, &stop);
            scope.spawn(move || {
                let mut work = make(number);
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    work(round);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
    });
    let done = u32::try_from(done.into_inner()).expect("a bench does not add billions");
    f64::from(done) / begun.elapsed().as_secs_f64()
}

/// Microseconds each of `times` runs of `work` takes.
pub fn micros(times: usize, mut work: impl FnMut(usize)) -> f64 {
    let begun = Instant::now();
    (0..times).for_each(&mut work);
    begun.elapsed().as_secs_f64() * 1e6
        / f64::from(u32::try_from(times).expect("a bench runs less than billions of times"))
}

/// Makes a key file in `folder`.
fn key_file(folder: &Path) -> Result<std::path::PathBuf> {
    let path = folder.join("key");
    make_key_file(&path)?;
    Ok(path)
}
