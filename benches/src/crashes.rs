//! The row about what is lost: it takes hours, so it is read from what the last long forms said of themselves.
//!
//! `.ci/long sled` and `.ci/long redb` kill writers, cut their power and fail their calls, and leave a file of lines like
//! `sled: 200 kills, 108 power cuts, …, 0 lost`, the last of which says how all of it ended.

use std::path::Path;

use crate::table::{Row, Target};

/// What the forms on one engine came to.
#[derive(Debug, Default, Eq, PartialEq)]
struct Sum {
    kills: u64,
    cuts: u64,
    lost: u64,
    whole: bool,
}

/// A line for each engine: the row, or how to get it where the forms have not been run to their end on this machine.
pub fn lines(logs: &Path) -> Vec<String> {
    ["sled", "redb"].into_iter().map(|engine| line(engine, &logs.join(format!("long-{engine}.txt")))).collect()
}

#[allow(clippy::cast_precision_loss)] // a figure for people
fn line(engine: &str, log: &Path) -> String {
    let what = format!("acknowledged writes lost on {engine}");
    match std::fs::read_to_string(log).map(|text| sum(engine, &text)) {
        Ok(Sum { kills, cuts, lost, whole: true }) => {
            let what = format!("{what}: {kills} kills, {cuts} power cuts");
            Row::alone(&what, "writes", Target::AtMost(0.0), lost as f64).to_string()
        }
        _ => format!("{what}: not run to its end without a failure here; `.ci/long {engine}` does it"),
    }
}

fn sum(engine: &str, text: &str) -> Sum {
    let mut sum = Sum::default();
    for line in text.lines() {
        sum.kills += before(line, " kills");
        sum.cuts += before(line, " power cuts");
        sum.lost += before(line, " lost");
    }
    sum.whole = text.lines().any(|line| line == format!("all forms on {engine}: exit 0"));
    sum
}

/// The number that stands before `word`; nothing is said of it where there is none.
fn before(line: &str, word: &str) -> u64 {
    let number =
        line.split(word).next().filter(|front| front.len() < line.len()).and_then(|front| front.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "sled, erasure: 200 kills, 8 before its intent, 155 amid it, 0 half done\n\
        sled: 108 power cuts, 10 inside backup, 0 lost\n\
        sled: EIO: every one of the first 1026 calls and 200 of all 3340: 1081 acts failed, 0 lost\n";

    #[test]
    fn kills_and_cuts_of_all_forms_are_added_up() {
        let whole = format!("{SAID}all forms on sled: exit 0\n");
        assert_eq!(sum("sled", &whole), Sum { kills: 200, cuts: 108, lost: 0, whole: true });
        assert!(!sum("redb", &whole).whole && !sum("sled", SAID).whole);
        assert_eq!(sum("sled", "sled: 20 kills, 3 lost\n").lost, 3);
    }

    #[test]
    fn what_was_not_run_to_its_end_is_no_figure() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(lines(folder.path()).iter().all(|line| line.contains(".ci/long ") && !line.contains("reached")));
        std::fs::write(folder.path().join("long-sled.txt"), format!("{SAID}all forms on sled: exit 0\n"))
            .expect("written");
        let told = lines(folder.path());
        assert!(told[0].contains("200 kills, 108 power cuts") && told[0].ends_with("reached"), "{told:?}");
    }
}
