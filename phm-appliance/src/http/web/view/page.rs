//! What every page shares: title, family switcher, navigation, notices, language and theme.

use crate::http::web::forms::{labels, layout};
use crate::i18n::Locale;

/// The colours a reader chose.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Theme {
    /// As the device is set.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The setting's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme a setting's word names.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark].into_iter().find(|theme| theme.word() == word)
    }
}

/// How a notice or a value is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tone {
    /// Plain.
    Calm,
    /// All is well.
    Good,
    /// Needs a look.
    Warn,
    /// Needs action.
    Alert,
}

impl Tone {
    /// Its class in the style sheet.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Alert => "alert",
        }
    }
}

/// A message at the head of a page.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// A person in the family switcher.
#[derive(Clone, Debug)]
pub struct Person {
    /// The profile.
    pub id: String,
    /// Name; a nameless profile has a name from the catalogue.
    pub name: String,
    /// Up to two letters.
    pub initials: String,
    /// Which of eight colours, 1 to 8.
    pub hue: u32,
    /// `61 years`, or empty.
    pub detail: String,
    /// How the account stands to them, in words.
    pub relation: String,
    /// How many records, in words.
    pub records: String,
    /// Whether the account sees them only as long as somebody lets it.
    pub watched: bool,
}

impl Person {
    /// A person by name; colour follows from the id so that it stays.
    pub fn new(locale: &Locale, id: &str, name: &str) -> Self {
        let name = if name.is_empty() { locale.say("person-nameless") } else { name.to_owned() };
        let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
        let first = words.next();
        let initials = first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect();
        let hue = id.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 8 + 1;
        Self {
            id: id.to_owned(),
            name,
            initials,
            hue,
            detail: String::new(),
            relation: String::new(),
            records: String::new(),
            watched: false,
        }
    }
}

/// The account that is signed in.
#[derive(Clone, Debug)]
pub struct Account {
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Whether the administration pages are theirs.
    pub admin: bool,
    /// What they are in the house.
    pub roles: Vec<String>,
}

impl Account {
    /// Whether others come to them as patients.
    pub fn has_patients(&self) -> bool {
        self.roles.iter().any(|role| role != "admin" && role != "patient")
    }
}

/// One entry of the navigation.
#[derive(Clone, Debug)]
pub struct Link {
    /// Address.
    pub href: String,
    /// Name.
    pub label: String,
    /// Icon.
    pub icon: &'static str,
    /// Whether it is where the reader is.
    pub here: bool,
}

/// Where in the navigation a page stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Here {
    /// The dashboard.
    Dashboard,
    /// The timeline.
    Timeline,
    /// A collection.
    Collection(String),
    /// The list of all collections.
    Records,
    /// The choice of what to add.
    Add,
    /// Import.
    Import,
    /// Who looked.
    WhoLooked,
    /// Who can see.
    Access,
    /// Family and carers.
    Family,
    /// My patients.
    Patients,
    /// Reminders.
    Notifications,
    /// Settings.
    Settings,
    /// Administration.
    Admin,
    /// The list of people.
    People,
    /// None of these.
    Elsewhere,
}

/// What every page shares.
#[derive(Clone, Debug)]
pub struct Page {
    /// The reader.
    pub t: Locale,
    /// Title of the page.
    pub title: String,
    /// Colours.
    pub theme: Theme,
    /// Token every form sends back.
    pub csrf: String,
    /// Who is signed in.
    pub account: Option<Account>,
    /// Everyone in the switcher.
    pub people: Vec<Person>,
    /// Whose records are open.
    pub person: Option<Person>,
    /// Where in the navigation.
    pub here: Here,
    /// Address of the page without query, for the language menu.
    pub path: String,
    /// Messages.
    pub notices: Vec<Notice>,
    /// Reminders the reader has not seen.
    pub unread: u32,
    /// Served over plain HTTP from another machine: say what is missing.
    pub plain_http: bool,
}

/// The switcher shows so many people; the rest is one step away.
const SHOWN: usize = 8;

impl Page {
    /// Address of an asset.
    pub fn asset(&self, name: &str) -> String {
        super::super::assets::address(name)
    }

    /// Address of the icon sprite with a fragment.
    pub fn icon(&self, name: &str) -> String {
        format!("{}#{name}", super::super::assets::address("icons.svg"))
    }

    /// The open person's id, or nothing.
    pub fn profile(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.id)
    }

    /// The open person's name, or nothing.
    pub fn person_name(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.name)
    }

    /// Address under the open person: `/p/{p}/{rest}`.
    pub fn under(&self, rest: &str) -> String {
        let base = format!("/p/{}", self.profile());
        if rest.is_empty() { base } else { format!("{base}/{rest}") }
    }

    /// Where the page hears that it is no longer open to its reader; nowhere for one's own.
    pub fn watch(&self) -> Option<String> {
        self.person.as_ref().filter(|person| person.watched).map(|_| match &self.here {
            Here::Collection(collection) => self.under(&format!("watch?of={collection}")),
            _ => self.under("watch"),
        })
    }

    /// People the switcher shows; the open one is always among them.
    pub fn switcher(&self) -> Vec<&Person> {
        let mut shown = self.people.iter().take(SHOWN).collect::<Vec<_>>();
        if let Some(open) = &self.person
            && !shown.iter().any(|person| person.id == open.id)
        {
            shown.insert(0, open);
        }
        shown
    }

    /// Whether there are more people than the switcher shows.
    pub fn has_more_people(&self) -> bool {
        self.people.len() > SHOWN
    }

    fn link(&self, rest: &str, label: String, icon: &'static str, here: &Here) -> Link {
        Link { href: self.under(rest), label, icon, here: self.here == *here }
    }

    /// Navigation within a person: overview and timeline.
    pub fn main_links(&self) -> Vec<Link> {
        vec![
            self.link("", self.t.say("nav-overview"), "house", &Here::Dashboard),
            self.link("timeline", self.t.say("nav-timeline"), "clock", &Here::Timeline),
        ]
    }

    /// Navigation within a person: the collections used daily.
    pub fn record_links(&self) -> Vec<Link> {
        layout::LAYOUTS
            .iter()
            .filter(|layout| !layout.collection.is_empty())
            .take(DAILY)
            .map(|layout| self.kind_link(layout))
            .collect()
    }

    /// The other collections.
    pub fn rare_links(&self) -> Vec<Link> {
        layout::LAYOUTS
            .iter()
            .filter(|layout| !layout.collection.is_empty())
            .skip(DAILY)
            .map(|layout| self.kind_link(layout))
            .collect()
    }

    fn kind_link(&self, layout: &layout::Layout) -> Link {
        let here = Here::Collection(layout.collection.to_owned());
        self.link(layout.collection, labels::kinds(&self.t, layout.kind), layout.icon, &here)
    }

    /// Navigation within a person: the tools.
    pub fn tool_links(&self) -> Vec<Link> {
        vec![
            self.link("import", self.t.say("nav-import"), "download", &Here::Import),
            self.link("access", self.t.say("nav-access"), "shield", &Here::Access),
            self.link("family", self.t.say("nav-family"), "users", &Here::Family),
            self.link("who-looked", self.t.say("nav-who-looked"), "eye", &Here::WhoLooked),
        ]
    }

    /// The bar at the foot of small screens.
    pub fn tabs(&self) -> Vec<Link> {
        let mut tabs = self.main_links();
        tabs.push(self.link("add", self.t.say("nav-add"), "plus", &Here::Add));
        let mut records = self.link("records", self.t.say("nav-records"), "layers", &Here::Records);
        records.here = records.here
            || matches!(self.here, Here::Collection(_) | Here::Import | Here::WhoLooked | Here::Access | Here::Family);
        tabs.push(records);
        tabs.push(Link {
            href: "/settings".to_owned(),
            label: self.t.say("nav-settings"),
            icon: "settings",
            here: matches!(self.here, Here::Settings | Here::Admin),
        });
        tabs
    }

    /// The languages, each a link to this page in that language.
    pub fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        crate::i18n::Language::ALL.into_iter().map(|l| (l.tag(), l.name(), l == self.t.language())).collect()
    }
}

/// So many collections, in the order of the layouts, stand in the navigation itself.
const DAILY: usize = 10;
