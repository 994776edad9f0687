//! Every sealed body opens in its own place and in that of no other.

use super::*;

#[test]
fn no_sealed_body_opens_in_the_place_of_another() {
    let home = Home::new(Engine::Redb);
    home.session().inner.committer.flush().expect("flushed");
    let mut all = Vec::new();
    for id in [home.asha, home.ravi, ProfileId::SYSTEM, ProfileId::LIBRARY] {
        all.extend(journal_bodies(home.inner(), id));
        all.extend(state_bodies(home.inner(), id));
    }
    all.extend(series_bodies(home.inner(), home.asha));
    all.extend(index_bodies(&home));
    assert!(all.len() > 20, "{} bodies", all.len());
    let keys = keys_now(&home);
    let opens = |key: &[u8; 32], context: &[u8], body: &Body| {
        crypto::open(&ProfileKey::from_bytes(*key), context, &body.parts).is_ok()
    };
    for (number, body) in all.iter().enumerate() {
        let key = keys.iter().find(|key| opens(key, &body.context, body)).expect("a key of the vault opens it at home");
        for (other, there) in all.iter().enumerate() {
            assert!(other == number || !opens(key, &there.context, body), "{number} opens in the place of {other}");
        }
    }
}
