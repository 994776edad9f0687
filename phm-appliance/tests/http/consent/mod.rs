//! Who may see what, as clients meet it: grants, emergencies, families, tokens, accounts.

mod grants;
mod people;

use serde_json::{Value, json};

use crate::house::{Home, Person};

const MISSING: (u16, &str) = (404, "not-found");
const REFUSED: (u16, &str) = (403, "not-granted");

fn code(failure: &(u16, String)) -> (u16, &str) {
    (failure.0, &failure.1)
}

/// Asha, who is admin and patient, with a result and a private note; a doctor and Ravi who have nothing to do with her.
struct Practice {
    home: Home,
    asha: Person,
    doctor: Person,
    ravi: Person,
}

impl Practice {
    async fn new() -> Self {
        let (home, [asha, ravi]) = Home::of(["Asha", "Ravi"]).await;
        let doctor = home.move_in_as("Doctor", &["provider"]).await;
        let practice = Self { home, asha, doctor, ravi };
        let result =
            json!({"concept": "HbA1c", "quantity": {"value": "7.1", "unit": "%"}, "collected_at": "2026-01-10"});
        practice.home.post(&practice.of("lab-results"), Some(&practice.asha), result).await;
        let note = json!({"text": "for nobody", "private": true});
        practice.home.post(&practice.of("notes"), Some(&practice.asha), note).await;
        practice
    }

    /// A path below Asha.
    fn of(&self, rest: &str) -> String {
        format!("/api/v1/profiles/{}/{rest}", self.asha.profile)
    }

    async fn sees(&self, who: &Person, collection: &str) -> Result<u64, (u16, String)> {
        let reply = self.home.get(&self.of(collection), Some(who)).await;
        if reply.status == 200 {
            return Ok(reply.json()["meta"]["pagination"]["total"].as_u64().expect("a list"));
        }
        Err(reply.failure())
    }

    async fn grant(&self, terms: Value) -> Value {
        let made = self.home.post(&self.of("grants"), Some(&self.asha), terms).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.data()
    }
}
