//! Proven addresses, forgotten passwords, and what a reset ends.

mod addresses;
mod forgotten;
mod letters;
mod passwords;
mod sessions;

use std::path::PathBuf;
use std::time::Duration;

use phm_appliance::notify::MailWay;
use phm_appliance::settings::Registration;

use crate::house::{Home, TestClock};

const LOGIN: &str = "/api/v1/auth/login";
const OTHER: &str = "seven otters juggle";

/// A house whose letters become files.
fn with_letters(clock: &TestClock, registration: Registration) -> (Home, PathBuf) {
    let mut folder = PathBuf::new();
    let home = Home::open_at(clock, |settings| {
        folder = settings.data_dir.with_extension("outbox");
        (settings.mail_way, settings.mail_from) = (MailWay::File, "phm@example.org".to_owned());
        (settings.mail_folder, settings.registration) = (folder.clone(), registration);
    });
    (home, folder)
}

/// The `n`th letter, once it is there.
async fn letter(folder: &PathBuf, n: usize) -> String {
    for _ in 0..200 {
        let mut files: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().collect();
        files.sort_by_key(std::fs::DirEntry::file_name);
        if let Some(file) = files.get(n) {
            let text = std::fs::read_to_string(file.path()).expect("a letter");
            if !text.is_empty() {
                // Quoted-printable breaks long lines and codes the sign of equality.
                return text.replace("=\r\n", "").replace("=3D", "=");
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there is no letter {n}");
}

fn token(letter: &str) -> String {
    let (_, rest) = letter.split_once("#token=").expect("a link");
    rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect()
}
