//! Packages on their way into the house and while they lie there: whose they are, and whether they are still the same.

mod house;

use house::{House, answers, manifest, permission};
use phm_plugins::installed;
use phm_plugins::signature::SigningKey;
use phm_plugins::{Package, Plugins};

const FINE: &str = r#"{"findings":[]}"#;

#[test]
fn an_unsigned_package_and_one_by_a_stranger_are_not_installed() {
    let house = House::new();
    let bytes = house.package(&manifest(""), &answers(FINE));
    let package = Package::read(&bytes).expect("a package");
    let stranger = SigningKey::create(&house.dir.path().join("stranger.key")).expect("a key");
    let by_stranger = package.clone().signed(&stranger).write().expect("written");
    assert_eq!(house.plugins.install(&house.admin(), &by_stranger).expect_err("refused").code(), "untrusted-key");
    let files = [("plugin.toml", "plugin.toml"), ("plugin.wasm", "plugin.wasm")];
    let files = files.map(|(name, file)| (name.to_owned(), package.file(file).expect("a file").to_vec()));
    let unsigned = Package::of(files.into()).expect("a package").write().expect("written");
    assert_eq!(house.plugins.install(&house.admin(), &unsigned).expect_err("refused").code(), "unsigned");
    assert!(house.plugins.list().expect("a list").is_empty());
}

#[test]
fn every_changed_byte_of_a_package_is_noticed() {
    let house = House::new();
    let bytes = house.package(&manifest(""), &answers(FINE));
    let fine = house.plugins.install(&house.admin(), &bytes).expect("installed");
    let step = if std::env::var_os("PHM_LONG").is_some() { 1 } else { 23 };
    for at in (0..bytes.len()).step_by(step) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x20;
        // A byte of the archive that is no byte of a file (a time, a flag) changes nothing of what is signed.
        if let Ok(package) = Package::read(&changed)
            && package.signer().is_ok()
        {
            let same = Package::read(&bytes).expect("a package");
            assert_eq!((package.module(), package.manifest()), (same.module(), same.manifest()), "byte {at}");
        }
    }
    assert_eq!(fine.signer, house.key.public());
}

#[test]
fn a_file_that_was_changed_after_it_was_installed_is_not_run() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    house.call().expect("an answer");
    let place = house.vault.dir().join("plugins").join("probe.phmp");
    let bytes = std::fs::read(&place).expect("the package");
    let mut changed = bytes.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    for content in [changed, house.package(&manifest("").replace("0.1.0", "0.1.1"), &answers(FINE)), Vec::new()] {
        std::fs::write(&place, content).expect("written");
        // As after a restart: nothing is ready yet.
        let context = house.about_nobody();
        let input = serde_json::json!({"language": "en"});
        let error = Plugins::of(&house.vault).call(&context, "probe", &input, &[]).expect_err("changed");
        assert_eq!(error.code(), "package-changed");
    }
    std::fs::remove_file(&place).expect("removed");
    let error =
        Plugins::of(&house.vault).call(&house.about_nobody(), "probe", &serde_json::json!({"language": "en"}), &[]);
    assert_eq!(error.expect_err("missing").code(), "package-changed");
    std::fs::write(&place, bytes).expect("written");
    Plugins::of(&house.vault)
        .call(&house.about_nobody(), "probe", &serde_json::json!({"language": "en"}), &[])
        .expect("the same bytes again");
}

#[test]
fn compiled_code_that_is_not_our_own_is_never_run() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    house.call().expect("an answer");
    let folder = house.vault.dir().join("cache").join("plugins");
    let entry = std::fs::read_dir(&folder).expect("a folder").next().expect("a file").expect("an entry").path();
    let good = std::fs::read(&entry).expect("compiled code");
    for at in [0, 31, 32, good.len() / 2, good.len() - 1] {
        let mut changed = good.clone();
        changed[at] ^= 1;
        std::fs::write(&entry, &changed).expect("written");
        let input = serde_json::json!({"language": "en"});
        Plugins::of(&house.vault).call(&house.about_nobody(), "probe", &input, &[]).expect("compiled anew");
        assert_eq!(std::fs::read(&entry).expect("written anew").len(), good.len());
        assert_ne!(std::fs::read(&entry).expect("written anew"), changed, "byte {at}");
    }
}

#[test]
fn a_new_package_or_permission_asks_again() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    let same = house.install(&manifest(""), &answers(FINE)).expect("installed again");
    assert!(same.granted.is_some(), "the very same package stays on");
    let more = manifest(&permission("records.list", "kinds = [\"note\"]"));
    assert!(house.install(&more, &answers(FINE)).expect("installed").granted.is_none());
    assert_eq!(house.call().expect_err("off").code(), "not-enabled");
}

#[test]
fn nobody_switches_on_what_they_have_not_looked_at() {
    let house = House::new();
    let shown = house.install(&manifest(""), &answers(FINE)).expect("installed").sha256;
    let more = manifest(&permission("records.list", "kinds = [\"note\"]"));
    let now = house.install(&more, &answers(FINE)).expect("installed meanwhile").sha256;
    let enable = |sha256: &str| installed::enable_shown(&house.vault, &house.admin(), "probe", Some(sha256), None);
    assert_eq!(enable(&shown).expect_err("it asks for more by now").code(), "package-replaced");
    assert_eq!(house.call().expect_err("off").code(), "not-enabled");
    enable(&now).expect("what was shown");
}

#[test]
fn only_who_runs_the_house_changes_what_is_installed() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    let (vault, person, key) = (&house.vault, house.person(), house.key.public());
    let bytes = house.package(&manifest(""), &answers(FINE));
    for error in [
        installed::trust(vault, &person, key, "me").err(),
        installed::distrust(vault, &person, key).err(),
        installed::enable(vault, &person, "probe", None).err(),
        installed::disable(vault, &person, "probe").err(),
        installed::set_settings(vault, &person, "probe", serde_json::json!({})).err(),
        house.plugins.install(&person, &bytes).err(),
        house.plugins.remove(&person, "probe").err(),
    ] {
        assert_eq!(error.expect("refused").code(), "not-granted");
    }
    house.call().expect("all is as it was");
}

#[test]
fn only_declared_permissions_can_be_granted() {
    let house = House::new();
    let two = format!("{}{}", permission("log", ""), permission("kv.get", ""));
    house.install(&manifest(&two), &answers(FINE)).expect("installed");
    let one = installed::enable(&house.vault, &house.admin(), "probe", Some(&["log".into()])).expect("enabled");
    assert_eq!(one.granted.expect("on").len(), 1);
    let error =
        installed::enable(&house.vault, &house.admin(), "probe", Some(&["kv.put".into()])).expect_err("refused");
    assert_eq!(error.code(), "invalid-manifest");
}

#[test]
fn a_key_that_is_trusted_no_more_takes_its_plugins_with_it() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    installed::distrust(&house.vault, &house.admin(), house.key.public()).expect("distrusted");
    assert_eq!(house.call().expect_err("off").code(), "not-enabled");
    let error = installed::enable(&house.vault, &house.admin(), "probe", None).expect_err("refused");
    assert_eq!(error.code(), "untrusted-key");
    assert_eq!(house.install(&manifest(""), &answers(FINE)).expect_err("refused").code(), "untrusted-key");
}

#[test]
fn a_call_that_runs_finishes_while_its_plugin_is_replaced() {
    let house = House::new();
    // Works for a while, then answers.
    let slow = house::does(
        "(local $n i32) (loop $on (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $on (i32.lt_u (local.get $n) (i32.const 1500000000))))",
    );
    house.enable(&manifest("[limits]\ntime_ms = 60000\nfuel = 100000000000"), &slow);
    let new = r#"{"findings":[{"title":"New","text":"new","records":[]}]}"#;
    let found = |output: serde_json::Value| output["findings"].as_array().map(Vec::len);
    let (begun, begins) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let house = &house;
        let running = scope.spawn(move || {
            begun.send(()).expect("somebody waits");
            house.call()
        });
        begins.recv().expect("it begins");
        std::thread::sleep(std::time::Duration::from_millis(200));
        house.enable(&manifest("").replace("0.1.0", "0.2.0"), &answers(new));
        assert_eq!(found(house.call().expect("an answer")), Some(1), "the new one answers at once");
        assert!(!running.is_finished(), "the old one still runs");
        assert_eq!(found(running.join().expect("no panic").expect("it finishes")), Some(0), "with the old code");
    });
}

#[test]
fn nobody_takes_over_the_name_and_the_grants_of_anothers_plugin() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    let other = SigningKey::create(&house.dir.path().join("other.key")).expect("a key");
    installed::trust(&house.vault, &house.admin(), other.public(), "Somebody else").expect("trusted");
    let theirs =
        Package::read(&house.package(&manifest("").replace("0.1.0", "9.0.0"), &answers(FINE))).expect("a package");
    let theirs = theirs.signed(&other).write().expect("written");
    assert_eq!(house.plugins.install(&house.admin(), &theirs).expect_err("refused").code(), "other-author");
    house.call().expect("the first one stays as it is");
    house.plugins.remove(&house.admin(), "probe").expect("removed");
    assert_eq!(house.call().expect_err("gone").code(), "not-installed");
    let left = std::fs::read_dir(house.vault.dir().join("cache").join("plugins")).expect("a folder").count();
    assert_eq!(left, 0, "nothing compiled is left");
    let error = house.plugins.install(&house.admin(), &theirs).expect_err("the grants still name it");
    assert_eq!(error.code(), "other-author");
    house.install(&manifest(""), &answers(FINE)).expect("its own author comes back");
    let still = installed::free_name(&house.vault, &house.admin(), "probe").expect_err("it is installed");
    assert_eq!(still.code(), "not-installed");
    house.plugins.remove(&house.admin(), "probe").expect("removed");
    installed::free_name(&house.vault, &house.admin(), "probe").expect("given away knowingly");
    assert!(house.plugins.install(&house.admin(), &theirs).expect("installed").granted.is_none());
}

#[test]
fn an_unsigned_folder_does_not_borrow_the_grants_of_the_plugin_it_is_named_after() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    let input = serde_json::json!({"language": "en"});
    let signed = Package::read(&house.package(&manifest(""), &answers(FINE))).expect("a package");
    let files =
        ["plugin.toml", "plugin.wasm"].map(|name| (name.to_owned(), signed.file(name).expect("a file").to_vec()));
    let unsigned = Package::of(files.into()).expect("a package");
    let run = |package: &Package| house.plugins.try_out(&house.about_asha(), package, serde_json::json!({}), &input);
    assert_eq!(run(&unsigned).expect_err("refused").code(), "other-author");
    run(&signed).expect("its author's own");
    house.plugins.remove(&house.admin(), "probe").expect("removed");
    assert_eq!(run(&unsigned).expect_err("the grants are still there").code(), "other-author");
    let left = std::fs::read_dir(house.vault.dir().join("cache").join("plugins")).expect("a folder").count();
    assert_eq!(left, 0, "nothing of what was tried out is kept");
}

#[test]
fn an_older_version_does_not_take_the_place_of_a_newer_one() {
    let house = House::new();
    let of = |version: &str| manifest("").replace("0.1.0", version);
    house.enable(&of("0.10.0"), &answers(FINE));
    for older in ["0.9.9", "0.9.10", "0.0.1"] {
        let error = house.install(&of(older), &answers(FINE)).expect_err("refused");
        assert_eq!(error.code(), "older-version", "{older}");
    }
    house.call().expect("the newer one stays on");
    house.plugins.remove(&house.admin(), "probe").expect("removed");
    house.install(&of("0.9.9"), &answers(FINE)).expect("whoever removes it first means it");
}

#[test]
fn of_plugins_that_check_medicines_one_is_on() {
    let house = House::new();
    let drugs = |name: &str| manifest("").replace("probe", name).replace("\"insight\"", "\"drugs\"");
    let check = answers(FINE).replace("(export \"find\")", "(export \"check\")");
    house.enable(&drugs("first"), &check);
    house.install(&drugs("second"), &check).expect("installed");
    let enable = |name: &str| installed::enable(&house.vault, &house.admin(), name, None);
    assert_eq!(enable("second").expect_err("refused").code(), "kind-taken");
    enable("first").expect("the one that is on may be enabled again");
    installed::disable(&house.vault, &house.admin(), "first").expect("disabled");
    enable("second").expect("now it may");
}

#[test]
fn who_looks_at_a_package_sees_whose_it_is_and_trusting_its_key_is_one_step_with_installing_it() {
    let house = House::new();
    let stranger = SigningKey::create(&house.dir.path().join("stranger.key")).expect("a key");
    let of = |wat: &str| {
        let package = Package::read(&house.package(&manifest(""), wat)).expect("a package");
        package.signed(&stranger).write().expect("written")
    };
    let trusts = || installed::is_trusted(&house.vault, stranger.public()).expect("readable");
    let good = of(&answers(FINE));
    let looked = house.plugins.look(&house.admin(), &good).expect("a package to look at");
    assert_eq!((looked.signer, looked.trusted_as, looked.replaces), (stranger.public(), None, None));
    assert!(house.plugins.list().expect("readable").is_empty() && !trusts(), "looking changes nothing");
    assert!(house.plugins.look(&house.person(), &good).is_err(), "looking is for who runs the house");
    assert_eq!(house.plugins.install(&house.admin(), &good).expect_err("refused").code(), "untrusted-key");

    let broken = of("(module)");
    let error = house.plugins.install_trusting(&house.admin(), &broken, "A stranger").expect_err("refused");
    assert_eq!((error.code(), trusts()), ("invalid-module", false), "a key is not left trusted for nothing");
    let put = house.plugins.install_trusting(&house.admin(), &good, "A \u{202e}stranger").expect("installed");
    assert!(put.granted.is_none() && trusts(), "installed is not on");
    let again = house.plugins.look(&house.admin(), &good).expect("a package to look at");
    assert_eq!(again.trusted_as.as_deref(), Some("A  stranger"), "letters that steer are taken out");
    assert_eq!(again.replaces.map(|one| one.sha256), Some(put.sha256));
}

#[test]
fn settings_are_what_the_schema_of_the_package_takes_and_secrets_stay_where_they_are() {
    let house = House::new();
    let toml = |version: &str| manifest("settings = \"settings.json\"\n").replace("0.1.0", version);
    let schema = serde_json::json!({"type": "object", "required": ["unit"], "properties": {
        "unit": {"type": "string", "enum": ["mg/dL", "mmol/L"]}, "days": {"type": "integer", "minimum": 1, "default": 7},
        "key": {"type": "string", "writeOnly": true}}});
    let put = |version: &str, schema: &serde_json::Value| {
        let bytes = house.package_with_settings(&toml(version), &answers(FINE), schema)?;
        house.plugins.install(&house.admin(), &bytes)
    };
    put("0.1.0", &schema).expect("installed");
    let set = |settings: serde_json::Value| installed::set_settings(&house.vault, &house.admin(), "probe", settings);
    let get = || installed::get(&house.vault, "probe").expect("installed");
    for (settings, place) in [
        (serde_json::json!({}), "/unit (required)"),
        (serde_json::json!({"unit": "g"}), "/unit (invalid-choice)"),
        (serde_json::json!({"unit": "mg/dL", "days": 0}), "/days (out-of-range)"),
        (serde_json::json!({"unit": "mg/dL", "colour": "red"}), "/colour (unknown-field)"),
        (serde_json::json!([]), "/ (wrong-type)"),
    ] {
        let error = set(settings.clone()).expect_err("refused");
        assert_eq!(error.code(), "invalid-settings");
        assert!(error.to_string().contains(place), "{settings}: {error}");
    }
    assert_eq!(get().settings, serde_json::json!({}), "nothing of what was refused is kept");

    set(serde_json::json!({"unit": "mg/dL", "key": "hush"})).expect("it fits");
    set(serde_json::json!({"unit": "mmol/L"})).expect("it fits");
    let force = get().in_force().expect("a schema");
    assert_eq!(force, serde_json::json!({"unit": "mmol/L", "key": "hush", "days": 7}), "the secret stays");
    let shown = get().without_secrets().expect("a schema").settings;
    assert_eq!(shown, serde_json::json!({"unit": "mmol/L", "key": "***"}));
    set(serde_json::json!({"unit": "mmol/L", "key": ""})).expect("it fits");
    assert_eq!(get().settings, serde_json::json!({"unit": "mmol/L"}), "an empty secret is taken out");

    set(serde_json::json!({"unit": "mmol/L", "key": "hush"})).expect("it fits");
    let mut told = schema.clone();
    told["properties"]["key"] = serde_json::json!({"type": "string"});
    put("0.1.1", &told).expect("installed");
    assert_eq!(
        get().settings,
        serde_json::json!({"unit": "mmol/L"}),
        "what was a secret is not shown by a new version"
    );

    let narrower = serde_json::json!({"type": "object", "properties": {"unit": {"type": "integer"}}});
    put("0.2.0", &narrower).expect("installed");
    assert_eq!(get().settings, serde_json::json!({}), "what does not fit the new one is not handed to it");
    let wider = serde_json::json!({"type": "object", "properties": {"unit": {"type": "string", "pattern": "m"}}});
    let error = put("0.3.0", &wider).expect_err("nobody would check it");
    assert!(error.code() == "invalid-package" && error.to_string().contains("/properties/unit"), "{error}");
}

#[test]
fn a_plugin_without_a_schema_takes_no_settings() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    let set = |settings: serde_json::Value| installed::set_settings(&house.vault, &house.admin(), "probe", settings);
    assert_eq!(set(serde_json::json!({"a": 1})).expect_err("refused").code(), "invalid-settings");
    set(serde_json::json!({})).expect("nothing is fine");
}
