//! The parameters of a list.

use std::collections::HashMap;

use phm_core::Detail;
use phm_core::index::{CodeFilter, Query, Sort};
use poem::Request;
use poem_openapi::registry::{MetaOperationParam, MetaParamIn, MetaSchema, MetaSchemaRef};
use serde_json::json;

use super::schema::{inline, text};
use crate::http::problem::Problem;

/// Rows on a page unless the caller says otherwise.
pub const PER_PAGE: u32 = 50;

/// Rows on a page at most.
pub const MOST_PER_PAGE: u32 = 200;

/// Reads the parameters of a list; a name nobody knows is refused, since a filter that does not filter shows too much.
pub fn read(request: &Request) -> Result<Query, Problem> {
    read_with(request, &[]).map(|(query, _)| query)
}

/// The same where other parameters, named in `others`, may stand beside those of a list.
pub fn read_with(request: &Request, others: &[&str]) -> Result<(Query, HashMap<String, String>), Problem> {
    let pairs: Vec<(String, String)> = request.params().unwrap_or_default();
    let mut query = Query { page: 1, per_page: PER_PAGE, ..Query::default() };
    let mut found = HashMap::new();
    let mut faults = Vec::new();
    for (name, value) in &pairs {
        if others.contains(&name.as_str()) {
            found.insert(name.clone(), value.clone());
            continue;
        }
        let fits = match name.as_str() {
            "code" => not_empty(value).map(|value| query.codes.push(CodeFilter::parse(value))),
            "from" => value.parse().ok().map(|when| query.time.from = Some(when)),
            "to" => value.parse().ok().map(|when| query.time.to = Some(when)),
            "status" => not_empty(value).map(|value| query.status.extend(value.split(',').map(str::to_owned))),
            "q" => not_empty(value).map(|value| query.text = Some(value.to_owned())),
            "sort" => sort(value).map(|sort| query.sort = sort),
            "page" => number(value, 1, u32::MAX).map(|page| query.page = page),
            "per_page" => number(value, 1, MOST_PER_PAGE).map(|per_page| query.per_page = per_page),
            "removed" => value.parse().ok().map(|removed| query.removed = removed),
            _ => {
                faults.push(Detail { path: format!("/{name}"), code: "unknown-field" });
                continue;
            }
        };
        if fits.is_none() {
            faults.push(Detail { path: format!("/{name}"), code: "invalid-value" });
        }
    }
    if faults.is_empty() { Ok((query, found)) } else { Err(phm_core::Error::invalid(faults).into()) }
}

fn not_empty(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}

fn sort(value: &str) -> Option<Sort> {
    match value {
        "occurred" => Some(Sort::OldestFirst),
        "-occurred" => Some(Sort::NewestFirst),
        _ => None,
    }
}

fn number(value: &str, least: u32, most: u32) -> Option<u32> {
    value.parse().ok().filter(|number| (least..=most).contains(number))
}

/// The same parameters for the OpenAPI document.
pub fn parameters() -> Vec<MetaOperationParam> {
    let page = |most: Option<f64>, default: u32| {
        inline(MetaSchema {
            minimum: Some(1.0),
            maximum: most,
            default: Some(json!(default)),
            ..MetaSchema::new("integer")
        })
    };
    let sort = MetaSchema {
        enum_items: vec![json!("occurred"), json!("-occurred")],
        default: Some(json!("-occurred")),
        ..MetaSchema::new("string")
    };
    vec![
        optional("code", "`system|code` or a bare code.", text()),
        optional("from", "Not before this instant or date.", text()),
        optional("to", "Not after this instant or date; a date means all of it.", text()),
        optional("status", "One of these states, separated by commas.", text()),
        optional("q", "Words that all occur in the record.", text()),
        optional("sort", "`occurred` or `-occurred`, newest first.", inline(sort)),
        optional("page", "The page, from 1.", page(None, 1)),
        optional("per_page", "Records a page, at most 200.", page(Some(f64::from(MOST_PER_PAGE)), PER_PAGE)),
        optional("removed", "Show removed records too.", inline(MetaSchema::new("boolean"))),
    ]
}

/// An optional parameter of the query.
pub fn optional(name: &str, description: &str, schema: MetaSchemaRef) -> MetaOperationParam {
    parameter(name, description, MetaParamIn::Query, false, schema)
}

/// A parameter for the OpenAPI document.
pub fn parameter(
    name: &str,
    description: &str,
    place: MetaParamIn,
    required: bool,
    schema: MetaSchemaRef,
) -> MetaOperationParam {
    MetaOperationParam {
        name: name.to_owned(),
        schema,
        in_type: place,
        description: Some(description.to_owned()),
        required,
        deprecated: false,
        explode: true,
        style: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<Query, Problem> {
        read(&Request::builder().uri(format!("/x?{text}").parse().expect("an address")).finish())
    }

    #[test]
    fn every_parameter_of_the_contract_is_read() {
        let query = query(
            "code=http://loinc.org%7C4548-4&from=2024&to=2025-06-30&status=active,resolved&q=sugar&sort=occurred&page=2&per_page=200&removed=true",
        )
        .expect("valid parameters");
        assert_eq!(query.codes, [CodeFilter::parse("http://loinc.org|4548-4")]);
        assert_eq!((query.page, query.per_page, query.removed), (2, 200, true));
        assert_eq!(query.status, ["active", "resolved"]);
        assert_eq!(query.sort, Sort::OldestFirst);
        assert!(query.time.from.is_some() && query.time.to.is_some());
    }

    #[test]
    fn a_misspelt_filter_or_a_page_too_large_is_refused() {
        for bad in
            ["cod=1", "per_page=201", "per_page=0", "page=0", "page=x", "from=yesterday", "sort=name", "removed=1"]
        {
            assert!(query(bad).is_err(), "{bad}");
        }
        assert_eq!(query("").expect("nothing asked").per_page, 50);
    }
}
