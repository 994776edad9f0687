//! The one table of permissions against the program: every operation of the API for everybody who could ask, about a
//! person, about somebody who does not exist, and about a record that does not.

mod asks;
mod house;
mod operations;

use asks::Ask;
use phm_appliance::permissions::{Table, Verdict};
use serde_json::{Value, json};

use crate::house::{Person, Reply};

pub use house::House;
pub use operations::{Operation, operations};

pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Whether a reply is what the table says; a success may still fail for reasons that are no permission.
pub fn fits(verdict: Verdict, status: u16, code: &str) -> bool {
    match verdict {
        Verdict::Yes => status < 500 && !matches!(status, 401 | 403) && (status != 404 || code == "no-original"),
        Verdict::No => status == 403,
        Verdict::Unknown => status == 404,
        Verdict::Door => status == 401,
        Verdict::Open => status < 500,
    }
}

/// What a reply says, but for its number and its time.
pub fn said(reply: &Reply) -> (u16, Value) {
    let mut json = reply.json();
    (json["request_id"], json["timestamp"]) = (Value::Null, Value::Null);
    (reply.status.as_u16(), json)
}

#[tokio::test]
async fn every_operation_does_for_everybody_what_the_table_says() {
    let (table, house) = (Table::standard(), House::new().await);
    let mut wrong = Vec::new();
    let mut named = Vec::new();
    for operation in operations() {
        let Some(row) = table.row(&operation.name) else {
            wrong.push(format!("{} has no row in permissions.txt", operation.name));
            continue;
        };
        named.push(row.operation);
        for (column, who) in &house.who {
            let verdict = table.verdict(&operation.name, column).expect("a column");
            let ask = house.ask(&operation, verdict == Verdict::Yes).await;
            let reply = house.send(&ask, who.as_ref()).await;
            let (status, text) = (reply.status.as_u16(), reply.text());
            // An imported original is there or not, for whoever may see it.
            let code = if operation.name.ends_with("_original") { "no-original" } else { "" };
            if !fits(verdict, status, code) {
                let text: String = text.chars().take(120).collect();
                wrong.push(format!(
                    "{} for {column}: {} wanted, {status} came: {text}",
                    operation.name,
                    verdict.sign()
                ));
            }
        }
    }
    for row in &table.rows {
        if !named.contains(&row.operation) {
            wrong.push(format!("{} is no operation", row.operation));
        }
    }
    assert!(wrong.is_empty(), "{}\n{} in all", wrong[..wrong.len().min(60)].join("\n"), wrong.len());
}

#[tokio::test]
async fn whoever_has_nothing_to_do_with_a_person_is_answered_as_if_there_were_none() {
    let house = House::new().await;
    let strangers: Vec<&Person> = house
        .who
        .iter()
        .filter(|(column, _)| matches!(*column, "stranger" | "provider" | "admin" | "ended"))
        .filter_map(|(_, who)| who.as_ref())
        .collect();
    for operation in operations().into_iter().filter(|operation| operation.path.contains("{profile}")) {
        if matches!(operation.name.as_str(), "break_glass") {
            continue;
        }
        let ask = house.ask(&operation, false).await;
        let missing = ask.about_nobody(&house.kid.profile);
        for who in &strangers {
            let (one, other) = (house.send(&ask, Some(*who)).await, house.send(&missing, Some(*who)).await);
            assert_eq!(said(&one), said(&other), "{}", operation.name);
            assert_eq!(one.status, 404, "{}: {}", operation.name, one.text());
        }
        // A record that is not there is not there for the person either.
        if operation.path.contains("{id}") {
            let path = operation.path.replace("{profile}", &house.kid.profile).replace("{id}", NOBODY);
            let gone = Ask { path: path.replace("{entry}", "1"), ..house.ask(&operation, false).await };
            let gone = if operation.name.ends_with("_rectify") { gone.with(json!({"confirm": NOBODY})) } else { gone };
            assert_eq!(house.send(&gone, Some(&house.kid)).await.status, 404, "{}", operation.name);
        }
    }
}
