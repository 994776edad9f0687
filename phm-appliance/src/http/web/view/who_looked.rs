//! Who looked at what, when and why, in as few lines as tell it.
//!
//! The audit trail has an entry for each kind of record a page reads. Whoever turns a few pages makes one line here: a
//! visit, with how many records of which kinds were shown. What was changed is told apart from what was looked at, and a
//! look at nothing is no look.

use askama::Template;
use phm_core::time::Instant;

use super::page::Page;
use super::records::Pager;
use crate::http::web::forms::{labels, layout};
use crate::i18n::Locale;

/// Looks of one person with shorter pauses than this are one visit.
const PAUSE_MILLIS: i64 = 10 * 60 * 1000;

/// An entry of the audit trail in the shape of the contract.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct AuditData {
    /// When.
    pub at: String,
    /// Who: `account`, `operator`, `plugin`, `token`, `job`.
    pub actor_type: String,
    /// Their name.
    pub actor_name: String,
    /// What they did: `read`, `add`, …
    pub action: String,
    /// With which kind; empty for all.
    pub kind: String,
    /// How many records.
    pub count: u64,
    /// What for.
    pub purpose: String,
    /// `allowed`, `refused` or `failed`.
    pub outcome: String,
    /// The host that a plugin sent something to; empty for none.
    pub sent_to: String,
}

/// Who looked at what, when and why.
#[derive(Debug, Template)]
#[template(path = "who_looked.html")]
pub struct WhoLooked {
    /// Shared parts.
    pub page: Page,
    /// Days, newest first.
    pub days: Vec<AuditDay>,
    /// Where in the list.
    pub pager: Pager,
    /// What is left of it.
    pub filter: LookFilter,
    /// Kinds to choose from: word and name.
    pub kinds: Vec<(String, String)>,
}

/// Which entries are asked for; empty for all.
#[derive(Clone, Debug, Default)]
pub struct LookFilter {
    /// A type of actor, such as `plugin`, or the id of one.
    pub actor: String,
    /// The kind of record.
    pub kind: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
}

impl LookFilter {
    /// Types of actors to choose from.
    pub const ACTORS: [&str; 5] = ["person", "token", "plugin", "service", "operator"];

    /// The same as pairs of a query.
    pub fn pairs(&self) -> [(&'static str, &str); 4] {
        [("actor", &*self.actor), ("kind", &*self.kind), ("from", &*self.from), ("to", &*self.to)]
    }

    /// The same as a query; empty where everything is asked for.
    pub fn query(&self) -> String {
        let pairs: Vec<_> = self.pairs().into_iter().filter(|(_, value)| !value.is_empty()).collect();
        serde_urlencoded::to_string(pairs).unwrap_or_default()
    }

    /// Whether something is left out.
    pub fn narrows(&self) -> bool {
        self.pairs().iter().any(|(_, value)| !value.is_empty())
    }
}

/// One day of the trail.
#[derive(Clone, Debug)]
pub struct AuditDay {
    /// The day in words.
    pub name: String,
    /// Its lines.
    pub rows: Vec<AuditView>,
}

/// One line, ready to print.
#[derive(Clone, Debug)]
pub struct AuditView {
    /// The time, or from when to when.
    pub time: String,
    /// Who.
    pub actor: String,
    /// Icon of who.
    pub icon: &'static str,
    /// What, in a sentence.
    pub sentence: String,
    /// How many records of which kinds, most first.
    pub parts: Vec<String>,
    /// What for, in words.
    pub purpose: String,
    /// Whether it was done behind a broken glass.
    pub broken: bool,
    /// Whether it was refused.
    pub refused: bool,
}

/// Entries that are told in one line.
struct Visit<'a> {
    first: &'a AuditData,
    from: Option<Instant>,
    to: Option<Instant>,
    kinds: Vec<(&'a str, u64)>,
}

impl<'a> Visit<'a> {
    fn new(entry: &'a AuditData, at: Option<Instant>) -> Self {
        Self { first: entry, from: at, to: at, kinds: vec![(&entry.kind, entry.count)] }
    }

    /// Whether `entry`, which is older, belongs to the same: the same person doing the same for the same reason soon
    /// before, with records of whatever kind.
    fn takes(&self, entry: &AuditData, at: Option<Instant>, t: &Locale) -> bool {
        let same = |part: fn(&AuditData) -> &str| part(self.first) == part(entry);
        let (Some(from), Some(at)) = (self.from, at) else { return false };
        // Giving access, restricting and keeping for a time are deeds of their own.
        if matches!(entry.action.as_str(), "administer" | "revoke") && self.first.kind != entry.kind {
            return false;
        }
        same(|entry| &entry.actor_type)
            && same(|entry| &entry.actor_name)
            && same(|entry| &entry.action)
            && same(|entry| &entry.purpose)
            && same(|entry| &entry.outcome)
            && same(|entry| &entry.sent_to)
            && from.millis() - at.millis() <= PAUSE_MILLIS
            && t.local_date(from) == t.local_date(at)
    }

    fn add(&mut self, entry: &'a AuditData, at: Option<Instant>) {
        self.from = at;
        match self.kinds.iter_mut().find(|(kind, _)| *kind == entry.kind) {
            Some((_, count)) => *count += entry.count,
            None => self.kinds.push((&entry.kind, entry.count)),
        }
    }

    fn view(mut self, t: &Locale) -> AuditView {
        self.kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let entry = self.first;
        // Letting somebody see is no record that is shared: it is told as what it is.
        let lets_in = matches!(entry.kind.as_str(), "grant" | "relation") && entry.action != "revoke";
        let key = match (entry.kind.as_str(), entry.action.as_str()) {
            ("restriction", "administer") => "audit-restrict".to_owned(),
            ("restriction", "revoke") => "audit-lift".to_owned(),
            ("retention", "administer") => "audit-retention".to_owned(),
            ("acceptance", "administer") => "audit-acceptance".to_owned(),
            ("acceptance", "revoke") => "audit-acceptance-end".to_owned(),
            _ if lets_in => "audit-administer".to_owned(),
            (_, action) => format!("audit-{action}"),
        };
        let key = if t.has(&key) { key } else { "audit-other".to_owned() };
        let records = self.kinds.iter().map(|(_, count)| count).sum::<u64>();
        let what = |kind: &str| if kind.is_empty() { t.say("audit-everything") } else { labels::kinds(t, kind) };
        let part = |(kind, count): &(&str, u64)| {
            t.with_all("audit-part", &[("what", &what(kind)), ("count", &t.number(count))])
        };
        let sent_to = Some(&entry.sent_to).filter(|host| !host.is_empty());
        let clock = |at: Option<Instant>| at.map(|at| t.time(at)).unwrap_or_default();
        let (from, to) = (clock(self.from), clock(self.to));
        AuditView {
            time: if from == to { to } else { t.with_all("time-span", &[("from", &from), ("to", &to)]) },
            actor: if entry.actor_type == "operator" { t.say("actor-operator") } else { entry.actor_name.clone() },
            icon: match entry.actor_type.as_str() {
                "operator" => "server",
                "plugin" | "token" | "service" => "key-round",
                "job" => "clock",
                _ => "user-round",
            },
            sentence: match sent_to {
                Some(host) => t.with("audit-sent", "host", host),
                None => t.with(&key, "records", t.count("records-count", records)),
            },
            parts: if sent_to.is_some() { Vec::new() } else { self.kinds.iter().map(part).collect() },
            purpose: match entry.purpose.strip_prefix("break-glass: ") {
                Some(reason) => t.with("purpose-break-glass", "reason", reason),
                None => t
                    .first_of(&[&format!("purpose-{}", entry.purpose.replace(' ', "-"))])
                    .unwrap_or_else(|| entry.purpose.clone()),
            },
            broken: entry.purpose.starts_with("break-glass: "),
            refused: entry.outcome == "refused" || entry.outcome == "denied",
        }
    }
}

impl WhoLooked {
    /// The types of actors to choose from: word and name.
    pub fn actors(&self) -> Vec<(&'static str, String)> {
        LookFilter::ACTORS.map(|word| (word, self.page.t.say(&format!("looked-{word}")))).to_vec()
    }

    /// The page of these entries, newest first.
    pub fn new(page: Page, entries: &[AuditData], pager: Pager) -> Self {
        let t = page.t.clone();
        let mut visits: Vec<Visit<'_>> = Vec::new();
        let tells = |entry: &&AuditData| entry.count > 0 || entry.outcome != "allowed" || !entry.sent_to.is_empty();
        for entry in entries.iter().filter(tells) {
            let at = entry.at.parse::<Instant>().ok();
            // Two people may look at the same time: each has a visit of their own, and both are still near the end.
            match visits.iter_mut().rev().take(8).find(|visit| visit.takes(entry, at, &t)) {
                Some(visit) => visit.add(entry, at),
                None => visits.push(Visit::new(entry, at)),
            }
        }
        let mut days: Vec<AuditDay> = Vec::new();
        for visit in visits {
            let name = visit.to.map(|at| t.date(t.local_date(at))).unwrap_or_default();
            let view = visit.view(&t);
            match days.last_mut().filter(|day| day.name == name) {
                Some(day) => day.rows.push(view),
                None => days.push(AuditDay { name, rows: vec![view] }),
            }
        }
        let listed = layout::LAYOUTS.iter().filter(|layout| !layout.collection.is_empty());
        let kinds = listed.map(|layout| (layout.kind.to_owned(), labels::kinds(&t, layout.kind))).collect();
        Self { page, days, pager, filter: LookFilter::default(), kinds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::web::gallery::plain_page;

    fn entry(at: &str, who: &str, action: &str, kind: &str, count: u64) -> AuditData {
        AuditData {
            at: format!("2026-11-22T{at}:00.000Z"),
            actor_type: "account".into(),
            actor_name: who.into(),
            action: action.into(),
            kind: kind.into(),
            count,
            purpose: "care".into(),
            outcome: "allowed".into(),
            sent_to: String::new(),
        }
    }

    fn told(entries: &[AuditData]) -> Vec<String> {
        let view = WhoLooked::new(plain_page(), entries, Pager::default());
        let line = |row: &AuditView| format!("{} {}: {} ({})", row.time, row.actor, row.sentence, row.parts.join(", "));
        view.days.iter().flat_map(|day| &day.rows).map(line).collect()
    }

    #[test]
    fn turning_a_few_pages_is_one_line_and_a_look_at_nothing_is_none() {
        let entries = [
            entry("10:09", "Asha", "read", "lab-result", 30),
            entry("10:02", "Asha", "read", "vital-sign", 7),
            entry("10:02", "Ravi", "read", "document", 1),
            entry("10:02", "Asha", "read", "medication", 0),
            entry("10:02", "Asha", "read", "lab-result", 4),
            entry("09:30", "Asha", "read", "lab-result", 2),
        ];
        assert_eq!(
            told(&entries),
            [
                "10:02–10:09 Asha: Looked at 41 records (Lab results 34, Vital signs 7)",
                "10:02 Ravi: Looked at 1 record (Documents 1)",
                "09:30 Asha: Looked at 2 records (Lab results 2)",
            ]
        );
    }

    #[test]
    fn what_a_plugin_sent_is_told_with_the_host_though_no_record_was_read() {
        let sent = |at: &str, host: &str| AuditData { sent_to: host.into(), ..entry(at, "sender", "read", "note", 0) };
        let entries = [
            sent("10:03", "b.example"),
            sent("10:02", "a.example"),
            entry("10:02", "sender", "read", "note", 3),
            sent("10:01", "a.example"),
        ];
        assert_eq!(
            told(&entries),
            [
                "10:03 sender: Sent something to b.example ()",
                "10:01–10:02 sender: Sent something to a.example ()",
                "10:02 sender: Looked at 3 records (Notes 3)",
            ]
        );
    }

    #[test]
    fn what_is_asked_of_the_house_is_told_as_what_it_is() {
        let lines = told(&[
            entry("10:03", "Asha", "administer", "restriction", 1),
            entry("10:02", "Asha", "revoke", "restriction", 1),
            entry("10:01", "Asha", "administer", "retention", 1),
            entry("10:00", "Asha", "administer", "grant", 1),
        ]);
        for said in ["Restricted use", "Lifted a restriction", "Changed for how long", "Changed who may see"] {
            assert!(lines.iter().any(|line| line.contains(said)), "{said}: {lines:?}");
        }
    }

    #[test]
    fn changes_stand_apart_and_a_refusal_is_told_though_nothing_was_seen() {
        let refused = AuditData { outcome: "refused".into(), ..entry("10:00", "Ravi", "read", "note", 0) };
        let entries =
            [entry("10:01", "Asha", "amend", "condition", 1), entry("10:01", "Asha", "read", "condition", 2), refused];
        let lines = told(&entries);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("Changed 1 record (Conditions 1)"), "{lines:?}");
    }
}
