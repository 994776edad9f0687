//! `make bench`: the figures of PHM, each beside its target and its peer, measured in one run on one machine.
//!
//! `phm-benches --programs FOLDER --data FOLDER [--logs FOLDER] [--rounds 5] [storage] [disk] [audit] [series] [daily]
//! [plugins] [program]`: the folder of the programs built for release, an empty folder on the disk to measure, the folder
//! where the long forms of the crash tests keep what they said, and which rows (all when none is named).

use std::path::PathBuf;

use phm_benches::{audit, crashes, daily, disk, machine, plugins, program, series, storage, table};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut programs, mut data, mut logs) = (PathBuf::new(), PathBuf::new(), PathBuf::new());
    let (mut rounds, mut wanted) = (5, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--programs" => programs = value()?.into(),
            "--data" => data = value()?.into(),
            "--logs" => logs = value()?.into(),
            "--rounds" => rounds = value()?.parse()?,
            "storage" | "disk" | "audit" | "series" | "daily" | "plugins" | "program" => wanted.push(arg),
            _ => return Err(format!("unknown argument `{arg}`").into()),
        }
    }
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|one| one == part);
    println!("\n{}; medians of {rounds} rounds in turn\n\n{}", machine::describe(), table::heading());
    if wants("storage") {
        for line in crashes::lines(&logs) {
            println!("{line}");
        }
        for row in storage::rows(&data, &programs.join("phm-benches-null"), rounds)? {
            println!("{row}");
        }
    }
    if wants("disk") {
        for row in disk::rows(&data, rounds)? {
            println!("{row}");
        }
    }
    if wants("audit") {
        for row in audit::rows(&data, rounds)? {
            println!("{row}");
        }
    }
    if wants("series") {
        for row in series::rows(&data, rounds)? {
            println!("{row}");
        }
    }
    if wants("daily") {
        for row in daily::rows(rounds) {
            println!("{row}");
        }
    }
    if wants("plugins") {
        for row in plugins::rows(&data, rounds)? {
            println!("{row}");
        }
    }
    if wants("program") {
        for row in program::rows(&programs.join("phm"), &data, rounds)? {
            println!("{row}");
        }
    }
    Ok(())
}
