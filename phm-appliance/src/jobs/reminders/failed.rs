//! How reminders stand, for whoever runs the house: how many wait, were sent and were given up, and why. Nobody is named and no
//! reminder is shown.

use phm_core::id::RecordId;
use phm_core::time::Instant;
use phm_core::vault::Vault;
use phm_plugin_api::Kind;

use crate::http::{Opened, Problem};
use crate::notify::Channel;
use crate::notify::board::{Place, State};
use crate::notify::wishes;

/// A message that was given up.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The reminder it belongs to.
    pub id: RecordId,
    /// The channel.
    pub channel: Channel,
    /// Why, as a code.
    pub code: String,
    /// Attempts.
    pub tries: u8,
    /// When the reminder was made.
    pub at: Instant,
}

/// How reminders stand.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The plugin that has the words; without one no reminder is made.
    pub plugin: Option<String>,
    /// How often somebody is reminded about somebody.
    pub people: u32,
    /// For how many of them the plugin failed last.
    pub in_trouble: u32,
    /// Messages that wait.
    pub waiting: u32,
    /// Messages that were sent, of the reminders that are kept.
    pub sent: u32,
    /// Messages that were given up, newest first.
    pub failed: Vec<Failed>,
}

/// How reminders stand now.
///
/// # Errors
/// Where the state cannot be read.
pub fn standing(opened: &Opened) -> Result<Standing, Problem> {
    let vault = &opened.vault;
    let plugin = opened.plugins.enabled_of(Kind::Notify)?;
    let plugin = plugin.map(|plugin| format!("{} {}", plugin.name, plugin.version));
    let mut standing = Standing { plugin, ..Standing::default() };
    for place in places(vault)? {
        standing.people += 1;
        let board = place.look(vault)?;
        standing.in_trouble += u32::from(board.is_some_and(|board| board.trouble.is_some()));
        for notice in place.notices(vault)? {
            for one in &notice.deliveries {
                match one.state {
                    State::Waiting | State::Sending => standing.waiting += 1,
                    State::Sent => standing.sent += 1,
                    State::Dropped => {}
                    State::Dead => standing.failed.push(Failed {
                        id: notice.id,
                        channel: one.channel,
                        code: one.code.clone().unwrap_or_default(),
                        tries: one.tries,
                        at: notice.at,
                    }),
                }
            }
        }
    }
    standing.failed.sort_by_key(|failed| std::cmp::Reverse(failed.at));
    Ok(standing)
}

/// Lets the messages of a reminder that were given up be tried again.
///
/// # Errors
/// `not-found` where there is none.
pub fn retry(vault: &Vault, id: RecordId, now: Instant) -> Result<(), Problem> {
    change_dead(vault, id, now, State::Waiting)
}

/// Forgets the messages of a reminder that were given up.
///
/// # Errors
/// `not-found` where there is none.
pub fn forget(vault: &Vault, id: RecordId, now: Instant) -> Result<(), Problem> {
    change_dead(vault, id, now, State::Dropped)
}

fn change_dead(vault: &Vault, id: RecordId, now: Instant, to: State) -> Result<(), Problem> {
    for place in places(vault)? {
        if place.look(vault)?.is_none_or(|board| !board.ids.contains(&id)) {
            continue;
        }
        let changed = place.change(vault, id, |notice| {
            let mut any = false;
            for one in notice.deliveries.iter_mut().filter(|one| one.state == State::Dead) {
                (one.state, one.next_at, one.tries, any) = (to, now, 0, true);
            }
            any
        })?;
        if changed != Some(true) {
            return Err(Problem::not_found());
        }
        place.update(vault, now, |board| {
            if to == State::Waiting && !board.open.contains(&id) {
                board.open.push(id);
            }
        })?;
        return Ok(());
    }
    Err(Problem::not_found())
}

/// Everybody who is reminded about somebody.
fn places(vault: &Vault) -> phm_core::Result<Vec<Place>> {
    let mut places = Vec::new();
    for account in wishes::accounts(vault)? {
        let people = wishes::read(vault, account)?.map(|wishes| wishes.people).unwrap_or_default();
        places.extend(people.into_iter().map(|served| Place { profile: served.profile, account }));
    }
    Ok(places)
}
