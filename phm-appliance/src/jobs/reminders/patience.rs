//! How long one account may keep a look busy: a server that does not answer, or takes its time, holds up the messages of whoever
//! chose it and nobody else's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use crate::notify::Channel;
use crate::notify::channels::Unsent;

/// When sending for one account took so long in one look, the rest waits for the next.
const LONGEST: Duration = Duration::from_secs(10);

/// What one account took of one look.
#[derive(Default)]
pub(super) struct Patience {
    spent: Cell<Duration>,
    shut: RefCell<BTreeSet<Channel>>,
}

impl Patience {
    /// Whether a further message goes by this channel in this look.
    pub(super) fn lasts(&self, channel: Channel) -> bool {
        self.spent.get() < LONGEST && !self.shut.borrow().contains(&channel)
    }

    /// Notes what an attempt took, and whether the way was shut.
    pub(super) fn spend(&self, channel: Channel, took: Duration, sent: Result<(), Unsent>) {
        self.spent.set(self.spent.get().saturating_add(took));
        if sent.is_err_and(Unsent::may_pass) {
            self.shut.borrow_mut().insert(channel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shut_way_and_a_slow_one_wait_for_the_next_look() {
        let moment = Duration::from_millis(5);
        let patience = Patience::default();
        patience.spend(Channel::Ntfy, moment, Ok(()));
        patience.spend(Channel::Gotify, moment, Err(Unsent::Refused));
        assert!(patience.lasts(Channel::Ntfy) && patience.lasts(Channel::Gotify), "an answer is an answer");
        patience.spend(Channel::Ntfy, moment, Err(Unsent::Unreachable));
        assert!(!patience.lasts(Channel::Ntfy) && patience.lasts(Channel::Gotify));
        patience.spend(Channel::Webhook, LONGEST, Ok(()));
        assert!(Channel::ALL.into_iter().all(|channel| !patience.lasts(channel)));
    }
}
