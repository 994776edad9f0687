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

#[test]
fn a_state_row_with_a_part_too_many_is_sealed_again_without_it() {
    let home = Home::new(Engine::Redb);
    let inner = home.inner();
    let was = inner.keys.state_key().expect("a key").0;
    home.vault().put_state(home.ravi, "job", &json!("his"), None).expect("put");
    let mut batch = Batch::default();
    batch.replace(inner.state_address(home.ravi, "job", 1), b"planted".to_vec());
    inner.store.commit(batch).expect("planted");
    inner.renew_state_key(was, home.asha, &[]).expect("renewed");
    assert_eq!(home.vault().state::<Value>(home.ravi, "job").expect("it opens"), Some(json!("his")));
    home.verify();
}
