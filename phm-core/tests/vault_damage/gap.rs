//! A journal with a hole in it, or with two entries in each other's place: it is not opened, and nothing of it is served.

use std::path::{Path, PathBuf};

use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_core::index::Query;
use phm_core::store::layout::Table;
use phm_core::{Error, ErrorKind};
use serde_json::json;

use crate::house;
use crate::sound::{Row, overwrite, rows};

/// A vault with one person who has four notes of one size.
struct Scene {
    home: tempfile::TempDir,
    person: ProfileId,
    /// The rows of their journal.
    own: Vec<Row>,
}

impl Scene {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let sound = home.path().join("sound");
        let vault = house::create(&sound);
        let session = house::operator(&vault);
        let person = house::person(&session, "Asha Example");
        for number in 0..4 {
            house::add(&session, person, "note", &json!({"text": format!("note {number}")}));
        }
        drop(session);
        vault.close().expect("closed");
        let all = rows(&sound, Table::Journal);
        let of = |owner: &[u8]| all.iter().filter(|row| row.0[1..17] == *owner).cloned().collect::<Vec<_>>();
        let own =
            all.iter().map(|row| of(&row.0[1..17])).find(|rows| rows.len() == 5).expect("a profile and four notes");
        Self { home, person, own }
    }

    fn copy(&self, name: &str) -> PathBuf {
        let dir = self.home.path().join(name);
        house::copy(&self.home.path().join("sound"), &dir);
        dir
    }

    /// Why the person's notes are not listed.
    fn refusal(&self, dir: &Path) -> Error {
        let vault = house::open(dir).expect("the rest of the vault opens");
        let session = house::operator(&vault);
        let permit = session.permit(Action::Read, self.person, "note");
        permit.and_then(|permit| session.list(&permit, &Query::default())).expect_err("the journal is not whole")
    }
}

#[test]
fn a_journal_that_lost_an_entry_in_the_middle_is_not_opened() {
    let scene = Scene::new();
    for (number, (address, _)) in (2..).zip(&scene.own[1..4]) {
        let dir = scene.copy(&format!("without {number}"));
        overwrite(&dir, [(address.clone(), None)]);
        let refused = scene.refusal(&dir);
        assert_eq!(refused.kind(), ErrorKind::Corrupt);
        assert!(refused.to_string().contains(&format!("{}#{number} is missing", scene.person)), "{refused}");
    }
}

#[test]
fn two_entries_that_changed_places_are_not_served() {
    let scene = Scene::new();
    let dir = scene.copy("swapped");
    let ((one, first), (two, second)) = (scene.own[2].clone(), scene.own[3].clone());
    overwrite(&dir, [(one, Some(second)), (two, Some(first))]);
    let refused = scene.refusal(&dir);
    assert_eq!(refused.kind(), ErrorKind::Corrupt);
    assert!(refused.to_string().contains(&format!("{}#3 is damaged", scene.person)), "{refused}");
}
