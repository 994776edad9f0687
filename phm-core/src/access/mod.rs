//! Who may do what, for how long: actors, relations, grants and the policy that decides.
//!
//! ```text
//!   Actor ── asks ──> Question ─┐
//!   relations, grants, age ───> Facts ─┴─> ConsentPolicy::decide ──> Decision ──> Permit
//! ```
//!
//! Nothing is allowed by default. A [`Decision`] is pure: the same question, facts and time give the same answer,
//! whatever the clock of the machine says. Only a session turns an allowed decision into a [`Permit`], and every
//! read and write of a record takes one. The words that stand in stored bytes, JSON and the audit (`read`,
//! `front-desk`, `mental-health`) are defined once, in [`words`].

mod actor;
mod grant;
mod guardian;
mod kinds;
mod medicines;
mod permit;
mod policy;
mod relation;
mod restricted;
mod scope;
mod sensitive;
mod standard;
#[cfg(test)]
mod suite;
mod template;
pub mod words;

pub use actor::{AccountId, Actor, ActorRef, GrantId, TokenId};
pub use grant::{Grant, GrantTerms, Grantee};
pub use guardian::{GuardianAges, GuardianStage};
pub use kinds::Kinds;
pub use permit::Permit;
pub(crate) use policy::not_granted;
pub use policy::{ConsentPolicy, Decision, Facts, Question, TokenLimits, may_give};
pub use relation::{CarerRights, Relation};
pub use restricted::Restricted;
pub use scope::Scope;
pub(crate) use sensitive::{is_told_by_name, label_of, label_of_name};
pub use standard::StandardPolicy;
pub use template::Template;
pub use words::{Action, Actions, Labels, Role, Roles, Sensitivity};
