//! Reading people's records for a table, page by page. On a machine with several cores several people are read at once, each by one
//! thread, and the next page while one is put into the table.
//!
//! Here nothing is shown to anybody. Whoever takes a page uses the permit and notes the records before.

use std::collections::VecDeque;
use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};

use super::FlatQuery;
use super::builder::Lines;
use super::kept::{Form, Kept, Place};
use super::rows::Row;
use super::stored::{Made, Rows};
use crate::access::Permit;
use crate::error::{Error, Result};
use crate::id::RecordId;
use crate::index::{Query, RecordState, Version};
use crate::model::KindInfo;
use crate::vault::Inner;
use crate::vault::profiles::OpenProfile;
use crate::vault::records::{page_of, read_lock};
use crate::vault::session::Session;

/// Threads at most.
const READERS: usize = 4;
/// So many times each of them may be ahead by what it hands over at once: records, or bytes of the text that was made for them.
/// People have few records: to hand each over by itself would take longer than to read them.
const AHEAD: usize = 2;
const AT_ONCE: (usize, usize) = (2000, 1 << 20);
/// Records of one page, and bytes of the text that was made for it. In a page whether the permission still holds is asked once.
pub(super) const PAGE: (usize, usize) = (500, 1 << 20);
/// Rows of a piece that is kept, and bytes of their text.
pub(super) const PIECE: (usize, usize) = (2048, 4 << 20);

/// What is read for one table.
pub(super) struct Reading<'r> {
    pub session: &'r Session,
    pub info: &'r KindInfo,
    pub form: &'r Form,
    pub query: &'r FlatQuery,
}

/// Records of one person, in the order of the table.
#[derive(Default)]
pub(super) struct Page {
    pub ids: Vec<RecordId>,
    pub runs: Vec<Run>,
    /// Bytes of the text that was made for it.
    text: usize,
    /// Whether the person has no more.
    is_last: bool,
}

/// Rows that stand one behind the other.
pub(super) struct Run {
    pub rows: Arc<Rows>,
    pub which: Range<usize>,
}

/// What is done with each page; no more of them is read after an error.
type Show<'s> = &'s mut dyn FnMut(&Permit, Page) -> Result<()>;

/// Shows the records of each person for whom there is a permit, page by page and person by person in their order. A person
/// without any may come as a page without any.
pub(super) fn each_page(reading: &Reading<'_>, permits: &[Permit], show: Show<'_>) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let readers = cores.min(READERS).min(permits.len());
    if readers < 2 {
        return permits.iter().try_for_each(|permit| reading.person(permit, &mut |page| show(permit, page)));
    }
    thread::scope(|scope| {
        let started: std::io::Result<Vec<_>> =
            (0..readers).map(|reader| start(scope, reading, permits.iter().skip(reader).step_by(readers))).collect();
        match started {
            Ok(started) => take(started, permits, show),
            // Where the system has no more threads, those that did start find nobody who takes what they read.
            Err(_) => permits.iter().try_for_each(|permit| reading.person(permit, &mut |page| show(permit, page))),
        }
    })
}

/// Pages one behind the other, of people in their order; at the end maybe why there are no more.
type Handed = (Vec<Page>, Result<()>);

/// Starts a thread that reads some people.
fn start<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    reading: &'env Reading<'_>,
    permits: impl Iterator<Item = &'env Permit> + Send + 'scope,
) -> std::io::Result<Reader<'scope>> {
    let (sender, receiver) = sync_channel(AHEAD);
    let read = move || {
        let mut hands = Hands { sender, pages: Vec::new(), size: (0, 0) };
        let read = { permits }.try_for_each(|permit| reading.person(permit, &mut |page| hands.take(page)));
        hands.hand_over(read);
    };
    let thread = thread::Builder::new().name("phm-table".into()).spawn_scoped(scope, read)?;
    Ok(Reader { thread, receiver, pages: VecDeque::new(), end: None })
}

/// What a thread has read and not handed over yet.
struct Hands {
    sender: SyncSender<Handed>,
    pages: Vec<Page>,
    size: (usize, usize),
}

impl Hands {
    fn take(&mut self, page: Page) -> Result<()> {
        self.size = (self.size.0 + page.ids.len(), self.size.1 + page.text);
        self.pages.push(page);
        let is_full = self.size.0 >= AT_ONCE.0 || self.size.1 >= AT_ONCE.1;
        if !is_full || self.hand_over(Ok(())) { Ok(()) } else { Err(Error::internal("nobody takes what is read")) }
    }

    /// Answers whether somebody takes it.
    fn hand_over(&mut self, read: Result<()>) -> bool {
        self.size = (0, 0);
        self.sender.send((std::mem::take(&mut self.pages), read)).is_ok()
    }
}

/// A thread that reads, and what it has handed over.
struct Reader<'scope> {
    thread: ScopedJoinHandle<'scope, ()>,
    receiver: Receiver<Handed>,
    pages: VecDeque<Page>,
    /// Why there are no more pages behind these.
    end: Option<Error>,
}

impl Reader<'_> {
    /// Its next page.
    fn next(&mut self) -> Result<Page> {
        while self.pages.is_empty() {
            if let Some(end) = self.end.take() {
                return Err(end);
            }
            let (pages, read) = self.receiver.recv().map_err(|_| ended())?;
            self.pages.extend(pages);
            self.end = read.err();
        }
        self.pages.pop_front().ok_or_else(ended)
    }
}

/// Takes the pages of each person from the thread that reads them.
fn take(mut readers: Vec<Reader<'_>>, permits: &[Permit], show: Show<'_>) -> Result<()> {
    let count = readers.len();
    let mut take_all = || {
        for (number, permit) in permits.iter().enumerate() {
            loop {
                let page = readers[number % count].next()?;
                let is_last = page.is_last;
                show(permit, page)?;
                if is_last {
                    break;
                }
            }
        }
        Ok(())
    };
    let taken = take_all();
    let (threads, rest): (Vec<_>, Vec<_>) =
        readers.into_iter().map(|reader| (reader.thread, (reader.receiver, reader.pages))).unzip();
    // Who still reads ahead notices that nobody takes it.
    drop(rest);
    let fallen = threads.into_iter().map(ScopedJoinHandle::join).filter(std::result::Result::is_err).count();
    taken.and(if fallen == 0 { Ok(()) } else { Err(ended()) })
}

fn ended() -> Error {
    Error::internal("a thread that read records has ended before its time")
}

impl Reading<'_> {
    /// Sends the records of one person: at least one page, of which the last says so.
    fn person(&self, permit: &Permit, send: &mut dyn FnMut(Page) -> Result<()>) -> Result<()> {
        let inner = &self.session.inner;
        let open = inner.open_profile(permit.profile())?;
        let (shown, visible) = shown(&open, permit, &self.query.of_records());
        if shown.is_empty() {
            return send(Page { is_last: true, ..Page::default() });
        }
        let mut kept = inner.kept_columns(&open, self.form, shown.len(), visible);
        inner.drop_stale_columns(&open, &mut kept, visible);
        let mut person = Person {
            reading: self,
            inner,
            open: &open,
            profile: permit.profile().to_string(),
            wanted: shown.len(),
            kept,
            fresh: Fresh::default(),
            piece: Fresh::default(),
        };
        let mut rest = shown.as_slice();
        while !rest.is_empty() {
            let (page, read) = person.page(rest)?;
            rest = &rest[read..];
            send(Page { is_last: rest.is_empty(), ..page })?;
        }
        person.keep();
        Ok(())
    }
}

/// The records that a permit shows, in order, each with what its row is made of; and how many of the kind anybody sees.
fn shown(open: &OpenProfile, permit: &Permit, query: &Query) -> (Vec<(RecordId, Made)>, usize) {
    let made =
        |state: RecordState<'_>| Some(Made { shown: state.current()?.seq(), first: state.visible().last()?.seq() });
    let index = read_lock(open);
    let (_, states) = page_of(&index, permit, query);
    let shown = states.into_iter().filter_map(|state| Some((state.id(), made(state)?))).collect();
    (shown, index.visible_of(permit.kind()))
}

/// One person whose records are read.
struct Person<'r> {
    reading: &'r Reading<'r>,
    inner: &'r Inner,
    open: &'r OpenProfile,
    profile: String,
    /// How many records the table has of them.
    wanted: usize,
    kept: Kept,
    /// Rows that were made and stand in no run yet.
    fresh: Fresh,
    /// Rows that are to be kept together.
    piece: Fresh,
}

/// Rows with what they were made of; most people have none that are not kept.
#[derive(Default)]
struct Fresh {
    lines: Option<Lines>,
    made: Vec<Made>,
}

impl Fresh {
    fn lines(&mut self, form: &Form) -> &mut Lines {
        self.lines.get_or_insert_with(|| Lines::new(form.columns()))
    }

    /// How many rows there are, and about how many bytes of text.
    fn len(&self) -> (usize, usize) {
        self.lines.as_ref().map_or((0, 0), Lines::len)
    }

    fn take(&mut self) -> Rows {
        let columns = self.lines.as_mut().map(|lines| lines.take().1).unwrap_or_default();
        Rows { made: std::mem::take(&mut self.made), columns }
    }
}

impl Person<'_> {
    /// Reads a page of the records that are left; answers how many of them those were.
    fn page(&mut self, rest: &[(RecordId, Made)]) -> Result<(Page, usize)> {
        let mut page = Page::default();
        for (id, made) in rest.iter().take(PAGE.0) {
            page.ids.push(*id);
            match self.kept.find(*made) {
                Some(place) => {
                    self.end_run(&mut page.runs);
                    self.add_kept(place, &mut page.runs);
                }
                None => page.text += self.add_fresh(*id, *made)?,
            }
            if page.text >= PAGE.1 {
                break;
            }
        }
        self.end_run(&mut page.runs);
        let read = page.ids.len();
        Ok((page, read))
    }

    fn add_kept(&self, place: Place, runs: &mut Vec<Run>) {
        let rows = self.kept.piece(place.piece);
        match runs.last_mut().filter(|run| Arc::ptr_eq(&run.rows, rows) && run.which.end == place.row) {
            Some(run) => run.which.end += 1,
            None => runs.push(Run { rows: Arc::clone(rows), which: place.row..place.row + 1 }),
        }
    }

    /// Makes a row of a record as it was when the index was asked, unless it was destroyed since; answers how long its text is.
    fn add_fresh(&mut self, id: RecordId, made: Made) -> Result<usize> {
        let versions = {
            let index = read_lock(self.open);
            let first = index.entry(made.first).map(Version::at);
            index.entry(made.shown).map(Version::header).zip(first)
        };
        let Some((header, recorded_at)) = versions else { return Ok(0) };
        let Some(body) = self.reading.session.body_of(self.open, made.shown)? else { return Ok(0) };
        let (id, before) = (id.to_string(), self.fresh.len().1);
        let row = Row::of_version(&header, recorded_at, [&id, &self.profile], &body);
        let lines = self.fresh.lines(self.reading.form);
        row.cells(self.reading.info, |cells| lines.push(cells));
        self.fresh.made.push(made);
        Ok(self.fresh.len().1 - before)
    }

    /// Makes a run of the rows that stand in none yet.
    fn end_run(&mut self, runs: &mut Vec<Run>) {
        if self.fresh.made.is_empty() {
            return;
        }
        let rows = Arc::new(self.fresh.take());
        let count = rows.made.len();
        if self.kept.is_open() {
            self.piece.lines(self.reading.form).extend(&rows.columns, 0..count);
            self.piece.made.extend_from_slice(&rows.made);
            let (rows, bytes) = self.piece.len();
            if rows >= PIECE.0 || bytes >= PIECE.1 {
                self.keep();
            }
        }
        runs.push(Run { rows, which: 0..count });
    }

    fn keep(&mut self) {
        let rows = self.piece.take();
        self.inner.keep_columns(self.open, self.reading.form, &mut self.kept, &rows, self.wanted);
    }
}
