//! What a crash test says at its end, in one line that can be quoted: "sled: 200 kills, …, 0 lost".

use std::fs::File;
use std::io::Write as _;

/// Prints the line. Where `PHM_TOLD` names a file it is added there too: a runner hides what tests print that pass.
pub fn told(line: &str) {
    println!("{line}");
    if let Some(path) = std::env::var_os("PHM_TOLD") {
        let file = File::options().create(true).append(true).open(path);
        let written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        written.expect("PHM_TOLD names a file that can be written");
    }
}
