//! For whom a plugin is called, and about whom.
//!
//! The context carries two sessions: that of the caller, and one of the plugin for the caller's account. Every touch of a
//! record asks both for a permit, at that moment: so a plugin sees neither more than the person granted it nor more than the
//! caller may see, and a consent that was taken back stops the next touch.

use std::sync::atomic::{AtomicBool, Ordering};

use phm_core::access::{Action, Actor, Permit};
use phm_core::id::{ProfileId, RecordId};
use phm_core::model;
use phm_core::vault::{Session, Vault};
use phm_plugin_api::v1::{Door, Refusal};

use crate::error::Result;
use crate::granter::refusal;

/// For whom a plugin is called, and about whom.
pub struct CallContext {
    caller: Actor,
    about: Option<Permit>,
    handed: Vec<(Permit, Vec<RecordId>)>,
}

impl CallContext {
    /// A call for this actor that is about nobody.
    pub fn of(caller: &Session) -> Self {
        Self { caller: caller.actor().clone(), about: None, handed: Vec::new() }
    }

    /// A call for this actor about the person of the permit, which proves that the actor may know of them.
    pub fn about(caller: &Session, permit: Permit) -> Self {
        Self { about: Some(permit), ..Self::of(caller) }
    }

    /// The same call, whose input holds records of another kind too: they stand in the audit as handed to the plugin.
    pub fn with_handed(mut self, permit: Permit, records: Vec<RecordId>) -> Self {
        if !records.is_empty() {
            self.handed.push((permit, records));
        }
        self
    }

    /// The records of other kinds that stand in the input, with the permits they were read with.
    pub fn handed(&self) -> impl Iterator<Item = (&Permit, &[RecordId])> {
        self.handed.iter().map(|(permit, records)| (permit, records.as_slice()))
    }

    /// The person it is about.
    pub fn profile(&self) -> Option<ProfileId> {
        self.about.as_ref().map(Permit::profile)
    }

    /// The permit it was made with.
    pub fn permit(&self) -> Option<&Permit> {
        self.about.as_ref()
    }

    /// Whether no person's audit hears of it: it is about nobody, and nobody's records stand in its input.
    pub fn is_about_nobody(&self) -> bool {
        self.about.is_none() && self.handed.is_empty()
    }

    /// Opens the sessions of a call of the plugin `name` in this `version`.
    pub fn open(&self, vault: &Vault, name: &str, version: &str, export: &str) -> Result<Sessions> {
        let purpose = format!("plugin {name} {version}: {export}");
        let caller = vault.session(self.caller.clone(), &purpose)?;
        let actor = self.caller.account().map(|account| Actor::Plugin { name: name.to_owned(), account });
        let plugin = actor.map(|actor| vault.session(actor, &purpose)).transpose()?;
        Ok(Sessions { caller, plugin, profile: self.profile(), knows: AtomicBool::new(false) })
    }
}

/// The sessions of one call.
pub struct Sessions {
    caller: Session,
    plugin: Option<Session>,
    profile: Option<ProfileId>,
    knows: AtomicBool,
}

impl Sessions {
    /// The person the call is about.
    pub fn profile(&self) -> Option<ProfileId> {
        self.profile
    }

    /// The session under whose name the call stands in the audit.
    pub fn noted(&self) -> &Session {
        self.plugin.as_ref().unwrap_or(&self.caller)
    }

    /// Whether the plugin may have come to know something sensitive in this call. What it proposes, keeps or sends then can say it
    /// again, without a word of where it is from.
    pub fn knows_sensitive(&self) -> bool {
        self.knows.load(Ordering::Relaxed)
    }

    /// Notes that the plugin was given what may be sensitive.
    pub(crate) fn learn_sensitive(&self) {
        self.knows.store(true, Ordering::Relaxed);
    }

    /// Passes the third door for what is no record: the person grants the plugin something.
    pub fn consent_to_anything(&self) -> Result<(), Refusal> {
        let granted = self.profile.zip(self.plugin.as_ref()).is_some_and(|(profile, plugin)| {
            model::kinds().iter().any(|kind| !kind.system && plugin.may(Action::Read, profile, kind.name))
        });
        let text = "the person has granted this plugin nothing";
        if granted { Ok(()) } else { Err(refusal("not-granted", Door::Consent, text)) }
    }

    /// Passes the third door for what leaves the house: in a call about a person a grant of theirs names this plugin and this
    /// host. The permit is what the sending is noted with; there is none in a call about nobody, which holds nothing of anybody.
    pub fn consent_to_send(&self, host: &str) -> Result<Option<Permit>, Refusal> {
        let Some(profile) = self.profile else { return Ok(None) };
        let shut = |text: &str| refusal("not-granted", Door::Consent, text);
        let text = "the person has not granted this plugin to send anything to this host";
        let plugin = self.plugin.as_ref().ok_or_else(|| shut(text))?;
        if !plugin.may_send_to(profile, host).map_err(|_| shut("the grants could not be read"))? {
            return Err(shut(text));
        }
        for kind in model::kinds().iter().filter(|kind| !kind.system) {
            for action in [Action::Read, Action::Add, Action::Amend, Action::Share, Action::Export] {
                if let Some(permit) = plugin.permit_if_allowed(action, profile, kind.name) {
                    return Ok(Some(permit));
                }
            }
        }
        Err(shut(text))
    }

    /// Passes the third door: the plugin's session and a permit of it, for what both plugin and caller may do. With a permit to
    /// read that opens something sensitive the call [knows](Self::knows_sensitive) it.
    pub fn consent(&self, action: Action, kind: &str, named: Option<&str>) -> Result<(&Session, Permit), Refusal> {
        let shut = |code: &str, text: &str| refusal(code, Door::Consent, text);
        let profile =
            self.profile.ok_or_else(|| shut("nobody", "this call is about nobody, so there are no records"))?;
        if named.is_some_and(|named| named != profile.to_string()) {
            return Err(shut("other-person", "this call is about somebody else"));
        }
        let Some(plugin) = &self.plugin else {
            return Err(shut("no-account", "the operator's plugins see no records; name the account to act for"));
        };
        let refused = |_| shut("not-granted", "the person has not granted this plugin that");
        let permit = plugin.permit(action, profile, kind).map_err(refused)?;
        // The account may have more than the caller, who may be a token made for little.
        let own = self.caller.permit(action, profile, kind).map_err(refused)?;
        if own.scope().covers(permit.scope()) {
            if action == Action::Read && permit.scope().opens_sensitive() {
                self.learn_sensitive();
            }
            Ok((plugin, permit))
        } else {
            Err(shut("not-granted", "whoever called the plugin may see only a part of this"))
        }
    }
}
