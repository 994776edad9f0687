//! What every handler shares: settings, limits, figures and the door to the vault.
//!
//! The vault is absent (to be set up), locked (waiting for its passphrase) or open. Everything that touches it runs on a
//! blocking thread, through [`House::with`]: the core is synchronous.

mod setting_up;
mod standing;
mod unlocking;

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use phm_core::ErrorKind;
use phm_core::access::Actor;
use phm_core::id::RecordId;
use phm_core::time::{Clock, SystemClock};
use phm_core::vault::{Options, Session, Vault};
use phm_plugins::Plugins;
use phm_plugins::host::outside::Ways;
use poem::Request;
use tokio::sync::Notify;

use super::guard::Caller;
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

/// Longer than making an account or a letter takes, also on a small board.
const UNHURRIED: Duration = Duration::from_millis(750);

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
    /// This run of the program; it stands with each message that it had on its way.
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

    /// Whether a rule of the house is carried out for those who said nothing to it: where the settings say so, and letters
    /// leave the house. Without letters somebody who does not look at their pages for a week would hear of nothing.
    pub fn enforces_retention(&self) -> bool {
        self.settings.retention_enforce && self.sends_mail()
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

    /// How the vault of this house is opened.
    pub fn options(&self) -> Options {
        let index_budget = usize::try_from(self.settings.index_budget).unwrap_or(usize::MAX);
        let (compact_ratio, compact_gain) = (self.settings.compact_ratio, self.settings.compact_gain);
        let clock = Arc::clone(&self.clock);
        let policy = self.settings.policy();
        let zone = self.settings.time_zone.clone().unwrap_or_else(jiff::tz::TimeZone::system);
        let unusual = Some(self.settings.alerts.limits(&zone));
        Options { index_budget, compact_ratio, compact_gain, clock, policy, unusual, ..Options::default() }
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

    fn has_vault(&self) -> bool {
        Vault::is_vault(&self.settings.data_dir)
    }
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
