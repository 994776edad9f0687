//! What things are called: codes of a terminology and concepts in words and codes.

use crate::fields;

use super::{At, Report, Summary, Text, Word};

fields! {
    /// A code of a terminology: LOINC, SNOMED CT, RxNorm, ATC, ICD-10, CVX …
    pub struct Code is "object" {
        /// The terminology, as a URI; a bare code of a house has none.
        system: Option<Word>,
        /// The code.
        code: Word,
        /// What the terminology calls it.
        display: Option<Text>,
    }
}

fields! {
    /// A thing in words, in codes, or both.
    pub struct Concept is "concept" bare text checked by says_something {
        /// In words.
        text: Option<Text>,
        /// In codes that all mean the same.
        codes: Vec<Code>,
    }
}

fn says_something(concept: &Concept, at: &At<'_>, report: &mut Report) {
    if concept.text.is_none() && concept.codes.is_empty() {
        report.say(&at.field("text"), "required");
    }
}

impl Concept {
    /// What a person reads: the words, else what the first code is called, else that code.
    pub fn title(&self) -> &str {
        let code = self.codes.first();
        let called = self.text().or_else(|| self.codes.iter().find_map(Code::display));
        called.or_else(|| code.map(Code::code)).unwrap_or_default()
    }

    /// Whether one of the codes is this one.
    pub fn has(&self, system: &str, code: &str) -> bool {
        self.codes.iter().any(|own| own.system() == Some(system) && own.code() == code)
    }

    /// System and code of each code, for searching.
    pub(super) fn search_codes(&self) -> Vec<(String, String)> {
        let pair = |code: &Code| (code.system().unwrap_or_default().to_owned(), code.code().to_owned());
        self.codes.iter().map(pair).collect()
    }

    /// A summary with this concept as its title and codes.
    pub(super) fn summarised(&self) -> Summary {
        Summary { codes: self.search_codes(), ..Summary::of(self.title()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{read, refused, stored};

    #[test]
    fn a_bare_string_is_a_concept_in_words() {
        assert_eq!(stored::<Concept>(&json!("HbA1c")), r#"{"text":"HbA1c"}"#);
    }

    #[test]
    fn a_concept_is_called_by_its_words_first() {
        let code = json!({"system": "http://loinc.org", "code": "4548-4", "display": "Hemoglobin A1c"});
        let title = |body| read::<Concept>(&body).title().to_owned();
        assert_eq!(title(json!({"text": "Sugar", "codes": [code]})), "Sugar");
        assert_eq!(title(json!({"codes": [{"code": "x"}, code]})), "Hemoglobin A1c");
        assert_eq!(title(json!({"codes": [{"code": "x"}]})), "x");
        let concept = read::<Concept>(&json!({"codes": [code]}));
        assert!(concept.has("http://loinc.org", "4548-4") && !concept.has("http://snomed.info/sct", "4548-4"));
    }

    #[test]
    fn concepts_that_say_nothing_are_refused() {
        let cases = [
            (json!({}), "/text required"),
            (json!(""), "/text required"),
            (json!({"text": "  ", "codes": []}), "/text required"),
            (json!({"codes": [{"system": "http://loinc.org"}]}), "/codes/0/code required"),
            (json!({"codes": [{"code": ""}]}), "/codes/0/code required"),
            (json!({"codes": {"code": "x"}}), "/codes wrong-type"),
            (json!({"text": 7}), "/text wrong-type"),
            (json!({"text": "x", "a/b~c": 1}), "/a~1b~0c unknown-field"),
            (json!(7), " wrong-type"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Concept>(&body), expected, "{body}");
        }
        assert_eq!(refused::<Concept>(&json!("x".repeat(65 * 1024))), " too-long");
        assert_eq!(refused::<Concept>(&json!({"codes": vec![json!({"code": "x"}); 1001]})), "/codes too-many");
    }
}
