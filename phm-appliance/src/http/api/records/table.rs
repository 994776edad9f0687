//! Which operations every kind of record has.
//!
//! One table, made once from the kinds of the core: routes, OpenAPI document and handlers all read it, so that none of
//! them can know a kind the others do not.

use std::sync::OnceLock;

use phm_core::model::KindInfo;
use poem::http::Method;

/// What an operation does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// A page of the collection.
    List,
    /// Adds a record.
    Create,
    /// One record.
    Read,
    /// Replaces a record.
    Put,
    /// Changes parts of a record (RFC 7396).
    Patch,
    /// Removes a record.
    Delete,
    /// Brings a removed record back.
    Restore,
    /// All versions of a record.
    History,
    /// The imported bytes of a record.
    Original,
    /// Destroys what a record said.
    Rectify,
    /// Marks a record as sensitive.
    Mark,
}

impl Verb {
    const ALL: [Self; 11] = [
        Self::List,
        Self::Create,
        Self::Read,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Restore,
        Self::History,
        Self::Original,
        Self::Rectify,
        Self::Mark,
    ];

    /// The method of the request.
    pub fn method(self) -> Method {
        match self {
            Self::List | Self::Read | Self::History | Self::Original => Method::GET,
            Self::Create | Self::Restore | Self::Rectify => Method::POST,
            Self::Put | Self::Mark => Method::PUT,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }

    /// Whether it changes a record that exists, and so needs `If-Match`.
    pub fn needs_version(self) -> bool {
        matches!(self, Self::Put | Self::Patch | Self::Delete | Self::Restore | Self::Mark)
    }

    /// Whether the request has a body.
    pub fn has_body(self) -> bool {
        matches!(self, Self::Create | Self::Put | Self::Patch | Self::Rectify | Self::Mark)
    }

    /// Whether it is about one record rather than the collection.
    pub fn is_about_one(self) -> bool {
        !matches!(self, Self::List | Self::Create)
    }

    /// The status of success.
    pub fn status(self) -> u16 {
        match self {
            Self::Create => 201,
            Self::Delete => 204,
            _ => 200,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Create => "create",
            Self::Read => "read",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::History => "history",
            Self::Original => "original",
            Self::Rectify => "rectify",
            Self::Mark => "mark",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Restore => "/restore",
            Self::History => "/history",
            Self::Original => "/original",
            Self::Rectify => "/rectify",
            Self::Mark => "/labels",
            _ => "",
        }
    }

    fn summary(self, kind: &str) -> String {
        let kind = kind.replace('-', " ");
        match self {
            Self::List => format!("A page of the records of kind {kind}, newest first."),
            Self::Create => format!("Add a {kind}."),
            Self::Read => format!("Read one {kind}."),
            Self::Put => format!("Replace a {kind}."),
            Self::Patch => format!("Change parts of a {kind} (RFC 7396)."),
            Self::Delete => format!("Remove a {kind}; its history stays."),
            Self::Restore => format!("Bring a removed {kind} back."),
            Self::History => format!("All versions of a {kind}."),
            Self::Original => format!("The bytes a {kind} was imported from."),
            Self::Rectify => format!("Destroy what a {kind} said, beyond recall."),
            Self::Mark => format!("Mark a {kind} as sensitive, beside what its codes say, or take such marks away."),
        }
    }
}

/// One operation of one kind.
#[derive(Debug)]
pub struct Operation {
    /// The kind.
    pub kind: &'static KindInfo,
    /// What it does.
    pub verb: Verb,
    /// Its name in the document, such as `lab_results_list`.
    pub id: &'static str,
    /// A line about it.
    pub summary: &'static str,
    /// Its path as poem routes it.
    pub route: String,
    /// Its path as the document writes it.
    pub path: String,
}

/// Every operation of every kind that has a collection. Documents are added by upload, not here.
pub fn operations() -> &'static [Operation] {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        kinds().iter().flat_map(|kind| Verb::ALL.map(|verb| (*kind, verb))).filter_map(operation).collect()
    })
}

/// The kinds with a collection under `/profiles/{profile}`.
pub fn kinds() -> &'static [&'static KindInfo] {
    static KINDS: OnceLock<Vec<&'static KindInfo>> = OnceLock::new();
    KINDS.get_or_init(|| described().into_iter().filter(|kind| !kind.collection.is_empty()).collect())
}

/// The kinds the document describes: those of people, with the profile itself.
pub fn described() -> Vec<&'static KindInfo> {
    phm_core::model::kinds().iter().filter(|kind| !kind.system).collect()
}

fn operation((kind, verb): (&'static KindInfo, Verb)) -> Option<Operation> {
    if kind.name == "document" && verb == Verb::Create {
        return None;
    }
    let place = |profile: &str, id: &str| {
        let one = if verb.is_about_one() { format!("/{id}{}", verb.suffix()) } else { String::new() };
        format!("/profiles/{profile}/{}{one}", kind.collection)
    };
    Some(Operation {
        kind,
        verb,
        id: format!("{}_{}", kind.collection.replace('-', "_"), verb.word()).leak(),
        summary: verb.summary(kind.name).leak(),
        route: place(":param0", ":param1"),
        path: place("{profile}", "{id}"),
    })
}
