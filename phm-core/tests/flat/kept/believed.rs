//! What is kept is believed only where it is whole, of this vault, and of what was not destroyed.

use std::fs;

use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_core::vault::Keep;
use phm_core::vault::flat::FlatQuery;

use super::{add_results, home, kept, table, without_kept};
use crate::house;

#[test]
fn what_is_damaged_is_made_again() {
    let (_folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha");
    add_results(&session, asha, 0..20);
    let whole = table(&vault);
    add_results(&session, asha, 20..40);
    let both = table(&vault);
    let [path] = &kept(&home)[..] else { panic!("one file") };
    let sound = fs::read(path).expect("read");
    let mut damages: Vec<Vec<u8>> = (0..sound.len()).step_by(sound.len() / 60).map(|at| sound[..at].to_vec()).collect();
    for at in (0..sound.len()).step_by(sound.len() / 90).chain(0..34) {
        let mut flipped = sound.clone();
        flipped[at] ^= 1 << (at % 8);
        damages.push(flipped);
    }
    damages.extend([[sound.as_slice(), b"more"].concat(), vec![0xFF; 500], [sound.as_slice(), &sound].concat()]);
    for (number, damage) in damages.iter().enumerate() {
        fs::write(path, damage).expect("written");
        assert!(table(&vault) == both, "damage {number}");
        assert!(table(&vault) == both, "damage {number}, again");
    }
    // The same when it is found at the opening.
    drop((session, vault.close()));
    for damage in damages.iter().step_by(17) {
        fs::write(path, damage).expect("written");
        assert_eq!(table(&house::open(&home).expect("opened")), both);
    }
    assert_eq!((whole.len(), both.len()), (20, 40));
}

#[test]
fn columns_of_another_copy_of_the_vault_are_not_believed() {
    let (folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha");
    add_results(&session, asha, 0..20);
    drop((session, vault.close()));
    let other = folder.path().join("other");
    house::copy(&home, &other);

    let vault = house::open(&home).expect("opened");
    let session = house::operator(&vault);
    add_results(&session, asha, 20..60);
    assert_eq!(table(&vault).len(), 60);
    drop((session, vault.close()));
    let [path] = &kept(&home)[..] else { panic!("one file") };
    let name = path.file_name().expect("a name");
    fs::copy(path, other.join("index").join(name)).expect("copied");

    // The other copy goes its own way, past where that file ends.
    let vault = house::open(&other).expect("opened");
    let session = house::operator(&vault);
    add_results(&session, asha, 200..260);
    let own = table(&vault);
    assert_eq!(own.len(), 80);
    assert!(own.iter().flatten().all(|cell| cell != "30.50"));
    drop((session, vault.close()));
    assert_eq!(without_kept(&other), own);
}

#[test]
fn nothing_that_was_destroyed_is_left_in_what_is_kept() {
    let (_folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    let (asha, ravi) = (house::person(&session, "Asha"), house::person(&session, "Ravi"));
    let ids = add_results(&session, asha, 0..20);
    add_results(&session, ravi, 0..20);
    let all = table(&vault);
    let of_asha = kept(&home);
    assert_eq!(of_asha.len(), 2);

    // A rotation seals everything anew, what is kept with it.
    session.rotate_profile(asha).expect("rotated");
    assert_eq!(kept(&home).len(), 1);
    assert_eq!(table(&vault), all);
    assert_eq!(kept(&home).len(), 2);

    let erase = session.permit(Action::Erase, asha, "lab-result").expect("allowed");
    session.rectify(&erase, ids[3], Keep::Nothing).expect("rectified");
    assert_eq!(kept(&home).len(), 1, "the file with the destroyed row is gone");
    let left = table(&vault);
    assert_eq!(left.len(), 39);
    assert!(left.iter().flatten().all(|cell| *cell != ids[3].to_string()));
    assert_eq!((table(&vault), kept(&home).len()), (left, 2));

    session.erase_profile(asha).expect("erased");
    assert_eq!((table(&vault).len(), kept(&home).len()), (20, 1));
    session.erase_profile(ravi).expect("erased");
    assert_eq!((table(&vault).len(), kept(&home).len()), (0, 0));
}

#[test]
fn what_is_destroyed_while_a_table_is_made_does_not_come_back_into_what_is_kept() {
    let (_folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    let people = ["Asha", "Ravi", "Meera", "Kiran"].map(|name| house::person(&session, name));
    let ids: Vec<Vec<RecordId>> = people.iter().map(|person| add_results(&session, *person, 0..600)).collect();
    for (number, ids) in ids.iter().enumerate() {
        let eraser = house::operator(&vault);
        let permit = eraser.permit(Action::Erase, people[number], "lab-result").expect("allowed");
        let (id, work) = (ids[7], std::sync::Mutex::new(Some((eraser, permit))));
        let asked = std::sync::atomic::AtomicUsize::new(0);
        // Between two pages, while others are read ahead.
        let rectify = move || {
            if asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == number * 2
                && let Some((eraser, permit)) = work.lock().expect("sound").take()
            {
                eraser.rectify(&permit, id, Keep::Nothing).expect("rectified");
            }
            false
        };
        let session = house::operator(&vault).stopped_by(std::sync::Arc::new(rectify));
        let meanwhile = session.table("lab-result", &FlatQuery::default()).expect("a table").rows();
        let left = 4 * 600 - number;
        assert!((left - 1..=left).contains(&meanwhile), "{meanwhile} of {left}");
        let after = table(&vault);
        assert_eq!(after.len(), left - 1);
        assert!(after.iter().flatten().all(|cell| *cell != id.to_string()));
        assert_eq!(table(&vault), after);
    }
    let last = table(&vault);
    drop((session, vault.close()));
    assert_eq!(without_kept(&home), last);
}
