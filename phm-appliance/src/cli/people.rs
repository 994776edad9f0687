//! `phm user`, `phm profile` and `phm demo`.

use clap::{Args, Subcommand};
use phm_core::access::Role;
use phm_core::id::ProfileId;
use phm_core::vault::{AccountCard, Offer, ProfileCard};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::given::Given;
use super::output::{Answer, Failure};
use super::{Place, door};
use crate::auth::accounts::{self, NewAccount};
use crate::notify::letters;

/// `phm user …`
#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
pub enum User {
    /// Make an account, with a profile of its own
    Add {
        /// The e-mail address to sign in with
        email: String,
        /// The person's name
        #[arg(long)]
        name: String,
        /// admin, patient, provider, pharmacist, lab or front-desk; may be given several times
        #[arg(long = "role", default_value = "patient")]
        roles: Vec<String>,
        /// A file with the password on its first line
        #[arg(long, value_name = "FILE")]
        password_file: Given,
    },
    /// List the accounts
    List,
    /// Give an account other roles or another address, close it or open it again
    Set {
        /// The e-mail address it signs in with
        email: String,
        /// The roles from now on; may be given several times
        #[arg(long = "role")]
        roles: Vec<Role>,
        /// Close it: nobody signs in with it any more
        #[arg(long, conflicts_with = "open")]
        close: bool,
        /// Open it again
        #[arg(long)]
        open: bool,
        /// The e-mail address to sign in with from now on; every session ends, and both addresses get a letter
        #[arg(long = "email", value_name = "ADDRESS", conflicts_with = "close")]
        address: Option<String>,
    },
    /// Make a link with which somebody chooses a new password; it works once, for a day
    Reset {
        /// The e-mail address they sign in with
        email: String,
        /// Take away their second factors, and who they are at an identity provider, when they use it
        #[arg(long)]
        forget_factors: bool,
    },
    /// Forget the wrong passwords and codes for which somebody has to wait
    Unlock {
        /// The e-mail address they sign in with
        email: String,
    },
    /// Sign somebody out everywhere
    SignOut {
        /// The e-mail address they sign in with
        email: String,
    },
}

/// `phm profile …`
#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
pub enum Profile {
    /// Make a person
    Add {
        /// Their name
        name: String,
        /// The e-mail address of the account that keeps their records
        #[arg(long, value_name = "EMAIL")]
        owner: Option<String>,
        /// Day of birth: 1961, 1961-04 or 1961-04-03
        #[arg(long, value_name = "DATE")]
        birth_date: Option<String>,
        /// female, male, other or unknown
        #[arg(long)]
        sex: Option<String>,
    },
    /// List the people
    List,
    /// Let an account keep a person's records, or answer for them
    LetIn {
        /// The person
        profile: ProfileId,
        /// The e-mail address of the account
        #[arg(long, value_name = "EMAIL")]
        to: String,
        /// owner or guardian
        #[arg(long = "as", value_name = "RELATION", default_value = "owner", value_parser = ["owner", "guardian"])]
        relation: String,
    },
    /// Hand a person's records over to the person's own account, from the age of `policy.takes_over_from` on
    HandOver {
        /// The person
        profile: ProfileId,
        /// The e-mail address of their account
        #[arg(long, value_name = "EMAIL")]
        to: String,
    },
}

/// `phm demo`
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Demo {
    /// How many people
    #[arg(long, default_value_t = 4)]
    pub profiles: usize,
    /// Records a person; without it, a household with its natural history
    #[arg(long)]
    pub records: Option<u64>,
    /// Samples of heart rate a person; some days of one adult's watch unless given
    #[arg(long)]
    pub samples: Option<u64>,
    /// Years of history
    #[arg(long, default_value_t = 10)]
    pub years: u16,
    /// The same seed gives the same household
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// `phm user …`
pub fn user(place: &Place, user: &User) -> Result<Answer, Failure> {
    match user {
        User::Add { email, name, roles, password_file } => {
            add_user(place, (email.as_str(), name.as_str()), roles, password_file)
        }
        User::List => place.with("listing accounts", |_, session| {
            let cards = session.accounts()?;
            let text: String = cards.iter().map(account_line).collect();
            Ok(Answer::new(json!({ "accounts": cards }), text))
        }),
        User::Set { email, roles, close, open, address } => {
            let active = if *close || *open { Some(*open) } else { None };
            door::change(place, email, roles.iter().copied().collect(), active, address.as_deref())
        }
        User::Reset { email, forget_factors } => door::reset(place, email, *forget_factors),
        User::Unlock { email } => door::unlock(place, email),
        User::SignOut { email } => door::sign_out(place, email),
    }
}

/// An account on one line.
pub(super) fn account_line(card: &AccountCard) -> String {
    let roles = card.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" ");
    format!("{}  {:<32} {:<24} {roles}{}\n", card.id, card.email, card.name, if card.active { "" } else { "  closed" })
}

fn add_user(
    place: &Place,
    (email, name): (&str, &str),
    roles: &[String],
    password_file: &Given,
) -> Result<Answer, Failure> {
    let password = std::fs::read_to_string(password_file)
        .map_err(|_| Failure::usage("the password file cannot be read; check --password-file"))?;
    let password = password.lines().next().unwrap_or_default();
    place.with("adding an account", |vault, _| {
        let (email, name) = (email.to_owned(), name.to_owned());
        let new = NewAccount { email, name, roles: roles.to_vec(), password: password.to_owned() };
        let made = accounts::add(vault, &new)?;
        let text = format!("Added {}.", made.email);
        let value = json!({"account": made.id, "email": made.email, "roles": made.roles, "profile": made.profile});
        Ok(Answer::new(value, text))
    })
}

/// `phm profile …`
pub fn profile(place: &Place, profile: &Profile) -> Result<Answer, Failure> {
    match profile {
        Profile::Add { name, owner, birth_date, sex } => place.with("adding a person", |_, session| {
            let owner_id = owner.as_deref().map(|email| session.account_by_email(email)).transpose()?;
            let mut body = json!({"name": {"text": name}});
            for (field, value) in [("birth_date", birth_date), ("sex", sex)] {
                if let Some(value) = value {
                    body[field] = json!(value);
                }
            }
            let record = session.add_profile(&body, owner_id)?;
            let value = json!({"profile": record.profile, "name": name, "owner": owner});
            Ok(Answer::new(value, format!("Added {name} as {}.", record.profile)))
        }),
        Profile::LetIn { profile, to, relation } => place.at_desk("letting an account in", true, |desk, session| {
            let name = session.profile_card(*profile).map_err(nobody)?.name;
            let account = session.account_by_email(to)?;
            let offer = if relation == "guardian" { Offer::Guardian } else { Offer::Owner };
            // Who answered for the person before hears of it, as of everybody who comes in without them.
            let family = session.whom_to_tell(*profile)?;
            session.let_in(*profile, account, &offer)?;
            desk.write_to(&family, &format!("/p/{profile}/family"), &door::unknown_reader(), letters::unusual);
            let value = json!({"profile": profile, "account": account, "relation": offer.as_str()});
            Ok(Answer::new(value, format!("{to} is {} of {name} from now on.", offer.as_str())))
        }),
        Profile::HandOver { profile, to } => place.at_desk("handing records over", true, |desk, session| {
            let account = session.account_by_email(to)?;
            session.let_in(*profile, account, &Offer::Myself)?;
            // As where it is done on the pages.
            let family = session.whom_it_was_handed(*profile)?;
            desk.write_to(&family, &format!("/p/{profile}/family"), &door::unknown_reader(), letters::handed);
            let value = json!({"profile": profile, "account": account});
            Ok(Answer::new(value, format!("{profile} belongs to {to} from now on.")))
        }),
        Profile::List => place.with("listing people", |_, session| {
            let cards = session.profiles()?;
            let widest = cards.iter().map(|card| card.name.chars().count()).max().unwrap_or(0).min(24);
            let line = |card: &ProfileCard| {
                let born = card.birth_date.as_deref().unwrap_or("");
                let records =
                    if card.records == 1 { "1 record".to_owned() } else { format!("{} records", card.records) };
                let kept = if card.owner.is_none() { "  no account" } else { "" };
                format!("{}  {:<widest$}  {born:<10} {records:>12}{kept}", card.profile, card.name)
            };
            let text = if cards.is_empty() {
                "No people yet; `phm profile add NAME` or `phm import FILE --new-profile` makes one.".to_owned()
            } else {
                cards.iter().map(line).collect::<Vec<_>>().join("\n")
            };
            Ok(Answer::new(json!({ "profiles": cards }), text))
        }),
    }
}

/// Who was asked for is not there.
pub(super) fn nobody(error: phm_core::Error) -> Failure {
    Failure::from(error).or_not_found("nobody here has this id; `phm profile list` shows everybody")
}

/// `phm demo`
pub fn demo(place: &Place, demo: &Demo) -> Result<Answer, Failure> {
    place.with("making a demo household", |_, session| {
        let today = jiff::Zoned::now().date();
        let Demo { profiles, records, samples, years, seed } = *demo;
        let options = crate::demo::Options { profiles, records, samples, years, seed, today };
        let made = crate::demo::fill(session, options, None)?;
        let text = format!(
            "Made {} people with {} records and {} samples. All of them are invented.",
            made.profiles.len(),
            made.records,
            made.samples
        );
        let value: Value = json!({"profiles": made.profiles, "records": made.records, "samples": made.samples});
        Ok(Answer::new(value, text))
    })
}
