//! What surrounds care: documents, appointments, plans, devices, insurance.

use serde_json::{Value, json};

use super::Context;
use super::values::{Body, concept, date, first_code, instant, title, titles, when, whole};
use crate::exchange::fhir::json::Node;
use crate::exchange::fhir::{attached, moment};

/// DocumentReference to document.
pub(super) fn document(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let attachment = attached::attachment(node)?;
    let media_type = attachment.words("contentType")?.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let kind = node.get("type").and_then(title);
    let heading = attachment.words("title").or_else(|| node.words("description")).or(kind);
    let heading = heading.or_else(|| node.list("category").iter().find_map(title));
    let dated = node.words("date").or_else(|| attachment.words("creation"));
    let encounter = node.get("context").and_then(|context| context.first("encounter"));
    let visit = encounter.and_then(|encounter| (context.record)(encounter.words("reference")?, &["Encounter"]));
    let mut body = Body::default();
    body.put("title", Some(heading?))
        .put("category", Some(category(node)))
        .put("media_type", Some(media_type))
        .put("bytes", whole(attachment.number("size")).or_else(|| attachment.text("data").and_then(decoded_length)))
        .put("dated_on", date(dated))
        .put("author", context.party(node.list("author")))
        .put("visit", visit.map(|visit| visit.to_string()))
        .put("remarks", node.words("description").filter(|text| Some(*text) != heading));
    Some(body)
}

/// How many bytes a base64 text stands for.
fn decoded_length(text: &str) -> Option<Value> {
    let digits = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').count();
    Some(json!(u64::try_from(digits).ok()? * 3 / 4))
}

/// LOINC's document types (and the US Core categories) by what they are for.
fn category(node: &Node<'_>) -> &'static str {
    let codings = node.get("type").into_iter().chain(node.list("category")).flat_map(|concept| concept.list("coding"));
    for code in codings.filter_map(|coding| coding.words("code")) {
        match code {
            "11502-2" | "26436-6" | "LP29693-6" => return "lab-report",
            "57833-6" | "29551-9" => return "prescription",
            "18748-4" | "18726-0" | "LP29684-5" | "68604-8" => return "imaging",
            "18842-5" | "28655-9" | "34105-7" => return "discharge-summary",
            "clinical-note" | "11506-3" | "11488-4" | "34117-2" | "34109-9" => return "visit-note",
            "64290-0" | "48768-6" => return "insurance",
            _ => {}
        }
    }
    "other"
}

/// Appointment to appointment.
pub(super) fn appointment(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let start = node.words("start");
    let minutes = node.number("minutesDuration").and_then(|text| text.parse::<i64>().ok()).or_else(|| {
        let (start, end) = (moment::instant(start?)?, moment::instant(node.words("end")?)?);
        Some((end.millis() - start.millis()) / 60_000)
    });
    let status = match node.words("status") {
        Some("proposed" | "pending" | "waitlist") => Some("requested"),
        Some("booked") => Some("booked"),
        Some("arrived" | "checked-in") => Some("arrived"),
        Some("fulfilled") => Some("completed"),
        Some("cancelled") => Some("cancelled"),
        Some("noshow") => Some("no-show"),
        _ => None,
    };
    let actors = || node.list("participant").iter().filter_map(|participant| participant.get("actor"));
    let is = |actor: &Node<'_>, kind: &str| {
        actor.text("type") == Some(kind)
            || actor.text("reference").is_some_and(|text| text.contains(&format!("{kind}/")))
    };
    let provider: Vec<Node<'_>> =
        actors().filter(|actor| !is(actor, "Patient") && !is(actor, "Location")).cloned().collect();
    let place = actors().filter(|actor| is(actor, "Location")).find_map(|actor| context.name(actor));
    let kind = node.get("appointmentType").and_then(title).map(str::to_owned);
    let reason = titles(node.list("reasonCode")).or_else(|| node.words("description").map(str::to_owned));
    let mut body = Body::default();
    body.put("start", Some(instant(start)?))
        .put("duration_minutes", minutes.filter(|minutes| *minutes > 0))
        .put("type", kind.or_else(|| titles(node.list("serviceType"))))
        .put("status", status)
        .put("provider", context.party(&provider))
        .put("place", place)
        .put("reason", reason)
        .put("notes", node.words("comment"));
    Some(body)
}

/// CarePlan to care-plan; without a title it is called by its category.
pub(super) fn care_plan(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let period = node.get("period");
    let heading = node.words("title").or_else(|| node.list("category").iter().find_map(title));
    let mut body = Body::default();
    body.put("title", Some(heading.or_else(|| node.words("description"))?))
        .put("status", node.words("status"))
        .put("start", period.and_then(|period| when(period.words("start"))))
        .put("end", period.and_then(|period| when(period.words("end"))));
    let goals = node.list("goal").iter().filter_map(|goal| context.name(goal));
    body.list("goals", goals.map(|text| json!({"text": text})));
    body.list(
        "activities",
        node.list("activity").iter().filter_map(|activity| {
            let detail = activity.get("detail");
            let code = detail.and_then(|detail| detail.get("code")).and_then(title);
            let said = code.or_else(|| detail.and_then(|detail| detail.words("description"))).map(str::to_owned);
            said.or_else(|| context.name(activity.get("reference")?)).map(Value::from)
        }),
    );
    Some(body)
}

/// Device to device.
pub(super) fn device(node: &Node<'_>) -> Option<Body> {
    let called = node.list("deviceName").iter().find_map(|name| name.words("name"));
    let udi = node.first("udiCarrier");
    let kind = node.get("type").and_then(concept).or_else(|| called.map(|called| json!({"text": called})));
    let mut body = Body::default();
    body.put("type", Some(kind?))
        .put("manufacturer", node.words("manufacturer"))
        .put("model", node.words("modelNumber"))
        .put("serial", node.words("serialNumber"))
        .put("udi", udi.and_then(|udi| udi.words("carrierHRF").or_else(|| udi.words("deviceIdentifier"))))
        .put("status", node.words("status"));
    Some(body)
}

/// Coverage to insurance.
pub(super) fn insurance(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let class = |wanted: &str| node.list("class").iter().find(|class| first_code(class.get("type")) == Some(wanted));
    let plan = class("plan").and_then(|class| class.words("name").or_else(|| class.words("value")));
    let holder = node.get("policyHolder").or_else(|| node.get("subscriber"));
    let number = node.words("subscriberId");
    let number = number.or_else(|| node.list("identifier").iter().find_map(|identifier| identifier.words("value")));
    let period = node.get("period");
    let mut body = Body::default();
    body.put("payer", Some(context.party(node.list("payor"))?))
        .put("plan", plan.or_else(|| node.get("type").and_then(title)))
        .put("member_number", number)
        .put("group", class("group").and_then(|class| class.words("value").or_else(|| class.words("name"))))
        .put("holder", holder.and_then(|holder| context.name(holder)))
        .put("start", period.and_then(|period| when(period.words("start"))))
        .put("end", period.and_then(|period| when(period.words("end"))));
    Some(body)
}
