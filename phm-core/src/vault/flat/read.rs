//! Reading people's records for a table, page by page, on threads of their own: with several cores several people are read at
//! once, and the next page while one is put into the table.
//!
//! Here nothing is shown to anybody. Whoever takes a page uses the permit and notes the records before.

use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::builder::Lines;
use super::kept::{Form, Kept, PIECE, Place};
use super::rows::Row;
use super::stored::{Made, Rows};
use super::{FlatQuery, PAGE};
use crate::access::Permit;
use crate::error::{Error, Result};
use crate::id::RecordId;
use crate::index::RecordState;
use crate::model::KindInfo;
use crate::vault::profiles::OpenProfile;
use crate::vault::records::{Found, found, page_of, read_lock};
use crate::vault::session::Session;

/// Threads at most.
const READERS: usize = 4;
/// Pages each of them may be ahead.
const AHEAD: usize = 4;

/// What is read for one table.
pub(super) struct Reading<'r> {
    pub session: &'r Session,
    pub info: &'r KindInfo,
    pub form: &'r Form,
    pub query: &'r FlatQuery,
}

/// Records of one person, in the order of the table.
pub(super) struct Page {
    pub ids: Vec<RecordId>,
    pub runs: Vec<Run>,
}

/// Rows that stand one behind the other.
pub(super) struct Run {
    pub rows: Arc<Rows>,
    pub which: Range<usize>,
}

/// Where a record is read.
enum Source {
    Kept(Place),
    Journal(Box<Found>, Made),
}

/// Shows the records of each person for whom there is a permit, page by page and person by person in their order.
pub(super) fn each_page(
    reading: &Reading<'_>,
    permits: &[Permit],
    mut show: impl FnMut(&Permit, Page) -> Result<()>,
) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let readers = cores.min(READERS).min(permits.len());
    thread::scope(|scope| {
        let queue = |reader: usize| -> Receiver<Result<Option<Page>>> {
            let (sender, receiver) = sync_channel(AHEAD);
            scope.spawn(move || {
                for permit in permits.iter().skip(reader).step_by(readers) {
                    let read = reading.person(permit, &mut |page| sender.send(Ok(Some(page))).is_ok());
                    // Nobody takes it any more, or nobody should.
                    if sender.send(read.map(|()| None)).is_err() {
                        return;
                    }
                }
            });
            receiver
        };
        let queues: Vec<_> = (0..readers).map(queue).collect();
        for (number, permit) in permits.iter().enumerate() {
            let ended = |_| Error::internal("a thread that read records has ended before its time");
            while let Some(page) = queues[number % readers].recv().map_err(ended)?? {
                show(permit, page)?;
            }
        }
        Ok(())
    })
}

impl Reading<'_> {
    /// Sends the records of one person, as long as somebody takes them.
    fn person(&self, permit: &Permit, send: &mut dyn FnMut(Page) -> bool) -> Result<()> {
        let inner = &self.session.inner;
        let open = inner.open_profile(permit.profile())?;
        let mut kept = inner.kept_columns(&open, self.form);
        let wanted: Vec<(RecordId, Source)> = {
            let index = read_lock(&open);
            let (_, states) = page_of(&index, permit, &self.query.of_records());
            states.into_iter().filter_map(|state| Some((state.id(), source(state, &mut kept)?))).collect()
        };
        let mut person =
            Person { reading: self, open: &open, kept, fresh: Lines::new(self.form.columns()), made: Vec::new() };
        let mut piece = Piece { lines: Lines::new(self.form.columns()), made: Vec::new() };
        for page in wanted.chunks(PAGE) {
            let ids = page.iter().map(|(id, _)| *id).collect();
            let runs = person.runs(permit, page, &mut piece)?;
            if !send(Page { ids, runs }) {
                break;
            }
        }
        person.keep(&mut piece);
        Ok(())
    }
}

fn source(state: RecordState<'_>, kept: &mut Kept) -> Option<Source> {
    let made = Made { shown: state.current()?.seq(), first: state.visible().last()?.seq() };
    Some(match kept.find(made) {
        Some(place) => Source::Kept(place),
        None => Source::Journal(Box::new(found(state)?), made),
    })
}

/// Rows that are to be kept together.
struct Piece {
    lines: Lines,
    made: Vec<Made>,
}

/// One person whose records are read.
struct Person<'r> {
    reading: &'r Reading<'r>,
    open: &'r OpenProfile,
    kept: Kept,
    /// Rows that were made and stand in no run yet.
    fresh: Lines,
    made: Vec<Made>,
}

impl Person<'_> {
    fn runs(&mut self, permit: &Permit, page: &[(RecordId, Source)], piece: &mut Piece) -> Result<Vec<Run>> {
        let profile = permit.profile().to_string();
        let mut runs: Vec<Run> = Vec::new();
        for (id, source) in page {
            match source {
                Source::Kept(place) => {
                    self.end_run(&mut runs, piece);
                    let rows = self.kept.piece(place.piece);
                    let last = runs.last_mut().filter(|run| Arc::ptr_eq(&run.rows, rows) && run.which.end == place.row);
                    match last {
                        Some(run) => run.which.end += 1,
                        None => runs.push(Run { rows: Arc::clone(rows), which: place.row..place.row + 1 }),
                    }
                }
                Source::Journal(found, made) => {
                    let Some(body) = self.reading.session.body_of(self.open, found)? else { continue };
                    let id = id.to_string();
                    let row = Row::of_found(found, &id, &profile, &body);
                    row.cells(self.reading.info, |cells| self.fresh.push(cells));
                    self.made.push(*made);
                }
            }
        }
        self.end_run(&mut runs, piece);
        Ok(runs)
    }

    /// Makes a run of the rows that stand in none yet.
    fn end_run(&mut self, runs: &mut Vec<Run>, piece: &mut Piece) {
        if self.made.is_empty() {
            return;
        }
        let (count, columns) = self.fresh.take();
        let rows = Arc::new(Rows { made: std::mem::take(&mut self.made), columns });
        piece.lines.extend(&rows.columns, 0..count);
        piece.made.extend_from_slice(&rows.made);
        runs.push(Run { rows, which: 0..count });
        let (rows, bytes) = piece.lines.len();
        if rows >= PIECE.0 || bytes >= PIECE.1 {
            self.keep(piece);
        }
    }

    fn keep(&mut self, piece: &mut Piece) {
        let (_, columns) = piece.lines.take();
        let rows = Rows { made: std::mem::take(&mut piece.made), columns };
        self.reading.session.inner.keep_columns(self.open, self.reading.form, &mut self.kept, &rows);
    }
}
