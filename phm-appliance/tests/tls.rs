//! HTTPS as the program speaks it, seen by openssl: which versions, which certificates, and what plain http still does.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A program that serves; ended when dropped.
struct Served {
    child: Child,
    dir: tempfile::TempDir,
    ready: Value,
}

impl Served {
    /// `phm serve` with these settings and, where `secret` says so, a key file.
    fn start(settings: &[(&str, String)], secret: bool) -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"), settings, secret)
    }

    fn start_in(dir: tempfile::TempDir, settings: &[(&str, String)], secret: bool) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
        for name in ["PHM_PASSPHRASE_FILE", "PHM_RECOVERY_CODE_FILE", "PHM_KEY_FILE"] {
            command.env_remove(name);
        }
        if secret {
            std::fs::write(dir.path().join("key"), "0123456789abcdef".repeat(4)).expect("a key file");
            command.env("PHM_KEY_FILE", dir.path().join("key"));
        }
        for (key, value) in settings {
            command.env(format!("PHM__{}", key.replace('.', "__").to_uppercase()), value);
        }
        command.env("PHM_DATA_DIR", dir.path().join("data"));
        command.args(["--json", "serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line}"));
        Self { child, dir, ready }
    }

    fn address(&self, url: &str) -> String {
        let url = self.ready[url].as_str().expect("an address");
        url.split_once("://localhost").map(|(_, port)| format!("127.0.0.1{port}")).expect("an address of here")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What `openssl s_client` says about the house, after one request.
    fn openssl(&self, options: &[&str]) -> (bool, String) {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &self.address("url"), "-ign_eof"]).args(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("openssl is installed (.ci/setup)");
        let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        // A refused handshake may close the pipe first.
        let _ = child.stdin.take().expect("its input").write_all(request);
        let output = child.wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.success(), text)
    }

    /// The whole answer to a request on plain http.
    fn plain(&self, url: &str, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address(url)).expect("it listens");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Ends the program and hands its folder on.
    fn leave(mut self) -> tempfile::TempDir {
        self.child.kill().expect("ended");
        self.child.wait().expect("ended");
        std::mem::replace(&mut self.dir, tempfile::tempdir().expect("a folder"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn local() -> Vec<(&'static str, String)> {
    vec![("server.tls", "local".to_owned()), ("server.http_listen", "127.0.0.1:0".to_owned())]
}

#[test]
fn openssl_sees_tls_1_3_alone_and_a_chain_that_the_authority_of_the_house_signed() {
    let house = Served::start(&local(), true);
    let authority = house.path("data/tls/authority.crt");
    let authority = authority.to_str().expect("a path");
    let trusting = ["-CAfile", authority, "-verify_return_error", "-verify_hostname"];
    for name in ["localhost", "127.0.0.1"] {
        let verify = if name == "localhost" { "-verify_hostname" } else { "-verify_ip" };
        let (ok, text) = house.openssl(&["-CAfile", authority, "-verify_return_error", verify, name]);
        assert!(ok, "{text}");
        assert!(text.contains("TLSv1.3") && text.contains("Verify return code: 0 (ok)"), "{text}");
        let lower = text.to_lowercase();
        assert!(lower.contains("{\"status\":\"ok\"}"), "{text}");
        assert!(lower.contains("strict-transport-security: max-age=31536000"), "{text}");
    }
    let (ok, text) = house.openssl(&["-tls1_2"]);
    assert!(!ok && !text.contains("\"status\""), "TLS 1.2 is refused: {text}");
    let (ok, _) = house.openssl(&[&trusting[..], &["bank.example"]].concat());
    assert!(!ok, "another name");
    let (ok, _) = house.openssl(&["-verify_return_error"]);
    assert!(!ok, "nobody trusts it who was not told to");

    let text = Command::new("openssl").args(["x509", "-noout", "-text", "-in", authority]).output().expect("openssl");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("X509v3 Name Constraints: critical") && text.contains("pathlen:0"), "{text}");
    let print = ["x509", "-noout", "-fingerprint", "-sha256", "-in", authority];
    let print = Command::new("openssl").args(print).output().expect("openssl");
    let shown = house.ready["trust"]["fingerprint"].as_str().expect("a fingerprint");
    assert!(String::from_utf8_lossy(&print.stdout).trim().ends_with(shown), "{shown}");

    // The authority stays through a restart: devices are told once.
    let before = std::fs::read(house.path("data/tls/authority.crt")).expect("the certificate");
    let again = Served::start_in(house.leave(), &local(), true);
    assert_eq!(std::fs::read(again.path("data/tls/authority.crt")).expect("the certificate"), before);
}

#[test]
fn tls_1_2_is_spoken_by_setting_only() {
    let house = Served::start(&[("server.tls", "local".to_owned()), ("server.tls_minimum", "1.2".to_owned())], true);
    for (version, name) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let (ok, text) = house.openssl(&[version]);
        assert!(ok && text.contains(name) && text.contains("\"status\":\"ok\""), "{text}");
    }
    let (ok, _) = house.openssl(&["-tls1_1"]);
    assert!(!ok, "nothing older");
}

#[test]
fn the_plain_door_leads_people_to_https_refuses_programs_and_hands_out_the_certificate() {
    let house = Served::start(&local(), true);
    let port = house.address("url").rsplit_once(':').expect("a port").1.to_owned();
    let get = |path: &str, host: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        house.plain("plain_url", &request).to_lowercase()
    };
    let answer = get("/p/me?x=1", "localhost:8080");
    assert!(answer.starts_with("http/1.1 307"), "{answer}");
    assert!(answer.contains(&format!("location: https://localhost:{port}/p/me?x=1\r\n")), "{answer}");
    let stray = get("/", "evil.example");
    assert!(!stray.contains("location: https://evil"), "{stray}");
    let api = get("/api/v1/me", "localhost");
    assert!(api.starts_with("http/1.1 403") && api.contains("https-needed"), "{api}");
    assert!(get("/healthz", "localhost").starts_with("http/1.1 200"));
    assert!(get("/trust/phm.crt", "localhost").contains("begin certificate"));
    let page = get("/trust", "localhost");
    assert!(page.contains("class=\"qr\"") && page.contains("data-test=\"fingerprint\""), "{page}");
}

#[test]
fn a_locked_house_with_a_plain_door_is_locked_on_both() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("words"), "four plain words here").expect("a passphrase");
    let mut init = Command::new(env!("CARGO_BIN_EXE_phm"));
    init.args(["init", "--json"]).env_remove("PHM_KEY_FILE").env("PHM_PASSPHRASE_FILE", dir.path().join("words"));
    assert!(init.env("PHM_DATA_DIR", dir.path().join("data")).output().expect("it runs").status.success());
    let house = Served::start_in(dir, &local(), false);
    let answer = house.plain("plain_url", "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"locked\""), "{answer}");
    let (ok, text) = house.openssl(&[]);
    assert!(ok && text.contains("\"status\":\"ok\""), "the process is alive: {text}");
}

#[test]
fn a_certificate_from_files_is_shown_and_a_health_check_trusts_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let make = |name: &str| {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
        std::fs::write(dir.path().join("a.crt"), made.cert.pem()).expect("written");
        std::fs::write(dir.path().join("a.key"), made.signing_key.serialize_pem()).expect("written");
        std::fs::write(dir.path().join(name), made.cert.pem()).expect("written");
    };
    make("first");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let settings = [
        ("server.tls", "files".to_owned()),
        ("server.tls_certificate", path("a.crt")),
        ("server.tls_key", path("a.key")),
    ];
    let house = Served::start(&settings, true);
    let (ok, text) =
        house.openssl(&["-CAfile", &path("first"), "-verify_return_error", "-verify_hostname", "localhost"]);
    assert!(ok, "{text}");
    let check = |trusted: Option<String>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
        command.args(["--json", "healthcheck", "--url", house.ready["url"].as_str().expect("an address")]);
        command.env("PHM_DATA_DIR", house.path("elsewhere"));
        if let Some(trusted) = trusted {
            command.env("PHM__SERVER__TLS_CERTIFICATE", trusted);
        }
        command.output().expect("it runs").status.success()
    };
    assert!(!check(None), "a stranger's certificate");
    assert!(check(Some(path("a.crt"))), "the one that the settings name");
}
