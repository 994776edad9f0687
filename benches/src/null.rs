//! The control of `make bench`: PHM's own path with the null cipher, asked for figures line by line.
//!
//! Writes and reads what `phm-benches` writes and reads, but seals nothing, so that the difference is what sealing costs.
//! Each line on standard input is `write` or `read`; the figure is the answer.

use std::io::BufRead;
use std::path::PathBuf;
use std::time::Duration;

use phm_benches::house;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("the first argument is a folder")?);
    let (written, read) = (folder.join("written"), folder.join("read"));
    for folder in [&written, &read] {
        std::fs::create_dir_all(folder)?;
    }
    let writing = house::House::create(&written)?;
    let reading = house::House::create(&read)?;
    let ids = reading.fill(house::RECORDS)?;
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        match line?.as_str() {
            "write" => println!("{}", writing.write_for(house::WRITERS, Duration::from_secs(2))),
            "read" => println!("{}", reading.read_one(&ids)),
            other => return Err(format!("unknown question `{other}`").into()),
        }
    }
    Ok(())
}
