//! The words of dose notations in English, Hindi and Punjabi, and what each says.
//!
//! A notation is understood only if every word of it is here. What says one thing to some and another to others is not (`td`),
//! nor what parts one time from the next (`then`). Abbreviations are those of common prescribing use in India
//! and Britain (Latin: `bd`, `tds`, `hs`, `pc`).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::{DayPart, Meal, Weekday};

/// What a word or a phrase says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Says {
    /// So many times a day, as an abbreviation.
    Daily(u64),
    /// A number.
    Number(f64),
    /// `times`.
    Times,
    /// `once`, `twice`: so many times.
    Often(u64),
    /// `daily`, `weekly`, `दिन में`: in every one of a unit. After a bare number it is something else (`3 monthly` is every
    /// three months, `3 दिन में` within three days).
    Per(&'static str),
    /// `a day`, `per week`: the same, and after a bare number so many times.
    A(&'static str),
    /// `every`.
    Every,
    /// `hours`.
    Hours,
    /// `hourly`, after a number.
    Hourly,
    /// `days`.
    Days,
    /// `weeks`.
    Weeks,
    /// `months`.
    Months,
    /// Every other day.
    OtherDay,
    /// A part of the day.
    Part(DayPart),
    /// With food or without.
    Meal(Meal),
    /// Only when it is needed.
    AsNeeded,
    /// What for; by itself it is taken only then, beside a rhythm nobody knows which of the two is meant.
    Reason,
    /// At most.
    AtMost,
    /// Before a day of the week it says nothing; by itself it is `omni nocte` to some.
    Before,
    /// Behind hours that pass it says nothing (`हर 8 घंटे बाद`); behind anything else it is later.
    Later,
    /// A day of the week.
    On(Weekday),
    /// A unit of a dose.
    Of(&'static str),
    /// Nothing that matters.
    Nothing,
}

use Says::{
    A, AsNeeded, AtMost, Before, Daily, Days, Every, Hourly, Hours, Later, Months, Nothing, Number, Of, Often, On,
    OtherDay, Per, Reason, Times, Weeks,
};

const PHRASES: &[(Says, &[&str])] = &[
    (Daily(1), &["od", "qd", "once daily", "once a day", "one time a day"]),
    (Daily(2), &["bd", "bid", "bds", "twice daily", "twice a day", "twice in a day"]),
    (Daily(3), &["tds", "tid", "thrice daily", "thrice a day"]),
    (Daily(4), &["qid", "qds"]),
    (Number(0.5), &["half", "½", "a half", "आधी", "आधा", "ਅੱਧੀ", "ਅੱਧਾ"]),
    (Number(1.0), &["one", "एक", "ਇੱਕ", "ਇਕ"]),
    (Number(2.0), &["two", "दो", "ਦੋ"]),
    (Number(3.0), &["three", "तीन", "ਤਿੰਨ"]),
    (Number(4.0), &["four", "चार", "ਚਾਰ"]),
    (Number(5.0), &["five", "पांच", "पाँच", "ਪੰਜ"]),
    (Number(6.0), &["six", "छह", "छः", "ਛੇ"]),
    (Number(7.0), &["seven", "सात", "ਸੱਤ"]),
    (Number(8.0), &["eight", "आठ", "ਅੱਠ"]),
    (Number(10.0), &["ten", "दस", "ਦਸ"]),
    (Number(12.0), &["twelve", "बारह", "ਬਾਰਾਂ"]),
    (Times, &["times", "time", "बार", "दफा", "ਵਾਰ", "ਵਾਰੀ", "ਵੇਰ"]),
    (A("d"), &["a day", "per day", "in a day", "/ day", "/ d", "in 24 hours", "24 घंटे में"]),
    (
        Per("d"),
        &[
            "daily",
            "each day",
            "every day",
            "everyday",
            "दिन में",
            "एक दिन में",
            "रोज",
            "रोज़",
            "रोजाना",
            "रोज़ाना",
            "प्रतिदिन",
            "हर रोज",
            "हर रोज़",
            "हर दिन",
            "ਦਿਨ ਵਿੱਚ",
            "ਦਿਨ ਵਿਚ",
            "ਰੋਜ਼",
            "ਰੋਜ਼ਾਨਾ",
            "ਹਰ ਰੋਜ਼",
            "ਹਰ ਦਿਨ",
            "ਦਿਨ ਚ",
        ],
    ),
    (A("wk"), &["a week", "per week", "in a week", "/ week", "/ wk"]),
    (
        Per("wk"),
        &[
            "weekly",
            "each week",
            "every week",
            "हफ्ते में",
            "हफ़्ते में",
            "सप्ताह में",
            "हर हफ्ते",
            "हर हफ़्ते",
            "ਹਫ਼ਤੇ ਵਿੱਚ",
            "ਹਫਤੇ ਵਿੱਚ",
            "ਹਰ ਹਫ਼ਤੇ",
            "ਹਰ ਹਫਤੇ",
        ],
    ),
    (A("mo"), &["a month", "per month", "in a month", "/ month"]),
    (Per("mo"), &["monthly", "each month", "every month", "महीने में", "हर महीने", "ਮਹੀਨੇ ਵਿੱਚ", "ਹਰ ਮਹੀਨੇ"]),
    (Every, &["every", "each", "q", "हर", "प्रत्येक", "ਹਰ"]),
    (Hours, &["h", "hr", "hrs", "hour", "hours", "घंटे", "घंटा", "घण्टे", "ਘੰਟੇ", "ਘੰਟਾ"]),
    (Hourly, &["hourly", "hrly"]),
    (Days, &["d", "day", "days", "दिन", "दिनों", "ਦਿਨ", "ਦਿਨਾਂ"]),
    (Weeks, &["wk", "wks", "week", "weeks", "हफ्ते", "हफ़्ते", "हफ्ता", "सप्ताह", "ਹਫ਼ਤੇ", "ਹਫਤੇ", "ਹਫ਼ਤਾ"]),
    (Months, &["month", "months", "महीने", "महीना", "ਮਹੀਨੇ", "ਮਹੀਨਾ"]),
    (
        OtherDay,
        &[
            "qod",
            "eod",
            "alternate day",
            "alternate days",
            "on alternate days",
            "every other day",
            "every alternate day",
            "every second day",
            "एक दिन छोड़कर",
            "एक दिन छोड़ कर",
            "एक दिन छोड़कर एक दिन",
            "हर दूसरे दिन",
            "ਇੱਕ ਦਿਨ ਛੱਡ ਕੇ",
            "ਇਕ ਦਿਨ ਛੱਡ ਕੇ",
            "ਇੱਕ ਦਿਨ ਛੱਡਕੇ",
            "ਹਰ ਦੂਜੇ ਦਿਨ",
        ],
    ),
    (
        Says::Part(DayPart::Morning),
        &[
            "morning",
            "in the morning",
            "om",
            "mane",
            "every morning",
            "am",
            "सुबह",
            "सुबह को",
            "सवेरे",
            "ਸਵੇਰੇ",
            "ਸਵੇਰ",
            "ਸਵੇਰੇ ਨੂੰ",
        ],
    ),
    (
        Says::Part(DayPart::Noon),
        &[
            "noon",
            "at noon",
            "afternoon",
            "in the afternoon",
            "दोपहर",
            "दोपहर को",
            "दोपहर में",
            "ਦੁਪਹਿਰ",
            "ਦੁਪਹਿਰੇ",
            "ਦੁਪਹਿਰ ਨੂੰ",
        ],
    ),
    (
        Says::Part(DayPart::Evening),
        &["evening", "in the evening", "every evening", "शाम", "शाम को", "सायं", "सांय", "ਸ਼ਾਮ", "ਸ਼ਾਮ ਨੂੰ", "ਸ਼ਾਮੀ"],
    ),
    (
        Says::Part(DayPart::Night),
        &[
            "night",
            "at night",
            "hs",
            "nocte",
            "bedtime",
            "at bedtime",
            "before bed",
            "every night",
            "in the night",
            "nightly",
            "रात",
            "रात को",
            "रात में",
            "सोते समय",
            "सोने से पहले",
            "रात को सोते समय",
            "रात को सोने से पहले",
            "रात में सोते समय",
            "ਰਾਤ",
            "ਰਾਤ ਨੂੰ",
            "ਸੌਣ ਵੇਲੇ",
            "ਸੌਣ ਤੋਂ ਪਹਿਲਾਂ",
            "ਰਾਤ ਨੂੰ ਸੌਣ ਵੇਲੇ",
            "ਰਾਤ ਨੂੰ ਸੌਣ ਤੋਂ ਪਹਿਲਾਂ",
        ],
    ),
    (
        Says::Meal(Meal::After),
        &[
            "pc",
            "after food",
            "after meals",
            "after meal",
            "after eating",
            "खाने के बाद",
            "भोजन के बाद",
            "खाना खाने के बाद",
            "ਖਾਣੇ ਤੋਂ ਬਾਅਦ",
            "ਖਾਣਾ ਖਾਣ ਤੋਂ ਬਾਅਦ",
            "ਰੋਟੀ ਤੋਂ ਬਾਅਦ",
            "ਖਾਣ ਤੋਂ ਬਾਅਦ",
        ],
    ),
    (
        Says::Meal(Meal::Before),
        &[
            "ac",
            "before food",
            "before meals",
            "before meal",
            "before eating",
            "खाने से पहले",
            "भोजन से पहले",
            "खाना खाने से पहले",
            "ਖਾਣੇ ਤੋਂ ਪਹਿਲਾਂ",
            "ਖਾਣਾ ਖਾਣ ਤੋਂ ਪਹਿਲਾਂ",
            "ਰੋਟੀ ਤੋਂ ਪਹਿਲਾਂ",
            "ਖਾਣ ਤੋਂ ਪਹਿਲਾਂ",
        ],
    ),
    (
        Says::Meal(Meal::With),
        &["with food", "with meals", "with meal", "खाने के साथ", "भोजन के साथ", "ਖਾਣੇ ਨਾਲ", "ਖਾਣੇ ਦੇ ਨਾਲ", "ਰੋਟੀ ਨਾਲ"],
    ),
    (
        Says::Meal(Meal::Empty),
        &["empty stomach", "on empty stomach", "on an empty stomach", "खाली पेट", "ਖਾਲੀ ਪੇਟ", "ਖ਼ਾਲੀ ਪੇਟ"],
    ),
    (
        AsNeeded,
        &[
            "sos",
            "prn",
            "as needed",
            "if needed",
            "when needed",
            "when required",
            "as required",
            "if required",
            "जरूरत पड़ने पर",
            "ज़रूरत पड़ने पर",
            "जरूरत होने पर",
            "ज़रूरत होने पर",
            "ਲੋੜ ਪੈਣ ਤੇ",
            "ਲੋੜ ਪੈਣ 'ਤੇ",
            "ਲੋੜ ਅਨੁਸਾਰ",
        ],
    ),
    (Reason, &["if pain", "for pain", "दर्द होने पर", "बुखार होने पर", "ਦਰਦ ਹੋਣ ਤੇ", "ਬੁਖਾਰ ਹੋਣ ਤੇ", "ਬੁਖ਼ਾਰ ਹੋਣ ਤੇ"]),
    (
        AtMost,
        &[
            "max",
            "maximum",
            "at most",
            "not more than",
            "no more than",
            "up to",
            "upto",
            "ज्यादा से ज्यादा",
            "ज़्यादा से ज़्यादा",
            "अधिकतम",
            "ਵੱਧ ਤੋਂ ਵੱਧ",
        ],
    ),
    (Before, &["on"]),
    (Later, &["बाद", "के बाद", "ਬਾਅਦ", "ਤੋਂ ਬਾਅਦ", "ਬਾਅਦ ਵਿੱਚ", "ਬਾਅਦ ਵਿਚ"]),
    (On(Weekday::Monday), &["monday", "mondays", "mon", "सोमवार", "ਸੋਮਵਾਰ"]),
    (On(Weekday::Tuesday), &["tuesday", "tuesdays", "tue", "मंगलवार", "ਮੰਗਲਵਾਰ"]),
    (On(Weekday::Wednesday), &["wednesday", "wednesdays", "wed", "बुधवार", "ਬੁੱਧਵਾਰ"]),
    (On(Weekday::Thursday), &["thursday", "thursdays", "thu", "गुरुवार", "बृहस्पतिवार", "ਵੀਰਵਾਰ"]),
    (On(Weekday::Friday), &["friday", "fridays", "fri", "शुक्रवार", "ਸ਼ੁੱਕਰਵਾਰ"]),
    (On(Weekday::Saturday), &["saturday", "saturdays", "sat", "शनिवार", "ਸ਼ਨੀਵਾਰ", "ਸ਼ਨਿੱਚਰਵਾਰ"]),
    (On(Weekday::Sunday), &["sunday", "sundays", "रविवार", "इतवार", "ਐਤਵਾਰ"]),
    (Of("{tablet}"), &["tablet", "tablets", "tab", "tabs", "गोली", "गोलियां", "गोलियाँ", "ਗੋਲੀ", "ਗੋਲੀਆਂ"]),
    (Of("{capsule}"), &["capsule", "capsules", "cap", "caps", "कैप्सूल", "ਕੈਪਸੂਲ"]),
    (Of("mL"), &["ml", "मिली", "एमएल", "ਐਮਐਲ"]),
    (Of("{puff}"), &["puff", "puffs", "पफ", "ਪਫ"]),
    (Of("{drop}"), &["drop", "drops", "बूंद", "बूंदें", "ਬੂੰਦ", "ਬੂੰਦਾਂ"]),
    (Of("mg"), &["mg"]),
    (Of("[IU]"), &["iu", "units"]),
    (
        Nothing,
        &[
            "take",
            "and",
            "the",
            "for",
            "x",
            "at",
            "in",
            "only",
            "please",
            "orally",
            "by mouth",
            "to be taken",
            "po",
            "और",
            "को",
            "लें",
            "खाएं",
            "लेनी",
            "है",
            "तक",
            "के लिए",
            "में",
            "व",
            "पर",
            "ਅਤੇ",
            "ਤੇ",
            "ਨੂੰ",
            "ਲਓ",
            "ਲਵੋ",
            "ਖਾਓ",
            "ਲਈ",
            "ਤੱਕ",
            "ਵਿੱਚ",
        ],
    ),
    (Often(1), &["once"]),
    (Often(2), &["twice"]),
    (Often(3), &["thrice"]),
];

/// Phrases by their words, and the number of words of the longest.
pub(super) struct Lexicon {
    phrases: HashMap<String, Says>,
    longest: usize,
}

impl Lexicon {
    /// The longest phrase that `words` begin with, and how many words it has.
    pub fn longest(&self, words: &[String]) -> Option<(Says, usize)> {
        (1..=self.longest.min(words.len()))
            .rev()
            .find_map(|length| self.phrases.get(&words[..length].join(" ")).map(|says| (*says, length)))
    }
}

pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut phrases = HashMap::new();
    let mut longest = 1;
    for (says, words) in PHRASES {
        for phrase in *words {
            let words = super::letters::words(phrase);
            longest = longest.max(words.len());
            phrases.insert(words.join(" "), *says);
        }
    }
    Lexicon { phrases, longest }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_phrase_says_two_things() {
        let mut seen: HashMap<String, Says> = HashMap::new();
        for (says, words) in PHRASES {
            for phrase in *words {
                let key = super::super::letters::words(phrase).join(" ");
                let before = seen.insert(key, *says);
                assert!(before.is_none_or(|before| before == *says), "{phrase} is {says:?} and {before:?}");
            }
        }
    }
}
