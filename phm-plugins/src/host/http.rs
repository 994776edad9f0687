//! `http.fetch`: the one way by which something a plugin knows can leave the house.
//!
//! A host is reached that the manifest declares and the administrator granted, and, in a call about a person, that a grant of
//! theirs names together with this plugin. It is reached by https, at the public addresses its name had when it was looked up for
//! this very request, which are the ones that are dialled. Every redirect passes all of that anew. What is sent about a person
//! stands in the audit before it leaves.

use std::time::{Duration, Instant};

use phm_plugin_api::v1::calls::{Fetched, HttpFetch};
use phm_plugin_api::v1::{Door, Operation as _, Refusal};

use super::outside::{Answer, Ask, Trouble, Ways};
use super::place::Place;
use super::{Host, failed, kv};
use crate::api::v1::{misformed, wrong};
use crate::granter::refusal;

/// Redirects of one fetch at most.
const MOST_REDIRECTS: usize = 5;
/// How long one fetch may take, however long the call may.
const PATIENCE: Duration = Duration::from_secs(10);

/// `http.fetch`
pub fn fetch(host: &mut Host, asked: HttpFetch) -> Result<Fetched, Refusal> {
    let mut body = match (asked.method.as_str(), asked.body) {
        ("GET", None) => None,
        ("POST", body) => Some(body.unwrap_or_default()),
        ("GET", Some(_)) => return Err(misformed("bad-arguments", "a GET has no body")),
        _ => return Err(misformed("bad-arguments", "the method is GET or POST")),
    };
    let no_address = || misformed("bad-arguments", "an address is https:// and a host by name, without a user");
    let mut place = Place::parse(&asked.url).ok_or_else(no_address)?;
    let until = host.ends().min(Instant::now() + PATIENCE);
    for _ in 0..=MOST_REDIRECTS {
        let answer = once(host, &place, body.as_deref(), until)?;
        let Some(location) = answer.location.as_deref().filter(|_| leads_on(answer.status)) else {
            let text = String::from_utf8(answer.body).map_err(|_| wrong("not-text", "the answer is no text"))?;
            return Ok(Fetched { status: answer.status, body: text });
        };
        place = place.follow(location).ok_or_else(|| wrong("bad-redirect", "the host leads on to no address"))?;
        // As browsers do (RFC 9110, 15.4): what was sent is sent again by 307 and 308 only.
        if !matches!(answer.status, 307 | 308) {
            body = None;
        }
    }
    Err(refusal("too-many-redirects", Door::Limit, "the host leads on more than five times"))
}

/// The host that something was sent to, where an operation of the audit is a sending.
pub fn sent_to(operation: &str) -> Option<&str> {
    operation.strip_prefix(HttpFetch::NAME)?.strip_prefix(' ')
}

fn leads_on(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// One request, through every door.
fn once(host: &Host, place: &Place, body: Option<&str>, until: Instant) -> Result<Answer, Refusal> {
    host.pass(HttpFetch::NAME, None, Some(place.host()))?;
    let permit = host.sessions().consent_to_send(place.host())?;
    let ways: Ways = host.ways().ok_or_else(|| wrong("unavailable", "this house does not lend that"))?;
    let addresses = ways.addresses(place, until)?;
    if let Some(permit) = permit {
        kv::sending(host, permit.profile())?;
        // First noted, then sent: nothing about a person leaves that does not stand there.
        let operation = format!("{} {}", HttpFetch::NAME, place.host());
        let noted = host.sessions().noted().note_sending(&operation, &permit);
        noted.map_err(|error| failed(&error))?;
    }
    // In a reply some letters are written as several.
    let most = host.limits().message_bytes / 2;
    let url = place.url();
    let ask = Ask { url: &url, addresses: &addresses, body, most, until };
    ways.outside().ask(&ask).map_err(|trouble| match trouble {
        Trouble::TooLate => refusal("too-late", Door::Limit, "the host took too long"),
        Trouble::TooLarge => refusal("answer-too-large", Door::Limit, "the answer is larger than half a message"),
        Trouble::Failed => wrong("unreachable", "the host could not be reached, or did not prove who it is"),
    })
}
