//! What every handler shares: settings, limits, figures and the door to the vault.
//!
//! The vault is absent (to be set up), locked (waiting for its passphrase) or open. Everything that touches it runs on a
//! blocking thread, through [`House::with`]: the core is synchronous.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use phm_core::ErrorKind;
use phm_core::access::Actor;
use phm_core::crypto::secret::Secret;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::{Clock, SystemClock};
use phm_core::vault::{Options, Session, Vault};
use phm_plugin_api::Kind;
use phm_plugins::Plugins;
use phm_plugins::host::outside::Ways;
use poem::Request;
use tokio::sync::Notify;

use super::context::Client;
use super::guard::Caller;
use super::health::{Check, Readiness};
use super::import_jobs::ImportJobs;
use super::limits::Limits;
use super::metrics::{Metrics, VaultFigures};
use super::packages::Packages;
use super::problem::Problem;
use crate::auth::Desk;
use crate::auth::invitation::SetupToken;
use crate::auth::lockout::Attempts;
use crate::jobs::backup::Standing;
use crate::notify::Mailer;
use crate::notify::channels::Outside;
use crate::outside::Web;
use crate::settings::Settings;
use crate::{checkpoints, tls};

/// How long the figures of the vault are good for: counting opens every profile.
const COUNTED_FOR: Duration = Duration::from_mins(1);

/// As long may an erasure take, in milliseconds, before somebody has to look.
const OVERDUE: i64 = 60 * 60 * 1000;

/// How often it is asked whether a checkpoint of the audit log is due.
const CHECKPOINTS_LOOK: Duration = Duration::from_secs(1);

/// Longer than making an account or a letter takes, also on a small board.
const UNHURRIED: Duration = Duration::from_millis(750);

/// Addresses whose wrong attempts to unlock are remembered before all are forgotten.
const REMEMBERED: usize = 10_000;

/// The running appliance as handlers see it.
pub struct House {
    /// The settings in force.
    pub settings: Settings,
    /// Rate limits.
    pub limits: Limits,
    /// Figures for `/metrics`.
    pub metrics: Metrics,
    /// Uploads that are checked or imported.
    pub imports: ImportJobs,
    /// Packages of plugins that somebody looks at.
    pub packages: Packages,
    /// Checkpoints of the audit log, kept outside.
    pub checkpoints: checkpoints::Keeper,
    /// How the backups stand that are made by themselves.
    pub backups: Standing,
    /// Where the time comes from, for the vault and for sign-in alike.
    pub clock: Arc<dyn Clock>,
    /// This run of the program: what an earlier one had on its way is known by it.
    pub run: RecordId,
    outside: OnceLock<Outside>,
    mailer: Arc<Mailer>,
    keeper: OnceLock<Arc<tls::Keeper>>,
    vault: RwLock<Option<Opened>>,
    setup: Mutex<Option<SetupToken>>,
    /// One at a time sets the house up, which takes minutes where a backup is restored.
    setting_up: Mutex<()>,
    unshown_code: Mutex<Option<String>>,
    arrival: Notify,
    /// One attempt to unlock at a time.
    opening: Mutex<()>,
    wrong_secrets: Mutex<HashMap<IpAddr, Attempts>>,
    figures: Mutex<Option<(Instant, VaultFigures)>>,
}

/// A session of the core, and the vault it belongs to.
pub struct AtWork {
    /// The vault.
    pub vault: Vault,
    /// Its plugins.
    pub plugins: Plugins,
    session: Session,
}

impl Deref for AtWork {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

/// An open vault and the sign-in desk that belongs to it.
#[derive(Clone)]
pub struct Opened {
    /// The vault.
    pub vault: Vault,
    /// Its plugins.
    pub plugins: Plugins,
    desk: Arc<Desk>,
}

impl House {
    /// A house with these settings and no open vault yet.
    pub fn new(settings: Settings) -> Arc<Self> {
        Self::with_clock(settings, Arc::new(SystemClock))
    }

    /// A house that takes the time from `clock`.
    pub fn with_clock(settings: Settings, clock: Arc<dyn Clock>) -> Arc<Self> {
        let (limits, checkpoints) = (Limits::new(&settings), checkpoints::Keeper::of(&settings));
        let mailer = Arc::new(Mailer::new(&settings));
        Arc::new(Self {
            settings,
            checkpoints,
            limits,
            metrics: Metrics::default(),
            imports: ImportJobs::default(),
            packages: Packages::default(),
            backups: Standing::default(),
            clock,
            run: RecordId::new(),
            outside: OnceLock::new(),
            mailer,
            keeper: OnceLock::new(),
            vault: RwLock::new(None),
            setup: Mutex::new(None),
            setting_up: Mutex::new(()),
            unshown_code: Mutex::default(),
            arrival: Notify::new(),
            opening: Mutex::new(()),
            wrong_secrets: Mutex::default(),
            figures: Mutex::new(None),
        })
    }

    /// The house a request came to.
    pub fn of(request: &Request) -> &Arc<Self> {
        request.data().expect("the outermost layer puts the house into every request")
    }

    /// Whether letters leave the house.
    pub fn sends_mail(&self) -> bool {
        self.mailer.is_on()
    }

    /// Requests to addresses that people chose for their reminders.
    pub fn outside(&self) -> &Outside {
        // What the system trusts is read when the first one is sent.
        self.outside.get_or_init(|| Outside::new(&self.settings))
    }

    /// Tells the house whose certificate it shows; once, before it serves.
    pub fn show_certificate_of(&self, keeper: Arc<tls::Keeper>) {
        // A second keeper would be a second start of the same house, which there is not.
        let _ = self.keeper.set(keeper);
    }

    /// Who keeps the certificate, where PHM speaks TLS itself.
    pub fn keeper(&self) -> Option<&Arc<tls::Keeper>> {
        self.keeper.get()
    }

    /// Takes an open vault into the house.
    pub fn move_in(&self, vault: Vault) -> Result<(), Problem> {
        let desk =
            Arc::new(Desk::new(vault.clone(), &self.settings, Arc::clone(&self.clock), Arc::clone(&self.mailer))?);
        let ways = Ways::new(Arc::new(Web::default()), self.settings.plugins_http_allow_private.clone());
        let plugins = Plugins::reaching(&vault, ways);
        *self.vault.write().unwrap_or_else(PoisonError::into_inner) = Some(Opened { vault, plugins, desk });
        self.arrival.notify_one();
        Ok(())
    }

    /// Waits until a vault is in the house. For one who waits only.
    pub async fn moved_in(&self) {
        self.arrival.notified().await;
    }

    /// Gives the vault out of the house; the house is locked from now on.
    pub fn move_out(&self) -> Option<Vault> {
        self.vault.write().unwrap_or_else(PoisonError::into_inner).take().map(|opened| opened.vault)
    }

    /// The open vault.
    ///
    /// # Errors
    /// 503 `locked` or `setup-needed`.
    pub fn open(&self) -> Result<Opened, Problem> {
        let opened = self.vault.read().unwrap_or_else(PoisonError::into_inner).clone();
        opened.ok_or_else(|| if self.has_vault() { Problem::locked() } else { Problem::setup_needed() })
    }

    /// Whether a vault exists that nobody has unlocked yet.
    pub fn is_locked(&self) -> bool {
        self.vault.read().unwrap_or_else(PoisonError::into_inner).is_none() && self.has_vault()
    }

    /// Opens the locked vault; blocks for as long as the passphrase takes to check.
    ///
    /// # Errors
    /// 403 `https-needed` where others could listen; 401 `wrong-secret`; 429 after too many wrong ones.
    pub fn unlock(&self, secret: &Secret, client: Client) -> Result<(), Problem> {
        if !self.is_locked() {
            return Ok(());
        }
        client.must_be_private()?;
        let _one_at_a_time = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_locked() {
            return Ok(());
        }
        let wait = self.wrong_secrets().get(&client.place()).and_then(|attempts| attempts.wait(self.clock.now()));
        if let Some(wait) = wait {
            return Err(Problem::too_many(wait));
        }
        match Vault::open(&self.settings.data_dir, secret, self.options()) {
            Ok(vault) => {
                crate::whereabouts::remember(&vault);
                self.wrong_secrets().clear();
                self.move_in(vault)
            }
            Err(error) => {
                if error.kind() == ErrorKind::WrongSecret {
                    let mut wrong = self.wrong_secrets();
                    if wrong.len() >= REMEMBERED {
                        wrong.clear();
                    }
                    wrong.entry(client.place()).or_default().fail(self.clock.now());
                    tracing::warn!(from = %client.address, "a wrong secret was tried on the locked vault");
                }
                Err(error.into())
            }
        }
    }

    fn wrong_secrets(&self) -> MutexGuard<'_, HashMap<IpAddr, Attempts>> {
        self.wrong_secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the vault of this house is opened.
    pub fn options(&self) -> Options {
        let index_budget = usize::try_from(self.settings.index_budget).unwrap_or(usize::MAX);
        let (compact_ratio, compact_gain) = (self.settings.compact_ratio, self.settings.compact_gain);
        let clock = Arc::clone(&self.clock);
        let policy = self.settings.policy();
        Options { index_budget, compact_ratio, compact_gain, clock, policy, ..Options::default() }
    }

    /// Runs `work` for whoever sent a request, on a blocking thread.
    pub async fn with<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce(&AtWork) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.as_actor(caller.actor(), caller.purpose.clone(), work).await
    }

    /// Runs `work` for an actor, on a blocking thread.
    pub async fn as_actor<T: Send + 'static>(
        &self,
        actor: Actor,
        purpose: String,
        work: impl FnOnce(&AtWork) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let Opened { vault, plugins, .. } = self.open()?;
        blocking(move || {
            let session = vault.session(actor, &purpose).map_err(|error| match error.kind() {
                // The account was closed after its token was issued.
                ErrorKind::Denied => Problem::not_signed_in(),
                _ => error.into(),
            })?;
            work(&AtWork { vault, plugins, session })
        })
        .await
    }

    /// Whether set-up is still to be done: there is no vault, or no account in it.
    pub async fn needs_setup(self: &Arc<Self>) -> Result<bool, Problem> {
        match self.open() {
            Ok(opened) => Ok(!opened.desk(Desk::has_accounts).await?),
            Err(_) => Ok(!self.has_vault()),
        }
    }

    /// The token that lets one person set the house up; the earlier one is void.
    pub fn new_setup_token(&self) -> String {
        let token = SetupToken::new();
        let text = token.text();
        *self.setup.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
        text
    }

    /// Runs `work` if `token` is the one given out and still good; it is used up when `work` succeeds.
    pub fn with_setup_token<T>(&self, token: &str, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        self.with_setup_token_until(token, || Ok((work()?, true)))
    }

    /// As [`House::with_setup_token`], where `work` says whether the house is set up and the token used up.
    pub fn with_setup_token_until<T>(
        &self,
        token: &str,
        work: impl FnOnce() -> Result<(T, bool), Problem>,
    ) -> Result<T, Problem> {
        // Not the lock of the token: requests that only ask about it must not wait for the work.
        let _one_at_a_time = self.setting_up.lock().unwrap_or_else(PoisonError::into_inner);
        self.check_setup_token(token)?;
        let (done, is_set_up) = work()?;
        if is_set_up {
            *self.setup.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        Ok(done)
    }

    /// The recovery code of a vault that set-up made, until somebody was shown it: making the first account may fail
    /// and be tried again, and no other attempt would have the code.
    pub fn unshown_code(&self) -> MutexGuard<'_, Option<String>> {
        self.unshown_code.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses a token that is not the one given out, before anything of a request is taken in; never waits for a set-up.
    ///
    /// # Errors
    /// 403 `setup-token-invalid`.
    pub fn check_setup_token(&self, token: &str) -> Result<(), Problem> {
        let setup = self.setup.lock().unwrap_or_else(PoisonError::into_inner);
        if setup.as_ref().is_some_and(|good| good.is(token)) { Ok(()) } else { Err(no_setup_token()) }
    }

    /// What `/readyz` looks at.
    pub async fn checks(self: &Arc<Self>) -> Vec<Check> {
        let vault = match self.open() {
            Err(problem) if problem.code() == "locked" => Readiness::Locked,
            Err(_) => Readiness::NotReady,
            // One small read through store, keys and seal, whether or not the row exists.
            Ok(opened) => match blocking(move || Ok(opened.vault.state::<bool>(ProfileId::SYSTEM, "ready")?)).await {
                Ok(_) => Readiness::Ready,
                Err(_) => Readiness::NotReady,
            },
        };
        let mut checks = vec![Check { id: "vault", status: vault }];
        if let Ok(opened) = self.open() {
            // Nothing installed is nothing missing; what is on and cannot run is.
            let usable = blocking(move || Ok(opened.plugins.usable(Kind::Drugs)?)).await;
            match usable {
                Ok(None) => {}
                Ok(Some(true)) => checks.push(Check { id: "drug-interactions", status: Readiness::Ready }),
                Ok(Some(false)) | Err(_) => checks.push(Check { id: "drug-interactions", status: Readiness::Degraded }),
            }
        }
        if let Ok(opened) = self.open() {
            // The words of reminders: without them nobody is reminded.
            let usable = blocking(move || Ok(opened.plugins.usable(Kind::Notify)?)).await;
            if !matches!(usable, Ok(None)) {
                let status = if matches!(usable, Ok(Some(true))) { Readiness::Ready } else { Readiness::Degraded };
                checks.push(Check { id: "reminders", status });
            }
        }
        if let Ok(opened) = self.open() {
            let unfinished = blocking(move || Ok(opened.vault.unfinished()?)).await;
            // One that is under way is none of these.
            let since = self.clock.now().plus_millis(-OVERDUE);
            let overdue = unfinished.is_ok_and(|unfinished| {
                unfinished.is_some_and(|unfinished| !unfinished.only_compaction && unfinished.begun_at < since)
            });
            if overdue {
                checks.push(Check { id: "erasure", status: Readiness::Degraded });
            }
        }
        if self.checkpoints.is_needed() {
            let kept = self.checkpoints.state();
            let status = if kept.failing || kept.contradicted { Readiness::Degraded } else { Readiness::Ready };
            checks.push(Check { id: "audit-checkpoints", status });
        }
        let backups = self.backups.known();
        if backups.wanted {
            let status = if backups.worrying { Readiness::Degraded } else { Readiness::Ready };
            checks.push(Check { id: "backup", status });
        }
        checks
    }

    /// Keeps checkpoints of the audit log where they are due, for as long as it is polled.
    pub async fn keep_checkpoints(self: Arc<Self>) {
        while self.checkpoints.is_needed() {
            if let Ok(opened) = self.open() {
                let house = Arc::clone(&self);
                let look = move || {
                    house.checkpoints.look(&opened.vault);
                    Ok(())
                };
                // A panic is in the log by then; the next look may go better.
                let _ = blocking(look).await;
            }
            tokio::time::sleep(CHECKPOINTS_LOOK).await;
        }
    }

    /// What `/metrics` reports of the vault.
    pub async fn figures(self: &Arc<Self>) -> VaultFigures {
        let Ok(opened) = self.open() else { return VaultFigures::default() };
        if let Some((counted, figures)) = *self.figures.lock().unwrap_or_else(PoisonError::into_inner)
            && counted.elapsed() < COUNTED_FOR
        {
            return figures;
        }
        let Ok(stats) = blocking(move || Ok(opened.vault.stats()?)).await else { return VaultFigures::default() };
        let figures = VaultFigures {
            open: true,
            profiles: stats.profiles,
            entries: stats.entries,
            store_bytes: stats.bytes.store,
            document_bytes: stats.bytes.documents,
        };
        *self.figures.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), figures));
        figures
    }

    fn has_vault(&self) -> bool {
        Vault::is_vault(&self.settings.data_dir)
    }
}

fn no_setup_token() -> Problem {
    Problem::new(
        poem::http::StatusCode::FORBIDDEN,
        "setup-token-invalid",
        "this set-up link is used up or older than 30 minutes; start PHM again for a new one",
    )
}

impl Opened {
    /// Runs `work` at the sign-in desk, on a blocking thread.
    pub async fn desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Desk) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let desk = Arc::clone(&self.desk);
        blocking(move || work(&desk)).await
    }

    /// The desk itself, for what needs no waiting.
    pub fn desk_now(&self) -> &Desk {
        &self.desk
    }
}

/// Answers at the first whole multiple of [`UNHURRIED`] after it was asked, so that the time does not tell what was
/// found, nor, on a machine that has much to do, how much work that was.
pub async fn unhurried<T>(work: impl Future<Output = T>) -> T {
    let begun = tokio::time::Instant::now();
    let done = work.await;
    let beats = u32::try_from(begun.elapsed().as_millis() / UNHURRIED.as_millis()).unwrap_or(0) + 1;
    tokio::time::sleep_until(begun + UNHURRIED * beats).await;
    done
}

/// Runs `work` on a blocking thread; a panic there is an internal error of this request only.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        tracing::error!(request = super::context::RequestId::current(), "work on a blocking thread panicked");
        Problem::internal()
    })?
}
