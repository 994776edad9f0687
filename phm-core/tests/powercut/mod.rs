//! A folder on a disk that loses power: the harness of the crash tests.
//!
//! A test starts a writer (itself, or any program) on a [`Disk`], reads what the writer says it has
//! acknowledged, kills it at a moment of its choosing, and then either goes on with the folder as the kernel
//! holds it or cuts the power: [`Disk::cut_power`] leaves only what was synced. `powercut.c` beside this file
//! keeps account of that.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, SystemTime};

/// Longer than any writer may take to say its next line.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder whose durable state is known.
pub struct Disk {
    root: PathBuf,
    image: PathBuf,
    _home: tempfile::TempDir,
}

impl Disk {
    /// An empty folder.
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let (root, image) = (home.path().join("root"), home.path().join("image"));
        fs::create_dir(&root).expect("the folder");
        fs::create_dir(&image).expect("its image");
        Self { root, image, _home: home }
    }

    /// The folder, as running programs see it.
    pub fn folder(&self) -> &Path {
        &self.root
    }

    /// Starts a writer whose writes below the folder are accounted for.
    ///
    /// It speaks to the test on its standard error, line by line. `PHM_CUT_IGNORE`, `PHM_CUT_FAIL`,
    /// `PHM_CUT_SLOW` and `PHM_CUT_LEAK` may be set on `command`; see `powercut.c`.
    pub fn start(&self, command: &mut Command) -> Writer {
        let mut child = command
            .env("LD_PRELOAD", library())
            .env("PHM_CUT_ROOT", &self.root)
            .env("PHM_CUT_IMAGE", &self.image)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the writer starts");
        let (tell, said) = channel();
        let stderr = BufReader::new(child.stderr.take().expect("standard error is piped"));
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Writer { child, said, lines: Vec::new() }
    }

    /// Replaces the folder by what would be left of it after a power cut. No writer may be running.
    pub fn cut_power(&self) {
        fs::remove_dir_all(&self.root).expect("the old folder goes");
        fs::create_dir(&self.root).expect("the folder");
        self.restore(&self.root, 1);
        fs::remove_dir_all(&self.image).expect("the old image goes");
        fs::create_dir(&self.image).expect("its image");
    }

    fn restore(&self, folder: &Path, id: u64) {
        // A folder that was never synced has no names in it.
        let names = fs::read_to_string(self.image.join(format!("names/{id}"))).unwrap_or_default();
        for line in names.lines() {
            let fields: Vec<&str> = line.splitn(4, ' ').collect();
            let [kind, mode, id, name] = fields[..] else { panic!("a line of names: {line}") };
            let target = folder.join(name);
            if kind == "d" {
                fs::create_dir(&target).expect("a folder");
                self.restore(&target, id.parse().expect("an id"));
            } else {
                // A file that was never synced is empty.
                let durable = self.image.join("files").join(id);
                if durable.exists() {
                    // Not moved: a file may have two names.
                    fs::hard_link(durable, &target).expect("a file");
                } else {
                    fs::write(&target, b"").expect("an empty file");
                }
            }
            let mode = u32::from_str_radix(mode, 8).expect("a mode");
            fs::set_permissions(&target, fs::Permissions::from_mode(mode)).expect("its mode");
        }
    }
}

/// A running writer.
pub struct Writer {
    child: Child,
    said: Receiver<String>,
    lines: Vec<String>,
}

impl Writer {
    /// Waits until the writer says a line that begins with `prefix`, or ends.
    pub fn wait_for(&mut self, prefix: &str) {
        while let Some(line) = self.next_line() {
            let found = line.starts_with(prefix);
            self.lines.push(line);
            if found {
                return;
            }
        }
    }

    /// What the writer says next, if it says anything more.
    fn next_line(&mut self) -> Option<String> {
        match self.said.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                self.child.kill().expect("kill");
                panic!("the writer hangs; it said {:?}", self.lines.last());
            }
        }
    }

    /// Kills the writer after a while, and answers every line it has said.
    pub fn kill_after(mut self, delay: Duration) -> Vec<String> {
        thread::sleep(delay);
        self.child.kill().expect("kill");
        self.finish().1
    }

    /// Waits for the writer to end, and answers every line it has said.
    pub fn finish(mut self) -> (ExitStatus, Vec<String>) {
        while let Some(line) = self.next_line() {
            self.lines.push(line);
        }
        (self.child.wait().expect("the writer ends"), std::mem::take(&mut self.lines))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Nothing to do where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The test `name` of this test program, as a program to start. Its standard error is not captured.
pub fn this_test(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args([name, "--exact", "--nocapture", "--test-threads=1"]);
    command
}

/// The highest number among lines like `ack 17`.
pub fn highest(prefix: &str, lines: &[String]) -> Option<u64> {
    lines.iter().filter_map(|line| line.strip_prefix(prefix)?.trim().parse().ok()).max()
}

/// Whether the long form of the crash tests was asked for.
pub fn long() -> bool {
    std::env::var_os("PHM_LONG").is_some_and(|value| value == "1")
}

/// A different duration each time. Crash tests look for moments nobody thought of.
pub fn some_moment(at_most: Duration) -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let scattered = u64::from(now.subsec_nanos()).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    Duration::from_micros(scattered % u64::try_from(at_most.as_micros()).unwrap_or(u64::MAX).max(1))
}

/// Builds the library once per change of its source.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/powercut/powercut.c");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let library = target.join("powercut.so");
        let changed_at = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        if changed_at(&library) <= changed_at(&source) {
            let unfinished = target.join(format!("powercut-{}.so", std::process::id()));
            let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
            let built = Command::new(compiler)
                .args(["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o"])
                .args([&unfinished, &source])
                .args(["-ldl", "-lpthread"])
                .status()
                .expect("the C compiler `cc` is needed for the crash tests");
            assert!(built.success(), "powercut.c does not compile");
            fs::rename(&unfinished, &library).expect("the library");
        }
        library
    })
}
