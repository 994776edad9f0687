//! The rows about the program `phm`: importing, starting, answering and what it takes while idle.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use phm_core::access::Actor;
use phm_core::vault::{Options, Vault};
use serde_json::{Value, json};

use crate::client::Client;
use crate::fhir;
use crate::house::micros;
use crate::machine;
use crate::series;
use crate::table::{Row, Target, interleaved, median};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const EMAIL: &str = "bench@example.org";
const PASSWORD: &str = "a long sentence for the bench";
/// Resources of the import that is measured.
const RESOURCES: u32 = 50_000;
/// Records of the person whose API answers are measured.
const RECORDS: u32 = 10_000;

/// Measures and gives the rows; `phm` is the program, built for release.
pub fn rows(phm: &Path, data: &Path, rounds: usize) -> Outcome<Vec<Row>> {
    let data = data.join("program");
    fs::create_dir_all(&data)?;
    let mut rows = vec![import(phm, &data)?];
    let place = Place::new(phm, &data, "served")?;
    place.run(&["init"])?;
    fs::write(data.join("password"), PASSWORD)?;
    let password = data.join("password").display().to_string();
    place.run(&["user", "add", EMAIL, "--name", "Bina Bench", "--role", "patient", "--password-file", &password])?;
    let file = ndjson(&data, RECORDS - 1)?;
    let imported = place.run(&["import", &file, "--new-profile", "--owner", EMAIL])?;
    let profile = imported["imports"][0]["profiles"][0].as_str().ok_or("the import names its profile")?.to_owned();
    rows.push(cold_start(&place, rounds)?);
    rows.extend(answers(&place, &profile, rounds)?);
    rows.extend(with_samples(&place, &profile, rounds)?);
    rows.push(idle(phm, &data)?);
    Ok(rows)
}

fn import(phm: &Path, data: &Path) -> Outcome<Row> {
    let file = ndjson(data, RESOURCES)?;
    let mut figures = Vec::new();
    for round in 0..3 {
        let place = Place::new(phm, data, &format!("imported-{round}"))?;
        place.run(&["init"])?;
        let before = machine::processor_seconds("self").ok_or("no /proc")?;
        let answer = place.run(&["import", &file, "--new-profile"])?;
        let used = machine::processor_seconds("self").ok_or("no /proc")? - before;
        if answer["totals"]["added"].as_u64() < Some(u64::from(RESOURCES)) {
            return Err("the import did not add every resource".into());
        }
        figures.push(f64::from(RESOURCES) / used);
    }
    let what = "FHIR import of 50,000 resources, by processor time";
    Ok(Row::alone(what, "resources/s", Target::AtLeast(5000.0), median(&mut figures)))
}

fn cold_start(place: &Place, rounds: usize) -> Outcome<Row> {
    let mut failed = None;
    let [milliseconds] = interleaved(
        rounds,
        [&mut || match Served::start(place, &[]) {
            Ok(served) => served.ready_after.as_secs_f64() * 1e3,
            Err(error) => {
                failed = Some(error);
                f64::INFINITY
            }
        }],
    );
    match failed {
        Some(error) => Err(error),
        None => Ok(Row::alone("cold start to ready", "ms", Target::AtMost(400.0), milliseconds)),
    }
}

fn answers(place: &Place, profile: &str, rounds: usize) -> Outcome<Vec<Row>> {
    let served = Served::start(place, &[])?;
    let mut client = served.client(EMAIL, PASSWORD)?;
    let list = format!("/api/v1/profiles/{profile}/lab-results");
    let listed: Value = serde_json::from_slice(&client.ask("GET", &list, None)?.body)?;
    let id = listed["data"][0]["id"].as_str().ok_or("the list names its records")?;
    let one = format!("{list}/{id}");
    let code = listed["data"][0]["body"]["concept"]["codes"][0]["code"].as_str().ok_or("a result has a code")?;
    let (dashboard, trend) = (format!("/api/v1/profiles/{profile}/dashboard"), format!("{list}/trends?code={code}"));
    let mut median_of = |path: &str| {
        let mut figures: Vec<f64> = (0..100 * rounds)
            .map(|_| micros(1, |_| assert_eq!(client.ask("GET", path, None).expect("an answer").status, 200)) / 1e3)
            .collect();
        median(&mut figures)
    };
    Ok(vec![
        Row::alone("API, list of 50 at 10,000 records, median", "ms", Target::AtMost(2.0), median_of(&list)),
        Row::alone("API, read one at 10,000 records, median", "ms", Target::AtMost(2.0), median_of(&one)),
        Row::alone("API, trend of a test at 10,000 results, median", "ms", Target::AtMost(2.0), median_of(&trend)),
        Row::alone("API, dashboard at 10,000 results, median", "ms", Target::AtMost(2.0), median_of(&dashboard)),
    ])
}

/// The same person with a million samples.
fn with_samples(place: &Place, profile: &str, rounds: usize) -> Outcome<Vec<Row>> {
    let secret = phm_core::crypto::secret::Secret::key_file(&place.key)?;
    let vault = Vault::open(&place.data, &secret, Options::default())?;
    let session = vault.session(Actor::Operator, "bench")?;
    let id = series::fill(&session, profile.parse().map_err(|_| "a profile is an id")?)?;
    drop(session);
    vault.close()?;
    let served = Served::start(place, &[])?;
    let mut client = served.client(EMAIL, PASSWORD)?;
    let place = format!("/api/v1/profiles/{profile}");
    let mut row = |what: &str, path: String| {
        let mut figures: Vec<f64> = (0..20 * rounds)
            .map(|_| micros(1, |_| assert_eq!(client.ask("GET", &path, None).expect("an answer").status, 200)) / 1e3)
            .collect();
        let what = format!("API, {what} at 1,000,000 samples, median");
        Row::alone(&what, "ms", Target::AtMost(20.0), median(&mut figures))
    };
    let month = "from=2026-06-01&to=2026-06-30&bucket=1h";
    Ok(vec![
        row("list of 50", format!("{place}/lab-results")),
        row("list of series", format!("{place}/series")),
        row("read the series", format!("{place}/series/{id}")),
        row("a month by hours", format!("{place}/series/{id}/samples?{month}")),
        row("dashboard", format!("{place}/dashboard")),
    ])
}

fn idle(phm: &Path, data: &Path) -> Outcome<Row> {
    let place = Place::new(phm, data, "demo")?;
    let served = Served::start(&place, &["--demo"])?;
    let sign_in = &served.ready["sign_in"];
    let (email, password) = (sign_in["email"].as_str(), sign_in["password"].as_str());
    let mut client = served.client(email.ok_or("no e-mail")?, password.ok_or("no password")?)?;
    let me: Value = serde_json::from_slice(&client.ask("GET", "/api/v1/profiles", None)?.body)?;
    for person in me["data"]
        .as_array()
        .ok_or("no people")?
        .iter()
        .filter_map(|one| one["profile"].as_str().or(one["id"].as_str()))
    {
        client.ask("GET", &format!("/api/v1/profiles/{person}/dashboard"), None)?;
    }
    std::thread::sleep(Duration::from_secs(10));
    let megabytes = machine::resident_mb(served.process.id()).ok_or("no /proc")?;
    Ok(Row::alone("memory 10 s after the demo dashboards were loaded", "MB", Target::AtMost(90.0), megabytes))
}

fn ndjson(data: &Path, observations: u32) -> Outcome<String> {
    let path = data.join(format!("{observations}.ndjson"));
    let mut file = BufWriter::new(File::create(&path)?);
    fhir::write_ndjson(&mut file, observations)?;
    file.flush()?;
    Ok(path.display().to_string())
}

/// A data folder and its key file.
struct Place {
    phm: PathBuf,
    data: PathBuf,
    key: PathBuf,
}

impl Place {
    fn new(phm: &Path, data: &Path, name: &str) -> Outcome<Self> {
        let key = data.join(format!("{name}.key"));
        phm_core::crypto::secret::make_key_file(&key)?;
        Ok(Self { phm: phm.into(), data: data.join(name), key })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.phm);
        command.arg("--json").arg("--data-dir").arg(&self.data).env("PHM_KEY_FILE", &self.key).stdin(Stdio::null());
        command
    }

    /// Runs one command and gives its answer.
    fn run(&self, args: &[&str]) -> Outcome<Value> {
        let output = self.command().args(args).stderr(Stdio::null()).output()?;
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or(json!(null));
        if !output.status.success() {
            return Err(format!("`phm {}` failed: {}", args.join(" "), answer["error"]["code"]).into());
        }
        Ok(answer)
    }
}

/// The appliance while it serves; ended when dropped.
struct Served {
    process: Child,
    ready: Value,
    ready_after: Duration,
}

impl Served {
    fn start(place: &Place, args: &[&str]) -> Outcome<Self> {
        let begun = Instant::now();
        let mut command = place.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(args);
        // One client asks as fast as it can; what is measured is the answer, not the limit.
        command.env("PHM__LIMITS__REQUESTS_PER_MINUTE", "100000000");
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("it was piped")).read_line(&mut line)?;
        let ready_after = begun.elapsed();
        let ready = serde_json::from_str(&line).map_err(|_| "the appliance did not start");
        let served = Self { process, ready: ready.unwrap_or(Value::Null), ready_after };
        if served.ready["ready"] != true {
            return Err("the appliance did not start".into());
        }
        Ok(served)
    }

    fn client(&self, email: &str, password: &str) -> Outcome<Client> {
        let url = self.ready["url"].as_str().ok_or("no address")?;
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        let mut client = Client::connect(host)?;
        let answer = client.ask("POST", "/api/v1/auth/login", Some(&json!({"email": email, "password": password})))?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        client.sign_in_with(answer["data"]["access_token"].as_str().ok_or("the sign-in failed")?);
        Ok(client)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
