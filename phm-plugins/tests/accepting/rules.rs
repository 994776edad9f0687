//! Who makes a rule, which package it is about, and what ends it for good.

use phm_core::access::Actor;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::vault::{Options, Vault};
use phm_plugins::acceptance::{self, Card, State, Wanted};
use phm_plugins::proposals::{self, Proposal};
use phm_plugins::{Package, Plugins, installed};
use serde_json::{Value, json};

use crate::house::{House, answers, document, found, manifest, permission, reader, reader_of};
use crate::{came, make, ruled, state};

#[test]
fn a_rule_is_about_the_package_that_runs_and_not_about_another_of_its_name_and_version() {
    let (house, _) = ruled(&json!({"proposals": [found("6.5", 2)]}));
    // Its author tries out another package, signed, of the same name and version.
    let (toml, wat) = reader_of(&json!({"proposals": [found("9.5", 1)]}));
    let tried = Package::read(&house.package(&toml, &wat)).expect("a package");
    let input = json!({"document": document(&house, house.asha, b"%PDF-1.7"), "pages": []});
    let called = house.plugins.try_out(&house.about_asha(), &tried, json!({}), &input).expect("its author's own");
    assert_eq!((called.accepted.len(), called.proposals.len()), (0, 1), "nobody installed that");
    // A call of what was there before goes on while the next package of the same version is installed and has a rule.
    reader(&house, &json!({"proposals": [found("7.5", 2)]}));
    make(&house, "lab-result", false).expect("a rule");
    let one = |value: &str| {
        let (body, now) = (found(value, 1)["body"].clone(), house.admin().now());
        vec![Proposal::new("probe".into(), "0.1.0".into(), "lab-result".into(), body, None, now)]
    };
    for changes in [None, Some(2)] {
        let came = proposals::add_of(&house.vault, house.asha, "probe", changes, None, one("8.5"));
        let came = came.expect("a vault that writes").expect("room");
        assert_eq!((came.waiting.len(), came.made.len()), (1, 0), "{changes:?}");
    }
    assert!(proposals::add(&house.vault, house.asha, "probe", one("8.6")).expect("a vault that writes"));
    assert_eq!((state(&house), came(&house)), (State::Holds, (1, 0)));
    let accepted = acceptance::rules(&house.vault, &house.person(), house.asha).expect("rules")[0].accepted;
    assert_eq!(accepted, 2, "what the package that is on proposes is accepted");
}

#[test]
fn whatever_changes_behind_the_name_ends_a_rule_for_good() {
    let all = [found("6.5", 2)];
    type Change = fn(&House);
    let changes: [(&str, Change); 4] = [
        ("another package", |house| reader(house, &json!({"proposals": [found("7.5", 2)]}))),
        ("off and on", |house| {
            installed::disable(&house.vault, &house.admin(), "probe").expect("off");
            installed::enable(&house.vault, &house.admin(), "probe", None).expect("on");
        }),
        ("fewer permissions, and then all again", |house| {
            let some = ["records.propose".to_owned()];
            installed::enable(&house.vault, &house.admin(), "probe", Some(&some)).expect("on");
            installed::enable(&house.vault, &house.admin(), "probe", None).expect("on");
        }),
        ("removed and installed again", |house| {
            house.plugins.remove(&house.admin(), "probe").expect("removed");
            reader(house, &json!({"proposals": [found("6.5", 2)]}));
        }),
    ];
    for (what, change) in changes {
        let (house, _) = ruled(&json!({ "proposals": all }));
        change(&house);
        assert_eq!((state(&house), came(&house)), (State::PluginChanged, (0, 1)), "{what}");
        make(&house, "lab-result", false).expect("a new rule");
        assert_eq!((state(&house), came(&house)), (State::Holds, (1, 0)), "{what}");
    }
    // The same package installed once more is no change.
    let (house, _) = ruled(&json!({ "proposals": all }));
    reader(&house, &json!({ "proposals": all }));
    assert_eq!((state(&house), came(&house)), (State::Holds, (1, 0)));
}

#[test]
fn a_rule_is_made_by_who_answers_for_the_person_about_what_the_plugin_may_propose() {
    let house = House::new();
    let kinds = "kinds = [\"lab-result\", \"medication\", \"profile\"]";
    house.enable(&manifest(&permission("records.propose", kinds)), &answers("{}"));
    let code = |made: phm_core::Result<Card>| {
        made.map_or_else(
            |error| (error.code().to_owned(), error.details().first().map(|one| one.path.clone())),
            |card| (card.kind, None),
        )
    };
    let said = |code: &str, path: &str| (code.to_owned(), Some(path.to_owned()));
    assert_eq!(code(make(&house, "note", true)), said("invalid", "/kind"));
    assert_eq!(code(make(&house, "profile", true)), said("invalid", "/kind"), "who somebody is");
    assert_eq!(code(make(&house, "medication", false)), said("invalid", "/despite_harm"));
    assert_eq!(code(make(&house, "medication", true)), ("medication".to_owned(), None));
    let wanted = |plugin: &str| {
        let (kind, shown) = ("lab-result".into(), None);
        Wanted { plugin: plugin.into(), kind, despite_harm: false, shown }
    };
    let other = acceptance::make(&house.vault, &house.person(), house.asha, &wanted("another"));
    assert_eq!(code(other), said("invalid", "/plugin"));
    // Another package was shown than is on by now.
    let shown = |sha256: &str| Wanted { shown: Some(sha256.to_owned()), ..wanted("probe") };
    let other = acceptance::make(&house.vault, &house.person(), house.asha, &shown("of the package before"));
    assert_eq!(code(other), said("invalid", "/plugin"));
    let is_on = installed::get(&house.vault, "probe").expect("installed").sha256;
    let same = acceptance::make(&house.vault, &house.person(), house.asha, &shown(&is_on));
    acceptance::end(&house.vault, &house.person(), house.asha, same.expect("a rule").id).expect("ended");
    // Somebody who has nothing to do with the person; a plugin; the operator, who is nobody's.
    let stranger = acceptance::make(&house.vault, &house.person(), house.bela, &wanted("probe"));
    assert_eq!(stranger.expect_err("a stranger").code(), "not-found");
    house.grant(house.asha, &["read", "add", "share"], &["profile", "lab-result"]);
    let plugin = Actor::Plugin { name: "probe".into(), account: house.account };
    for session in [house.vault.session(plugin, "test").expect("a session"), house.admin()] {
        let made = acceptance::make(&house.vault, &session, house.asha, &wanted("probe"));
        assert_eq!(made.expect_err("no person").code(), "not-granted");
    }
    // What is handed everything that its caller sees may be granted little and know much.
    let handed = House::new();
    let toml = manifest(&permission("records.propose", kinds)).replace("\"insight\"", "\"drugs\"");
    handed.enable(&toml, &answers("{}").replace("(export \"find\")", "(export \"check\")"));
    assert_eq!(code(make(&handed, "lab-result", false)), said("invalid", "/kind"));
    // A rule lets nothing be added that the plugin is not granted to add.
    make(&house, "lab-result", false).expect("a rule");
    let states: Vec<State> = acceptance::rules(&house.vault, &house.person(), house.asha)
        .expect("rules")
        .iter()
        .map(|one| one.state)
        .collect();
    assert_eq!(states, [State::NotGranted, State::Holds]);
}

#[test]
fn in_a_restored_vault_a_rule_is_at_rest_until_it_is_made_anew() {
    let (house, rule) = ruled(&json!({"proposals": [found("6.5", 2)]}));
    let House { vault, plugins, key, account, asha, bela, dir } = house;
    let (file, folder) = (dir.path().join("before.phmb"), dir.path().join("again"));
    phm_core::backup::write(&vault, &file).expect("a backup");
    // Ended after the backup was made.
    let person = vault.session(Actor::Person { account }, "test").expect("an account");
    acceptance::end(&vault, &person, asha, rule.id).expect("ended");
    drop((person, plugins));
    vault.close().expect("closed");
    let secret = Secret::key_file(&dir.path().join("secret")).expect("64 hex digits");
    let options = || Options { cost: Cost::FLOOR, ..Options::default() };
    phm_core::backup::restore(&file, &folder, &secret, options()).expect("restored");
    let vault = Vault::open(&folder, &secret, options()).expect("the vault opens");
    let house = House { plugins: Plugins::of(&vault), vault, key, account, asha, bela, dir };

    assert_eq!(state(&house), State::Restored);
    let body = found("8.5", 2)["body"].clone();
    let propose = |body: Value| {
        let now = house.admin().now();
        let one = Proposal::new("probe".into(), "0.1.0".into(), "lab-result".into(), body, None, now);
        assert!(proposals::add(&house.vault, house.asha, "probe", vec![one]).expect("a vault that writes"));
        proposals::waiting(&house.vault, &house.person(), house.asha).expect("those that wait").len()
    };
    assert_eq!(propose(body.clone()), 1, "it waits for a person");
    assert_eq!(make(&house, "lab-result", false).expect("made anew").state, State::Holds);
    let mut other = body;
    other["quantity"]["value"] = json!("9.5");
    assert_eq!(propose(other), 1, "accepted, as it was wanted again");
    assert_eq!(acceptance::rules(&house.vault, &house.person(), house.asha).expect("rules")[0].accepted, 1);
}
