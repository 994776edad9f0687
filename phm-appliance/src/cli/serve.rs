//! `phm serve`: runs the appliance.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use futures_util::FutureExt as _;
use phm_core::access::{Action, Actor};
use phm_core::crypto::secret::SecretKind;
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::{How, Removed, Vault};
use poem::listener::{Acceptor as _, Listener as _, TcpAcceptor, TcpListener};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::Place;
use super::output::{Answer, Failure};
use super::secrets::refuse_where_one_is_missed;
use crate::auth::accounts::{self, NewAccount};
use crate::http::{self, House};
use crate::jobs;
use crate::settings::{LogFormat, Settings};
use crate::tls::{self, Keeper, TlsAcceptor};
use crate::{demo, doctor, mounts, whereabouts};

/// Name of the state row with the demo's sign-in.
const DEMO_SIGN_IN: &str = "demo sign-in";

/// How often sessions, links and lock-outs that are over are cleared away.
const SWEEP_EVERY: Duration = Duration::from_hours(24);

/// `phm serve`
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Serve {
    /// Where to listen, such as 127.0.0.1:8080 or 0.0.0.0:8080
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Make an invented household and a sign-in when there is no account yet
    #[arg(long)]
    demo: bool,
    /// Make a new vault even where another one, or its disk, is missing
    #[arg(long)]
    new: bool,
}

/// Who may sign in to the demo.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct SignIn {
    email: String,
    password: String,
}

/// Runs until told to stop.
pub fn run(place: &Place, serve: &Serve) -> Result<Answer, Failure> {
    let dir = place.dir()?;
    let flags: Vec<(&str, String)> = serve.listen.iter().map(|listen| ("server.listen", listen.to_string())).collect();
    let settings = super::care::load_settings_with(place, &flags)?;
    begin_log(&settings);
    warn_across_a_network(&dir);
    if !serve.new {
        refuse_where_one_is_missed(&dir)?;
    }
    // Uploads of backups that a kill has left.
    http::api::restoring::sweep(&dir)?;
    let keeper =
        Keeper::open(&settings, Instant::now()).map_err(|error| Failure::new("invalid-input", error.to_string()))?;
    let house = House::new(settings);
    if let Some(keeper) = keeper {
        house.show_certificate_of(keeper);
    }
    let vault = open_or_create(place, &dir, &house)?;
    let mut sign_in = None;
    if let Some(vault) = &vault {
        whereabouts::remember(vault);
        if serve.demo {
            sign_in = Some(move_in_demo(vault)?);
        }
        house.move_in(vault.clone()).map_err(|problem| Failure::new(problem.code(), problem.to_string()))?;
    } else if serve.demo {
        return Err(Failure::usage("--demo needs a secret: PHM_KEY_FILE or PHM_PASSPHRASE_FILE"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.spawn(Arc::clone(&house).keep_checkpoints());
    let served = runtime.block_on(listen(&house, vault.as_ref(), sign_in, place.json));
    runtime.shutdown_timeout(Duration::from_secs(10));
    if let Ok(opened) = house.open() {
        house.checkpoints.last(&opened.vault);
    }
    let closed = vault.map(Vault::close).transpose();
    served?;
    closed?;
    Ok(Answer::silent())
}

/// Says so where the data folder does not lie on a disk of this machine.
fn warn_across_a_network(dir: &Path) {
    let here = dir.ancestors().find(|path| path.exists()).and_then(|path| path.canonicalize().ok());
    let network = here.map(|here| mounts::network(&here, &mounts::Mounts::of_this_system()));
    if let Some(Ok(Some(name))) = network {
        tracing::warn!("{}", doctor::across(&name));
    }
}

/// Opens the vault, or makes one where there is none and a secret is named; without a secret nothing is opened.
fn open_or_create(place: &Place, dir: &Path, house: &House) -> Result<Option<Vault>, Failure> {
    let Some(secret) = place.secret()? else { return Ok(None) };
    if Vault::is_vault(dir) {
        return Ok(Some(Vault::open(dir, &secret, house.options())?));
    }
    if secret.kind() == SecretKind::RecoveryCode {
        return Err(Failure::usage("a recovery code makes no vault: name a key file or a passphrase file"));
    }
    let (vault, code) = Vault::create(dir, &[secret], house.options())?;
    eprintln!("Made a vault in {}. Recovery code, shown once: {code}", dir.display());
    Ok(Some(vault))
}

/// Makes the demo household and its sign-in on the first run; the same sign-in ever after.
fn move_in_demo(vault: &Vault) -> Result<SignIn, Failure> {
    if let Some(sign_in) = vault.state::<SignIn>(ProfileId::SYSTEM, DEMO_SIGN_IN)? {
        return Ok(sign_in);
    }
    if vault.has_accounts()? {
        return Err(Failure::new("not-empty", "this vault is in real use; --demo goes into an empty one"));
    }
    eprintln!("Making an invented household of four people and ten years…");
    let random: [u8; 10] = phm_core::crypto::random();
    let password = phm_core::crypto::digest::hex(&random);
    let sign_in = SignIn { email: "demo@phm.example".to_owned(), password };
    let new = NewAccount {
        email: sign_in.email.clone(),
        name: "Demo Household".to_owned(),
        roles: vec!["admin".to_owned()],
        password: sign_in.password.clone(),
    };
    let account = accounts::add(vault, &new)?.id;
    let session = vault.session(Actor::Operator, "making the demo household")?;
    let today = jiff::Zoned::now().date();
    let made = demo::fill(&session, demo::Options::household(today), Some(account))?;
    // The mother is who signs in: her profile becomes the account's own.
    if let Some(mother) = made.profiles.get(2) {
        session.relate_account(account, *mother, "self")?;
        let read = session.permit(Action::Read, ProfileId::SYSTEM, "account")?;
        let record = session.read(&read, account, Removed::Hide)?;
        let mut body: Value = serde_json::from_str(record.body.get())
            .map_err(|_| Failure::new("internal", "an account has an unknown form"))?;
        body["roles"] = json!(["admin", "patient"]);
        body["name"] = json!(session.profile_card(*mother)?.name);
        let amend = session.permit(Action::Amend, ProfileId::SYSTEM, "account")?;
        session.amend(&amend, account, record.version, &body, How::Typed)?;
    }
    vault.put_state(ProfileId::SYSTEM, DEMO_SIGN_IN, &sign_in, None)?;
    Ok(sign_in)
}

async fn listen(house: &Arc<House>, vault: Option<&Vault>, sign_in: Option<SignIn>, json: bool) -> Result<(), Failure> {
    let acceptor = bind(house.settings.listen).await?;
    let address = local(&acceptor, house.settings.listen);
    let plain = match house.settings.http_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let scheme = if house.keeper().is_some() { "https" } else { "http" };
    let host = if address.ip().is_loopback() || address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    };
    let url = format!("{scheme}://{host}");
    let counted = vault.map(Vault::stats).transpose()?;
    let (people, records) = counted.map_or((0, 0), |stats| (stats.profiles, stats.kinds.values().sum::<u64>()));
    let needs_setup = house.needs_setup().await.map_err(|problem| Failure::new(problem.code(), problem.to_string()))?;
    let setup_url = needs_setup.then(|| format!("{url}/setup#token={}", house.new_setup_token()));
    let authority = house.keeper().and_then(|keeper| keeper.authority());
    let plain_url = plain.as_ref().zip(house.settings.http_listen).map(|(acceptor, asked)| {
        format!(
            "http://{}:{}",
            host.rsplit_once(':').map_or("localhost", |(host, _)| host),
            local(acceptor, asked).port()
        )
    });
    let mut ready = json!({
        "ready": true, "url": url, "data_dir": house.settings.data_dir, "people": people, "records": records,
        "sign_in": sign_in, "setup_url": setup_url,
    });
    if let Some(authority) = authority {
        ready["trust"] = json!({ "url": format!("{url}/trust"), "fingerprint": authority.fingerprint() });
    }
    if let Some(plain_url) = &plain_url {
        ready["plain_url"] = json!(plain_url);
    }
    let (bound, is_bound) = oneshot::channel();
    let commands = tokio::spawn(super::control::listen(Arc::clone(house), bound));
    if vault.is_some() {
        // Whoever reads that it is ready may type the next command at once. Without a socket that was said in the log.
        let _ = is_bound.await;
    }
    if json {
        println!("{ready}");
    } else {
        println!("PHM is ready at {url}");
        println!("  data      {}", house.settings.data_dir.display());
        if vault.is_some() {
            println!("  holds     {people} people, {records} records");
        } else if setup_url.is_none() {
            println!("  locked    open {url}/unlock and enter the passphrase");
        }
        if let Some(SignIn { email, password }) = &sign_in {
            println!("  sign in   {email}");
            println!("  password  {password}");
        }
        if let Some(setup) = &setup_url {
            println!("  set up    {setup}  (works once, for 30 minutes)");
        }
        if let Some(authority) = authority {
            println!(
                "  trust     {}/trust says how each device trusts this machine",
                plain_url.as_ref().unwrap_or(&url)
            );
            println!("            fingerprint {}", authority.fingerprint());
        }
        println!("Stop with Ctrl-C.");
    }
    let app = http::app(house, http::web::pages());
    let stop = stopped().shared();
    tokio::spawn(look_after_the_door(Arc::clone(house), stop.clone()));
    let acceptor = http::Bounded::new(acceptor, &house.settings);
    let house_door = async {
        match house.keeper() {
            None => http::serve(acceptor, app, stop.clone()).await,
            Some(keeper) => {
                let config = tls::server_config(Arc::clone(keeper), house.settings.tls_minimum);
                let config = config.map_err(std::io::Error::other)?;
                tokio::spawn(keep_certificate(Arc::clone(keeper), stop.clone()));
                http::serve(TlsAcceptor::new(acceptor, config), app, stop.clone()).await
            }
        }
    };
    let plain_door = async {
        match plain {
            None => Ok(()),
            Some(plain) => {
                let plain = http::Bounded::new(plain, &house.settings);
                http::serve(plain, http::plain_door(house, address.port()), stop.clone()).await
            }
        }
    };
    let backups = tokio::spawn(jobs::backup::run(Arc::clone(house)));
    let compaction = tokio::spawn(jobs::compaction::run(Arc::clone(house), jobs::compaction::Rhythm::default()));
    let reminders = tokio::spawn(jobs::reminders::run(Arc::clone(house)));
    let alerts = tokio::spawn(jobs::alerts::run(Arc::clone(house)));
    let retention = tokio::spawn(jobs::retention::run(Arc::clone(house)));
    let (served, also) = tokio::join!(house_door, plain_door);
    // A backup that is being written ends without a file, so that stopping does not wait for it.
    house.backups.stop();
    backups.abort();
    commands.abort();
    compaction.abort();
    reminders.abort();
    alerts.abort();
    retention.abort();
    served?;
    Ok(also?)
}

/// Lets the keys of access tokens change when it is time, and clears away what is over, until the server stops.
async fn look_after_the_door(house: Arc<House>, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mut swept: Option<std::time::Instant> = None;
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(Duration::from_mins(5)) => {}
        }
        let Ok(opened) = house.open() else { continue };
        if let Err(problem) = opened.desk(|desk| Ok(desk.look_after_keys()?)).await {
            tracing::warn!(code = problem.code(), "the keys of access tokens stay as they are");
        }
        if swept.is_none_or(|swept| swept.elapsed() >= SWEEP_EVERY) {
            swept = Some(std::time::Instant::now());
            let sweep = opened.desk(|desk| Ok(desk.vault().sweep_state(ProfileId::SYSTEM)?)).await;
            if let Err(problem) = sweep {
                tracing::warn!(code = problem.code(), "what is over at the door was not cleared away");
            }
        }
    }
}

async fn bind(address: SocketAddr) -> Result<TcpAcceptor, Failure> {
    TcpListener::bind(address).into_acceptor().await.map_err(|error| {
        Failure::new("in-use", format!("cannot listen on {address}: {error}; stop what listens there or use --listen"))
    })
}

/// Where an acceptor really listens, after port 0 was asked for.
fn local(acceptor: &TcpAcceptor, asked: SocketAddr) -> SocketAddr {
    acceptor.local_addr().first().and_then(|local| local.0.as_socket_addr().copied()).unwrap_or(asked)
}

/// Lets the keeper look whether another certificate is to be shown, again and again until the server stops.
async fn keep_certificate(keeper: Arc<Keeper>, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(tls::LOOK_EVERY) => {}
        }
        let keeper = Arc::clone(&keeper);
        match tokio::task::spawn_blocking(move || keeper.look_again(Instant::now())).await {
            Ok(Ok(false)) => {}
            Ok(Ok(true)) => tracing::info!("another certificate is shown from now on"),
            Ok(Err(error)) => tracing::warn!(%error, "the certificate stays as it is"),
            Err(_) => tracing::error!("looking after the certificate panicked"),
        }
    }
}

/// Waits for Ctrl-C or the signal a service manager sends.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Logs go to standard error; the storage engine's own are off, since they might show sealed bytes.
fn begin_log(settings: &Settings) {
    let filter = tracing_subscriber::EnvFilter::try_new(format!("{},sled=off,poem=warn", settings.log_level))
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sled=off"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber in one process (tests) is refused, which is fine.
    let _ = match settings.log_format {
        LogFormat::Json => log.json().try_init(),
        LogFormat::Text => log.try_init(),
    };
}
