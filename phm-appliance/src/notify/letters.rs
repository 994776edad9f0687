//! The texts of letters, from the catalogues.

use super::Letter;
use crate::i18n::Locale;

/// Asks somebody to show that the address is theirs.
pub fn verify(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "verify", to, link)
}

/// Gives the link to choose a new password.
pub fn reset(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "reset", to, link)
}

/// Tells that the password was changed, in case it was somebody else.
pub fn changed(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "changed", to, link)
}

/// Tells that what is shown beside the password was changed, in case it was somebody else.
pub fn factors(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "factors", to, link)
}

/// Tells the address an account had that it has another one now, in case it was somebody else.
pub fn moved(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "moved", to, link)
}

/// Tells somebody who has an account that they tried to make one.
pub fn known(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "known", to, link)
}

/// Tells that somebody broke the glass of records whose holder of this address answers for them.
pub fn glass(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "glass", to, link)
}

/// Tells that somebody asked for what was arranged for an emergency.
pub fn asked(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "asked", to, link)
}

/// Tells that access to records was unusual.
pub fn unusual(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "unusual", to, link)
}

/// Tells that records were destroyed because their time was over, by a rule somebody made.
pub fn purged(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "purged", to, link)
}

/// Tells that somebody made or changed a rule that says for how long records are kept.
pub fn retention(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "retention", to, link)
}

/// Tells that somebody made a rule by which what a plugin proposes is accepted without being looked at.
pub fn acceptance(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "acceptance", to, link)
}

/// Tells that the house proposes for how long records are kept.
pub fn proposed(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "proposed", to, link)
}

/// Tells that the house destroys records by a rule of its own, unless somebody says otherwise.
pub fn announced(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "announced", to, link)
}

/// Tells the family of a person that the records belong to the person from now on.
pub fn handed(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "handed", to, link)
}

/// Tells somebody who is something to a person that an administrator wants to hand the person's records over, with the link
/// that refuses it.
pub fn handing(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "handing", to, link)
}

/// Tells whoever runs the house of it.
pub fn handing_asked(t: &Locale, to: &str, link: &str) -> Letter {
    letter(t, "handing-asked", to, link)
}

fn letter(t: &Locale, what: &str, to: &str, link: &str) -> Letter {
    let paragraphs = [
        t.say("mail-greeting"),
        t.say(&format!("mail-{what}-text")),
        link.to_owned(),
        t.say(&format!("mail-{what}-end")),
        t.say("mail-signature"),
    ];
    Letter { to: to.to_owned(), subject: t.say(&format!("mail-{what}-subject")), text: paragraphs.join("\n\n") + "\n" }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::i18n::{Digits, Language};

    #[test]
    fn every_letter_stands_in_every_language_and_says_nothing_of_anybody() {
        let link = "https://phm.example/reset#token=x";
        for language in Language::ALL {
            let t = Locale::new(language, Digits::Latin, TimeZone::UTC);
            let of_the_door = [verify, reset, changed, factors, moved, known];
            let of_people = [
                glass,
                asked,
                handed,
                unusual,
                purged,
                retention,
                acceptance,
                proposed,
                announced,
                handing,
                handing_asked,
            ];
            for make in of_the_door.into_iter().chain(of_people) {
                let letter = make(&t, "asha@example.org", link);
                assert!(letter.text.contains(link) && !letter.subject.is_empty());
                let whole = format!("{}{}", letter.subject, letter.text);
                assert!(!whole.contains("mail-") && !whole.contains("asha"), "{whole}");
            }
        }
    }
}
