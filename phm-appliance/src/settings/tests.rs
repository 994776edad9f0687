//! Settings as people write them: what is taken, what stops the start.

use super::*;

fn load(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("phm.toml"), file).expect("a file");
    let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let flags: Vec<_> = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    Settings::load(dir.path(), environment, &flags)
}

#[test]
fn the_household_has_a_time_zone_by_name_or_that_of_the_machine() {
    assert!(load("", &[], &[]).expect("defaults").time_zone.is_none());
    let india = load("[household]\ntime_zone = \"Asia/Kolkata\"\n", &[], &[]).expect("a zone").time_zone;
    assert_eq!(india.as_ref().and_then(jiff::tz::TimeZone::iana_name), Some("Asia/Kolkata"));
    assert!(load("[household]\ntime_zone = \"Asia/Nowhere\"\n", &[], &[]).is_err());
}

#[test]
fn the_defaults_are_valid_and_every_one_is_explained() {
    let settings = Settings::defaults(Path::new("vault"));
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.registration, Registration::Invitation);
    assert_eq!(settings.public_url, "http://localhost:8080");
    assert!(!settings.retention_enforce, "nothing is destroyed that nobody agreed to");
    let lines: Vec<_> = include_str!("default.toml").lines().collect();
    for pair in lines.windows(2) {
        if pair[1].contains(" = ") && !pair[1].starts_with('#') {
            assert!(pair[0].starts_with("# "), "no comment above `{}`", pair[1]);
        }
    }
}

#[test]
fn the_ages_of_guardians_are_the_households_to_set() {
    let ages = load("[policy]\nguardian_private_from = 14\n", &[], &[]).expect("in order").guardian_ages;
    assert_eq!((ages.private_from, ages.by_grant_from, ages.ends_at), (14, 16, 18));
    assert_eq!(Settings::defaults(Path::new("vault")).guardian_ages, GuardianAges::default());
}

#[test]
fn later_sources_win_and_the_listing_says_which() {
    let settings = load(
        "[limits]\nlogin_per_minute = 5\nbody_bytes = 7\n",
        &[("PHM__LIMITS__LOGIN_PER_MINUTE", "6"), ("PHM__AUDIT__READS", "false"), ("HOME", "/root")],
        &[("server.listen", "0.0.0.0:9000")],
    )
    .expect("valid settings");
    assert_eq!((settings.login_per_minute, settings.body_bytes, settings.audit_reads), (6, 7, false));
    let source = |key: &str| settings.listing().iter().find(|row| row.key == key).expect("listed").source;
    assert_eq!(source("limits.login_per_minute"), Source::Environment);
    assert_eq!(source("limits.body_bytes"), Source::File);
    assert_eq!(source("server.listen"), Source::Flag);
    assert_eq!(source("auth.registration"), Source::Default);
}

#[test]
fn an_unknown_key_stops_the_start_and_names_the_nearest() {
    let error = load("[server]\nlissten = \"x\"\n", &[], &[]).expect_err("a misspelt key");
    assert_eq!(error.to_string(), "unknown setting `server.lissten` in phm.toml; did you mean `server.listen`?");
    let error = load("", &[("PHM__AUTH__REGISTRATON", "open")], &[]).expect_err("a misspelt variable");
    assert!(error.to_string().contains("`auth.registration`"), "{error}");
}

#[test]
fn values_that_make_no_sense_stop_the_start() {
    for file in [
        "[server]\nlisten = \"here\"\n",
        "[server]\nlisten = 8080\n",
        "[server]\npublic_url = \"https://phm.example\"\n",
        "[server]\ntls = \"files\"\n",
        "[mail]\ntransport = \"smtp\"\nfrom = \"phm@example.org\"\n",
        "[mail]\ntransport = \"file\"\nfrom = \"nobody\"\n",
        "[mail]\nhost = \"mail.example\"\nsecurity = \"none\"\n",
        "[oidc]\nissuer = \"http://id.example\"\nclient_id = \"phm\"\n",
        "[oidc]\nissuer = \"https://id.example\"\n",
        "[oidc]\nroles = [\"doctors=owner\"]\n",
        "[server]\ntls = \"local\"\npublic_url = \"http://phm.example\"\n",
        "[server]\nhttp_listen = \"127.0.0.1:80\"\n",
        "[server]\ntls_minimum = \"1.1\"\n",
        "[server]\ntrusted_proxies = [\"nearby\"]\n",
        "[server]\ntrusted_proxies = [\"0.0.0.0/0\"]\n",
        "[auth]\nregistration = \"maybe\"\n",
        "[limits]\nbody_bytes = -1\n",
        "[policy]\nguardian_ends_at = 300\n",
        "[policy]\nguardian_ends_at = 14\n",
        "[policy]\ntakes_over_from = 19\n",
        "[policy]\nguardian_private_from = \"young\"\n",
        "[audit]\nretention = \"30d\"\n",
        "[audit]\ncheckpoint_folder = \"beside\"\n",
        "[audit]\ncheckpoint_every = \"0s\"\n",
        "[audit]\ncheckpoint_every = \"often\"\n",
        "[store]\ncompact_ratio = 1\n",
        "[store]\ncompact_ratio = 2.5\n",
        "[store]\ncompact_gain = \"64 MiB\"\n",
        "[audit]\nreads = \"yes\"\n",
        "[plugins]\nhttp_allow_private = [1]\n",
        "data_dir = \"elsewhere\"\n",
        "not toml",
    ] {
        assert!(load(file, &[], &[]).is_err(), "{file}");
    }
}

#[test]
fn checkpoints_are_kept_outside_the_data_folder_or_not_at_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let load = |folder: &Path| {
        let flag = [("audit.checkpoint_folder", folder.display().to_string())];
        Settings::load(&dir.path().join("data"), [], &flag)
    };
    let beside = dir.path().join("kept");
    assert_eq!(load(&beside).expect("a folder").checkpoint_folder, Some(beside));
    assert!(load(&dir.path().join("data/kept")).is_err() && load(&dir.path().join("data")).is_err());
    let settings = Settings::defaults(Path::new("vault"));
    assert_eq!((settings.checkpoint_folder, settings.checkpoint_every), (None, Duration::from_hours(1)));
}

#[test]
fn backups_are_made_hourly_where_there_is_a_target() {
    assert_eq!(load("", &[], &[]).expect("defaults").backups, None);
    let made = |file: &str| load(file, &[], &[]).map(|settings| settings.backups.expect("a target"));
    let hourly = made("[backup]\ntarget = \"/mnt/backups\"\n").expect("valid");
    let expected =
        Backups { target: PathBuf::from("/mnt/backups"), every_hours: 1, keep_days: 30, drill_days: 7, proof_days: 14 };
    assert_eq!(hourly, expected);
    for (schedule, hours) in [("hourly", 1), ("daily", 24), ("6h", 6)] {
        let file = format!("[backup]\ntarget = \"/mnt/backups\"\nschedule = \"{schedule}\"\n");
        assert_eq!(made(&file).expect("valid").every_hours, hours);
    }
    for wrong in
        ["schedule = \"0h\"", "schedule = \"25h\"", "schedule = \"weekly\"", "target = \"here\"", "keep_days = 0"]
    {
        assert!(load(&format!("[backup]\n{wrong}\n"), &[], &[]).is_err(), "{wrong}");
    }
}

#[test]
fn a_public_https_address_needs_somebody_who_ends_tls() {
    let settings = load("[server]\ntls = \"proxy\"\npublic_url = \"https://phm.example/\"\n", &[], &[]);
    assert_eq!(settings.expect("valid settings").public_url, "https://phm.example");
    let own = "[server]\ntls = \"files\"\ntls_certificate = \"a.crt\"\ntls_key = \"/keys/a.key\"\n\
               http_listen = \"127.0.0.1:8081\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n";
    let settings = load(own, &[], &[]).expect("valid settings");
    assert_eq!(settings.public_url, "https://localhost:8080");
    assert_eq!(settings.tls_certificate, settings.data_dir.join("a.crt"));
    assert_eq!(settings.tls_key, Path::new("/keys/a.key"));
    assert_eq!(settings.trusted_proxies.len(), 2);
}
