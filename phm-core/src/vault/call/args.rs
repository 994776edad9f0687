//! The arguments of a call: every one of them is known, and of the right type.

use std::path::PathBuf;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::error::{Detail, Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{CodeFilter, Query, Sort, Timeframe};
use crate::time::When;
use crate::vault::flat::FlatQuery;

/// The arguments of one call.
pub(super) struct Args<'a>(&'a Map<String, Value>);

/// Rows of a page at most.
const MOST_PER_PAGE: u32 = 1000;

pub(super) fn invalid(name: &str, code: &'static str) -> Error {
    Error::invalid(vec![Detail { path: format!("/{name}"), code }])
}

impl<'a> Args<'a> {
    /// The arguments in an object that has no others than `known`.
    pub fn of(value: &'a Value, known: &[&str]) -> Result<Self> {
        let fields = value.as_object().ok_or_else(|| Error::invalid(vec![detail("", "wrong-type")]))?;
        let strange: Vec<Detail> = fields
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
            .map(|name| detail(&format!("/{name}"), "unknown-field"))
            .collect();
        if strange.is_empty() { Ok(Self(fields)) } else { Err(Error::invalid(strange)) }
    }

    /// What was given under a name; `null` is nothing.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub fn value(&self, name: &str) -> Result<&'a Value> {
        self.get(name).ok_or_else(|| invalid(name, "required"))
    }

    pub fn text_if(&self, name: &str) -> Result<Option<&'a str>> {
        self.get(name).map(|value| value.as_str().ok_or_else(|| invalid(name, "wrong-type"))).transpose()
    }

    pub fn text(&self, name: &str) -> Result<&'a str> {
        self.text_if(name)?.ok_or_else(|| invalid(name, "required"))
    }

    pub fn path(&self, name: &str) -> Result<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// A text that has a form of its own; `code` says that it has not.
    pub fn parsed_if<T: FromStr>(&self, name: &str, code: &'static str) -> Result<Option<T>> {
        self.text_if(name)?.map(|text| text.parse().map_err(|_| invalid(name, code))).transpose()
    }

    pub fn profile(&self) -> Result<ProfileId> {
        self.parsed_if("profile", "invalid-id")?.ok_or_else(|| invalid("profile", "required"))
    }

    pub fn id(&self, name: &str) -> Result<RecordId> {
        self.parsed_if(name, "invalid-id")?.ok_or_else(|| invalid(name, "required"))
    }

    pub fn flag(&self, name: &str) -> Result<bool> {
        let flag = self.get(name).map(|value| value.as_bool().ok_or_else(|| invalid(name, "wrong-type")));
        flag.transpose().map(Option::unwrap_or_default)
    }

    pub fn number_if(&self, name: &str) -> Result<Option<u32>> {
        let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
        self.get(name).map(|value| number(value).ok_or_else(|| invalid(name, "wrong-type"))).transpose()
    }

    pub fn number(&self, name: &str) -> Result<u32> {
        self.number_if(name)?.ok_or_else(|| invalid(name, "required"))
    }

    /// A list of texts; one text stands for a list of itself.
    ///
    /// A list that came out empty is refused: it means nothing, and no list at all would mean everything.
    pub fn texts(&self, name: &str) -> Result<Vec<&'a str>> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(many)) if many.is_empty() => Err(invalid(name, "required")),
            Some(Value::String(one)) => Ok(vec![one]),
            Some(Value::Array(many)) => {
                many.iter().map(|one| one.as_str().ok_or_else(|| invalid(name, "wrong-type"))).collect()
            }
            Some(_) => Err(invalid(name, "wrong-type")),
        }
    }

    /// From `since` up to `until`, both included.
    pub fn time(&self) -> Result<Timeframe> {
        let when = |name| self.parsed_if::<When>(name, "invalid-date");
        Ok(Timeframe { from: when("since")?, to: when("until")? })
    }

    /// The page that was asked for, from 1, and how much stands on one.
    pub fn page(&self) -> Result<(u32, u32)> {
        let page = self.number_if("page")?.unwrap_or(1);
        let per_page = self.number_if("per_page")?.unwrap_or(50);
        if page == 0 {
            return Err(invalid("page", "out-of-range"));
        }
        if per_page == 0 || per_page > MOST_PER_PAGE {
            return Err(invalid("per_page", "out-of-range"));
        }
        Ok((page, per_page))
    }

    /// What a table asks for: `profiles codes since until`.
    pub fn flat_query(&self) -> Result<FlatQuery> {
        let profile = |text: &str| text.parse::<ProfileId>().map_err(|_| invalid("profiles", "invalid-id"));
        Ok(FlatQuery {
            profiles: self.texts("profiles")?.into_iter().map(profile).collect::<Result<_>>()?,
            codes: self.texts("codes")?.into_iter().map(CodeFilter::parse).collect(),
            time: self.time()?,
        })
    }

    /// What a list asks for: `code status since until text sort page per_page removed`.
    pub fn query(&self) -> Result<Query> {
        let (page, per_page) = self.page()?;
        Ok(Query {
            codes: self.texts("code")?.into_iter().map(CodeFilter::parse).collect(),
            time: self.time()?,
            status: self.texts("status")?.into_iter().map(str::to_owned).collect(),
            text: self.text_if("text")?.map(str::to_owned),
            sort: match self.text_if("sort")? {
                None | Some("-occurred") => Sort::NewestFirst,
                Some("occurred") => Sort::OldestFirst,
                Some(_) => return Err(invalid("sort", "invalid-choice")),
            },
            page,
            per_page,
            removed: self.flag("removed")?,
            first_of_each: false,
            uncounted: false,
        })
    }
}

/// What a table asks for: `{"profiles":[…],"codes":[…],"since","until"}`.
pub fn flat_query(value: &Value) -> Result<FlatQuery> {
    Args::of(value, &["profiles", "codes", "since", "until"])?.flat_query()
}

fn detail(path: &str, code: &'static str) -> Detail {
    Detail { path: path.to_owned(), code }
}
