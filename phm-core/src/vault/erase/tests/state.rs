//! State of those who stay, which is sealed again when somebody goes.

use std::time::Duration;

use super::*;
use crate::store::Batch;
use crate::vault::state::StateChange;

#[test]
fn a_state_row_that_was_sealed_when_the_key_changed_and_committed_after_it_opens() {
    for engine in ENGINES {
        let home = Home::new(engine);
        let inner = home.inner();
        let was = inner.keys.state_key().expect("a key").0;
        let late = StateChange::put(home.ravi, "late", &json!("his"), None).expect("a value");
        std::thread::scope(|scope| {
            let as_the_committer_does = |_: &_| {
                let mut batch = Batch::default();
                inner.put_state(&mut batch, &late)?;
                let renewing = scope.spawn(|| inner.renew_state_key(was, home.asha, &[]));
                // Long enough for a renewal that waits for nobody to make the key and to read what there is.
                std::thread::sleep(Duration::from_millis(300));
                inner.store.commit(batch)?;
                Ok(renewing)
            };
            let renewing = inner.at_barrier(as_the_committer_does).expect("committed");
            renewing.join().expect("no thread fell").expect("renewed");
        });
        assert!(inner.keys.state_key_at(was).is_none(), "the old key is gone");
        let read = home.vault().state::<Value>(home.ravi, "late").expect("it opens");
        assert_eq!(read, Some(json!("his")), "{}", home.engine.name());
        home.verify();
    }
}
