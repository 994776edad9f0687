//! Clinical logic that needs no records: calculators and the notations of doses.

use phm_core::analytics::calculators::{calculate, calculators};
use phm_core::analytics::call;
use phm_core::error::{Error, ErrorKind};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Chapter;
use crate::http::body::Body;
use crate::http::envelope::Answer;
use crate::http::guard::Caller;
use crate::http::house::blocking;
use crate::http::problem::Problem;

/// The inputs of a calculator, by name: quantities, words, true or false.
#[derive(poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    /// Each input as `{"value","unit"}`, a text, or true or false, by its kind.
    inputs: Value,
}

/// A written notation of a dose.
#[derive(poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The notation, for example `1-0-1` or `दिन में दो बार`.
    text: String,
    /// The language it is written in, where that is known: `en`, `hi` or `pa`.
    #[serde(default)]
    language: Option<String>,
}

/// Calculators and notations.
pub struct Clinical;

#[OpenApi(tag = "Chapter::Clinical")]
impl Clinical {
    /// Every calculator, with its inputs, year and source.
    #[oai(path = "/calculators", method = "get", operation_id = "calculators_list")]
    async fn list(&self, _caller: Caller) -> Result<Answer<Value>, Problem> {
        blocking(|| json_of(&calculators().collect::<Vec<_>>()).map(Answer::new)).await
    }

    /// Run a calculator. Outside its validity the answer is `applicable: false` with a reason; a value that is only
    /// plausible in another unit is 422 and names the units to ask about.
    #[oai(path = "/calculators/:name", method = "post", operation_id = "calculators_run")]
    async fn run(&self, _caller: Caller, name: Path<String>, body: Body<Inputs>) -> Result<Answer<Value>, Problem> {
        blocking(move || {
            let found = calculate(&name.0, &body.0.inputs).map_err(asking)?;
            json_of(&found).map(Answer::new)
        })
        .await
    }

    /// Read how somebody wrote a dose: a medication's `frequency` and `duration`, or `understood: false`; never a guess.
    #[oai(path = "/dose-notations", method = "post", operation_id = "dose_notations_read")]
    async fn notation(&self, _caller: Caller, body: Body<Written>) -> Result<Answer<Value>, Problem> {
        let known = body.0.language.as_deref().is_none_or(|language| matches!(language, "en" | "hi" | "pa"));
        if !known {
            return Err(Problem::invalid("/language", "invalid-choice"));
        }
        blocking(move || Ok(Answer::new(call("parse_dose", &json!({"text": body.0.text}))?))).await
    }
}

fn json_of(answer: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(answer).map_err(|_| Problem::internal())
}

/// A refusal with the questions beside the details.
fn asking(error: Error) -> Problem {
    let asks = error.data().and_then(|data| data.get("asks")).cloned();
    match asks {
        Some(asks) if error.kind() == ErrorKind::Invalid => {
            let details: Vec<Value> = error.details().iter().map(|detail| ask(detail, &asks)).collect();
            Problem::from(error).with_details(Value::Array(details))
        }
        _ => error.into(),
    }
}

/// A detail with the units in which the number would be plausible.
fn ask(detail: &phm_core::Detail, asks: &Value) -> Value {
    let mut out = Map::from_iter([("path".to_owned(), json!(detail.path)), ("code".to_owned(), json!(detail.code))]);
    let own = asks
        .as_array()
        .into_iter()
        .flatten()
        .find(|ask| ask["input"].as_str().is_some_and(|input| detail.path == format!("/inputs/{input}")));
    out.extend(own.map(|own| ("plausible_in".to_owned(), own["plausible_in"].clone())));
    Value::Object(out)
}
