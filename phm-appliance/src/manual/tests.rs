//! The manual against the code: limits it names are in force, tests it names exist.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::auth::{desk, links, lockout, password, session, tickets, tokens};
use crate::settings::Settings;

const SIGN_IN: &str = include_str!("sign_in.md");
const ASVS: &str = include_str!("asvs.md");

/// How many requirements of levels 1 and 2 each section has (OWASP ASVS 5.0.0).
const SECTIONS: [(&str, usize); 33] = [
    ("3.3", 4),
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 4),
    ("6.4", 4),
    ("6.5", 5),
    ("6.6", 3),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 2),
    ("7.6", 2),
    ("8.1", 2),
    ("8.2", 3),
    ("8.3", 1),
    ("8.4", 1),
    ("9.1", 3),
    ("9.2", 4),
    ("10.1", 2),
    ("10.2", 2),
    ("10.3", 4),
    ("10.4", 11),
    ("10.5", 5),
    ("10.6", 2),
    ("10.7", 3),
    ("12.1", 3),
    ("12.2", 2),
    ("12.3", 4),
    ("14.1", 2),
    ("14.2", 4),
    ("14.3", 3),
];

struct Row {
    item: &'static str,
    is_met: &'static str,
    how: &'static str,
}

fn rows() -> Vec<Row> {
    let row = |line: &'static str| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let (item, level) = (cells.next()?, cells.next()?);
        item.starts_with(|first: char| first.is_ascii_digit()).then_some(())?;
        assert!(matches!(level, "1" | "2"), "{item}");
        Some(Row { item, is_met: cells.next()?, how: cells.next()? })
    };
    ASVS.lines().filter_map(row).collect()
}

/// The tests of a source file: what stands behind the mark of one, and is not passed over.
fn tests_in(source: &str) -> impl Iterator<Item = &str> {
    let (mut is_marked, mut is_ignored) = (false, false);
    source.lines().map(str::trim_start).filter_map(move |line| {
        is_marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        is_ignored |= line.starts_with("#[ignore");
        let (name, _) = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?.split_once('(')?;
        let is_test = is_marked && !is_ignored;
        (is_marked, is_ignored) = (false, false);
        is_test.then_some(name)
    })
}

/// The tests in the files below `folder`; a journey of the browser goes by the name of its file.
fn tests_below(folder: &Path, into: &mut BTreeSet<String>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let kind = name.split_once('.').map_or("", |(_, kind)| kind);
        if path.is_dir() && name != "node_modules" {
            tests_below(&path, into);
        } else if kind == "rs" {
            into.extend(tests_in(&std::fs::read_to_string(&path).expect("a source file")).map(str::to_owned));
        } else if kind == "test.mjs" {
            into.insert(name.to_owned());
        }
    }
}

#[test]
fn every_requirement_stands_once_and_names_tests_that_exist() {
    let mut tests = BTreeSet::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "tests", "web/tests", "../phm-core/src", "../phm-core/tests"] {
        tests_below(&here.join(folder), &mut tests);
    }
    let mut found: BTreeMap<&str, usize> = SECTIONS.iter().map(|(section, _)| (*section, 0)).collect();
    let mut items = BTreeSet::new();
    for Row { item, is_met, how } in rows() {
        assert!(items.insert(item), "{item} stands twice");
        let (section, _) = item.rsplit_once('.').expect("three numbers");
        *found.get_mut(section).unwrap_or_else(|| panic!("{section} is no section")) += 1;
        let is_test = |name: &&str| {
            name.matches('_').count() > 2 || name.split_once('.').is_some_and(|(_, kind)| kind == "test.mjs")
        };
        let named: Vec<&str> = how.split('`').skip(1).step_by(2).filter(is_test).collect();
        for name in &named {
            assert!(tests.contains(*name), "{item} names {name}, which is no test that runs");
        }
        match is_met {
            "met" => assert!(!named.is_empty(), "{item} is met, and no test shows it"),
            "partly" | "no" | "n/a" => {
                let reason = how.split_once(": `").map_or(how, |(reason, _)| reason);
                assert!(reason.contains(' '), "{item} gives no reason");
            }
            other => panic!("{item}: {other}"),
        }
    }
    for (section, count) in SECTIONS {
        assert_eq!(found[section], count, "section {section}");
    }
}

#[test]
fn what_is_no_test_or_is_passed_over_is_not_taken_for_one() {
    let passed_over = ["#[test]", "#[ignore = \"slow\"]", "fn two() {}"];
    let tests = ["#[test]", "fn one() {}", "fn helper() {}", "#[tokio::test]", "    async fn three() {}"];
    let source = [&tests[..], &passed_over[..], &["async fn four() {}"][..]].concat().join("\n");
    assert_eq!(tests_in(&source).collect::<Vec<_>>(), ["one", "three"]);
}

/// The requirements of levels 1 and 2 in lines of cells, with their level.
fn requirements<'t>(lines: impl Iterator<Item = (&'t str, &'t str)>) -> BTreeMap<&'t str, &'t str> {
    let numbers = |item: &str| item.split('.').map(str::parse::<u32>).collect::<Result<Vec<_>, _>>();
    let is_one = |item: &str| numbers(item).is_ok_and(|numbers| numbers.len() == 3);
    lines.filter(|(item, level)| is_one(item) && matches!(*level, "1" | "2")).collect()
}

#[test]
fn the_table_has_every_requirement_of_the_standard_at_its_level() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/asvs/asvs-5.0.csv");
    let Ok(standard) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: ../shared/data/asvs is not here");
        return;
    };
    let of_chapter = |item: &str, wanted: &[&str]| wanted.contains(&item.split('.').next().unwrap_or_default());
    let chapters = ["6", "7", "8", "9", "10", "12", "14"];
    let cells = |line: &'static str| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        Some((cells.next()?, cells.next()?))
    };
    let mut ours = requirements(ASVS.lines().filter_map(cells));
    let mut theirs = requirements(standard.lines().filter_map(|line| {
        let mut cells = line.split(',');
        Some((cells.next()?, cells.next()?))
    }));
    ours.retain(|item, _| of_chapter(item, &chapters));
    theirs.retain(|item, _| of_chapter(item, &chapters));
    assert!(theirs.len() > 100, "the standard was read");
    assert_eq!(ours, theirs);
}

#[test]
fn islands_keep_nothing_in_the_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/islands");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).expect("the islands").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("an island");
        for store in ["localStorage", "sessionStorage", "indexedDB", "caches.", "serviceWorker"] {
            assert!(!text.contains(store), "{}: {store}", entry.path().display());
        }
        read += 1;
    }
    assert!(read > 5, "{read}");
}

#[test]
fn the_manual_names_the_limits_in_force() {
    let settings = Settings::defaults(Path::new("x"));
    let days = |duration: std::time::Duration| duration.as_secs() / 86_400;
    let minutes = |duration: std::time::Duration| duration.as_secs() / 60;
    for text in [
        format!("At least {} and at most {} characters", password::SHORTEST, password::LONGEST),
        format!("`limits.login_per_minute`, {}", settings.login_per_minute),
        format!("`auth.idle_minutes`, {}", settings.idle_minutes),
        format!(
            "from one place | {} | {} s, doubled by each further mistake up to {} min",
            lockout::FREE,
            lockout::FIRST.as_secs(),
            minutes(lockout::LONGEST)
        ),
        format!("and {} a ticket", desk::WRONG),
        format!("access token for {} min", minutes(tokens::LIFETIME)),
        format!("| ends unused after | {} days", days(session::LIFETIME)),
        format!("| ends in any case after | {} days", days(session::LONGEST)),
        format!("at most {} sessions", desk::SESSIONS_PER_ACCOUNT),
        format!("change every {} days", desk::KEY_SIGNS_FOR / 86_400_000),
        "of the last ten minutes".to_owned(),
    ] {
        assert!(SIGN_IN.contains(&text), "the manual does not say: {text}");
    }
    assert_eq!(minutes(session::FRESH), 10);
    assert_eq!((minutes(links::RESET_LIFETIME), minutes(tickets::LIFETIME)), (30, 5));
    assert!(ASVS.contains("a link by mail lasts 30 min"));
}
