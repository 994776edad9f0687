//! The form of one record, new or being edited.

use askama::Template;
use serde_json::Value;

use super::super::interactions::FindingView;
use super::super::page::Page;
use super::super::record::title_of;
use super::list::{add_label, quick};
use crate::http::web::forms::{self, Layout, Links, Problem, SectionView, labels};

/// The form of one record, new or being edited.
#[derive(Debug, Template)]
#[template(path = "form.html")]
pub struct Form {
    /// Shared parts.
    pub page: Page,
    /// The heading.
    pub heading: String,
    /// Where it is sent.
    pub action: String,
    /// Where cancelling leads.
    pub back: String,
    /// Name of the list.
    pub list_name: String,
    /// Icon of the kind.
    pub icon: &'static str,
    /// The version being edited; 0 for a new one.
    pub version: u32,
    /// Short cuts to ready-made starts: address, name, chosen.
    pub quick: Vec<(String, String, bool)>,
    /// The sections.
    pub sections: Vec<SectionView>,
    /// What is wrong beyond single fields.
    pub errors: Vec<String>,
    /// Whether a file is sent along.
    pub with_file: bool,
    /// Whether somebody else changed the record meanwhile.
    pub conflict: bool,
    /// What speaks against saving it, for somebody who may save it all the same.
    pub warnings: Vec<FindingView>,
    /// The medicine of which that was said.
    pub warned: String,
}

/// What a form is made of.
#[derive(Debug)]
pub struct FormData<'a> {
    /// The record's id and version, when it is edited.
    pub editing: Option<(&'a str, u32)>,
    /// The body so far.
    pub body: &'a Value,
    /// What was wrong with it.
    pub problems: &'a [Problem],
    /// Records to link to.
    pub links: &'a Links,
    /// The group that gets one row more.
    pub grow: Option<&'a str>,
    /// The ready-made start chosen.
    pub of: Option<&'a str>,
    /// Whether somebody else changed the record meanwhile.
    pub conflict: bool,
}

impl Form {
    /// A form for `layout`.
    pub fn new(page: Page, layout: &'static Layout, data: &FormData<'_>) -> Self {
        let t = page.t.clone();
        let filling = forms::fill::Filling {
            locale: &t,
            kind: layout.kind,
            body: data.body,
            problems: data.problems,
            links: data.links,
            grow: data.grow,
        };
        let sections = forms::fill::sections(layout, filling);
        let errors = forms::fill::at_the_head(layout, &t, data.problems, &sections);
        let (heading, action, back) = match data.editing {
            Some((id, _)) => {
                let record = page.under(&format!("{}/{id}", layout.collection));
                (t.with("form-edit", "name", title_of(&t, layout.kind, data.body)), format!("{record}/edit"), record)
            }
            None => {
                let list = page.under(layout.collection);
                (add_label(&t, layout.kind), format!("{list}/new"), list)
            }
        };
        let quick = if data.editing.is_some() { Vec::new() } else { quick(&page, layout) };
        Self {
            heading,
            action,
            back,
            list_name: labels::kinds(&t, layout.kind),
            icon: layout.icon,
            version: data.editing.map_or(0, |(_, version)| version),
            quick: quick
                .into_iter()
                .map(|(address, name)| {
                    let chosen = data.of.is_some_and(|of| address.ends_with(&format!("={of}")));
                    (address, name, chosen)
                })
                .collect(),
            sections,
            errors,
            with_file: layout.kind == "document" && data.editing.is_none(),
            conflict: data.conflict,
            warnings: Vec::new(),
            warned: String::new(),
            page,
        }
    }
}
