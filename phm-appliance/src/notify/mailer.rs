//! The thread that delivers letters.
//!
//! Who hands a letter over is answered at once, and in the same time whether or not one is sent. A letter that cannot
//! be delivered is tried again a few times, without holding up the others, and then given up with a line in the log,
//! which names neither its reader nor its text. One that the mail server refuses for good is given up at once.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use super::mail::{Letter, MailWay, deliver};
use crate::settings::Settings;

/// Letters that may wait for their first attempt, and as many for a further one.
const WAITING: usize = 1_000;

/// How long to wait before each further attempt.
const PAUSES: [Duration; 3] = [Duration::from_secs(5), Duration::from_mins(1), Duration::from_mins(10)];

/// Takes letters and delivers them.
pub struct Mailer {
    queue: Option<SyncSender<Posted>>,
    settings: Settings,
}

/// A letter on its way.
struct Posted {
    letter: Letter,
    tries: usize,
    due: Instant,
    done: Box<dyn FnOnce() + Send>,
}

impl Mailer {
    /// What the settings ask for.
    pub fn new(settings: &Settings) -> Self {
        let off = Self { queue: None, settings: settings.clone() };
        if settings.mail_way == MailWay::Off {
            return off;
        }
        let (queue, letters) = sync_channel(WAITING);
        let settings = settings.clone();
        match std::thread::Builder::new().name("mail".to_owned()).spawn(move || work(&settings, &letters)) {
            Ok(_) => Self { queue: Some(queue), ..off },
            Err(error) => {
                tracing::error!(%error, "there is no thread for mail; no letters are sent");
                off
            }
        }
    }

    /// Delivers a letter before it answers, with one attempt; whether it has left the house.
    pub fn deliver_now(&self, letter: &Letter) -> bool {
        if !self.is_on() {
            return false;
        }
        let delivered = deliver(&self.settings, letter);
        if let Err(error) = &delivered {
            tracing::warn!(%error, "a letter on which something waits was not sent");
        }
        delivered.is_ok()
    }

    /// Whether letters leave the house at all.
    pub fn is_on(&self) -> bool {
        self.queue.is_some()
    }

    /// Hands a letter over; answers at once. `done` is called when it has left the house or was given up, and not when
    /// the program ends before.
    pub fn send(&self, letter: Letter, done: impl FnOnce() + Send + 'static) {
        let Some(queue) = &self.queue else { return };
        let posted = Posted { letter, tries: 0, due: Instant::now(), done: Box::new(done) };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = queue.try_send(posted) {
            tracing::error!("a letter was not taken: too many wait");
        }
    }
}

/// Delivers until nobody is left who could hand letters over.
fn work(settings: &Settings, letters: &Receiver<Posted>) {
    let mut waiting: Vec<Posted> = Vec::new();
    loop {
        match next(&waiting, letters) {
            Ok(posted) => waiting.push(posted),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // One between two looks at what arrived: what is tried again holds nobody up.
        let now = Instant::now();
        let due = (0..waiting.len()).filter(|at| waiting[*at].due <= now).min_by_key(|at| waiting[*at].due);
        if let Some(at) = due {
            let posted = waiting.swap_remove(at);
            waiting.extend(attempt(settings, posted));
        }
    }
}

/// The next letter that arrives, unless one that waits is due before.
fn next(waiting: &[Posted], letters: &Receiver<Posted>) -> Result<Posted, RecvTimeoutError> {
    let due = waiting.iter().map(|posted| posted.due).min();
    let pause = due.map(|due| due.saturating_duration_since(Instant::now()));
    match pause {
        None => letters.recv().map_err(|_| RecvTimeoutError::Disconnected),
        Some(pause) if waiting.len() < WAITING => letters.recv_timeout(pause),
        Some(pause) => {
            std::thread::sleep(pause);
            Err(RecvTimeoutError::Timeout)
        }
    }
}

/// Tries a letter, and gives it back where it is to be tried again.
fn attempt(settings: &Settings, mut posted: Posted) -> Option<Posted> {
    let Err(error) = deliver(settings, &posted.letter) else {
        (posted.done)();
        return None;
    };
    let Some(pause) = PAUSES.get(posted.tries).filter(|_| error.may_pass()) else {
        tracing::error!(%error, "a letter was not sent and is given up");
        (posted.done)();
        return None;
    };
    tracing::warn!(%error, "a letter was not sent; trying again");
    posted.tries += 1;
    posted.due = Instant::now() + *pause;
    Some(posted)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc::{Sender, channel};

    use super::super::mail::Security;
    use super::*;

    /// A mail server that takes letters to `asha@example.org`, has `later` for one address and `never` for another, and
    /// tells who was written to.
    fn server(taken: Sender<String>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a client");
                let mut lines = BufReader::new(stream.try_clone().expect("both ways")).lines();
                let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes());
                let _ = say("220 here");
                let mut reader = String::new();
                while let Some(Ok(line)) = lines.next() {
                    let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                        "RCPT" if line.contains("later@") => "451 later",
                        "RCPT" if line.contains("never@") => "550 never",
                        "RCPT" => {
                            reader.clone_from(&line);
                            "250 yes"
                        }
                        "DATA" => {
                            let _ = say("354 go on");
                            while lines.next().is_some_and(|line| line.is_ok_and(|line| line != ".")) {}
                            let _ = taken.send(reader.clone());
                            "250 taken"
                        }
                        "QUIT" => "221 bye",
                        _ => "250 yes",
                    };
                    let _ = say(answer);
                }
            }
        });
        port
    }

    #[test]
    fn a_letter_that_has_to_wait_holds_up_no_other_and_one_refused_for_good_is_given_up() {
        let dir = tempfile::tempdir().expect("a folder");
        let (taken, arrived) = channel();
        let mut settings = Settings::defaults(dir.path());
        (settings.mail_way, settings.mail_security) = (MailWay::Smtp, Security::None);
        (settings.mail_from, settings.mail_host) = ("phm@example.org".to_owned(), "127.0.0.1".to_owned());
        settings.mail_port = server(taken);
        let mailer = Mailer::new(&settings);
        let (done, ended) = channel();
        for to in ["later@example.org", "never@example.org", "asha@example.org"] {
            let letter = Letter { to: to.to_owned(), subject: "x".to_owned(), text: "x".to_owned() };
            let done = done.clone();
            mailer.send(letter, move || done.send(to).expect("somebody listens"));
        }
        let reader = arrived.recv_timeout(Duration::from_secs(4)).expect("before the first is tried again");
        assert!(reader.contains("asha@example.org"), "{reader}");
        let mut over = [ended.recv().expect("over"), ended.recv().expect("over")];
        over.sort_unstable();
        assert_eq!(over, ["asha@example.org", "never@example.org"], "the one that waits is not over");
    }
}
