//! Measures the storage engines beside each other: the same 20,000 rows, each step in a process of its own.
//!
//! `cargo run -p phm-core --example engines [FOLDER]` prints one line per engine and step; FOLDER says which disk.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use phm_core::store::{Batch, Engine, Generations, Store as _};

const ROWS: u64 = 20_000;
/// Rows of one group commit of 64 waiting writers.
const GROUP: u64 = 64;
/// About the mean sealed record.
const VALUE: usize = 1100;
const CACHE: u64 = 16 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [step, engine, folder] = args.as_slice() {
        let engine = Engine::on_disk(engine)?;
        println!("{:<5} {:<22} {}", engine.name(), step, run(step, engine, Path::new(folder))?);
        return Ok(());
    }
    let home = args.first().map_or_else(std::env::temp_dir, Into::into).join("phm-engines");
    // Step by step, so that what else the machine does hits both alike.
    for step in ["fill", "open", "read", "scan", "single", "compact", "die", "open"] {
        for engine in Engine::ON_DISK {
            let folder = home.join(engine.name());
            std::fs::create_dir_all(&folder)?;
            Command::new(std::env::current_exe()?).args([step, engine.name()]).arg(&folder).status()?;
        }
    }
    Ok(std::fs::remove_dir_all(home)?)
}

/// Does one step and says how it went.
fn run(step: &str, engine: Engine, folder: &Path) -> Result<String, Box<dyn Error>> {
    let began = Instant::now();
    let store = Generations::open(folder, engine, CACHE)?;
    let opened = began.elapsed();
    let began = Instant::now();
    let done = match step {
        "fill" => write(&store, 0..ROWS, GROUP)?,
        "single" => write(&store, ROWS..ROWS + 500, 1)?,
        "die" => write(&store, ROWS + 500..ROWS + 1140, GROUP)?,
        "open" => u64::from(store.get(&address(ROWS / 2))?.is_some()),
        "read" => (0..ROWS).try_fold(0, |found, row| {
            store.get(&address(row * 7919 % ROWS)).map(|value| found + u64::from(value.is_some()))
        })?,
        "scan" => {
            let mut rows = 0;
            store.scan(&[], &[u8::MAX; 33], &mut |_| {
                rows += 1;
                true
            })?;
            rows
        }
        _ => store.compact()?.after.values,
    };
    let took = began.elapsed();
    let memory = memory();
    let disk = store.stats()?;
    if step == "die" {
        // The process ends without closing the store, as if it had been killed.
        std::mem::forget(store);
    }
    Ok(format!(
        "opened in {:>6.1} ms, {done} rows in {:>7.1} ms, {memory}, {} KiB on disk for {} KiB",
        opened.as_secs_f64() * 1e3,
        took.as_secs_f64() * 1e3,
        disk.disk_bytes / 1024,
        disk.live_bytes / 1024
    ))
}

/// Journals of eight people, as the vault addresses them.
fn address(row: u64) -> Vec<u8> {
    [&[1], [u8::try_from(row % 8).unwrap_or_default(); 16].as_slice(), &row.to_be_bytes(), &[0, 0]].concat()
}

fn write(store: &Generations, rows: std::ops::Range<u64>, group: u64) -> Result<u64, Box<dyn Error>> {
    let (mut row, mut noise) = (rows.start, 0x9E37_79B9_7F4A_7C15_u64);
    while row < rows.end {
        let mut batch = Batch::default();
        for number in row..(row + group).min(rows.end) {
            let mut value = Vec::with_capacity(VALUE + 8);
            while value.len() < VALUE {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                value.extend_from_slice(&noise.to_le_bytes());
            }
            batch.append(address(number), value);
        }
        store.commit(batch)?;
        row += group;
    }
    Ok(rows.end - rows.start)
}

/// What the process holds of the machine's memory now, and held at most.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()).map_or("?".into(), str::to_owned)
    };
    format!("RSS {} KiB (peak {})", field("VmRSS:"), field("VmHWM:"))
}
