//! Where a record comes from, in a sentence.

use serde_json::Value;

use crate::http::web::forms::fill::{at, text_of};
use crate::i18n::Locale;

/// Where a record of this provenance comes from; that nobody has looked at it is said where a rule accepted it.
pub fn sentence(t: &Locale, provenance: &Value) -> String {
    let text = |path: &str| at(provenance, path).map(text_of).unwrap_or_default();
    let (plugin, page, by_rule) = (text("plugin"), text("page"), !text("rule").is_empty());
    match text("how").as_str() {
        "import" => t.say("source-import"),
        "document" if page.is_empty() => t.say("source-document"),
        "document" => t.with("source-document-page", "page", t.number(page)),
        "device" => t.say("source-device"),
        "plugin" if page.is_empty() => {
            t.with(if by_rule { "source-plugin-rule" } else { "source-plugin" }, "plugin", plugin)
        }
        "plugin" => {
            let key = if by_rule { "source-plugin-page-rule" } else { "source-plugin-page" };
            t.with_all(key, &[("plugin", &plugin), ("page", &t.number(page))])
        }
        _ => t.say("source-typed"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;
    use crate::i18n::{Digits, Language};

    #[test]
    fn a_plugin_is_named_and_that_nobody_looked_is_said() {
        let t = Locale::new(Language::English, Digits::Latin, TimeZone::UTC);
        let said = |more: Value| {
            let mut provenance = json!({"how": "plugin", "actor": "a", "plugin": "pdf-text 1.0.0"});
            let all = provenance.as_object_mut().expect("an object");
            all.extend(more.as_object().expect("an object").clone());
            sentence(&t, &provenance)
        };
        assert_eq!(said(json!({})), "Suggested by pdf-text 1.0.0 and accepted here.");
        assert_eq!(said(json!({"page": 2})), "Suggested by pdf-text 1.0.0 from page 2 and accepted here.");
        for more in [json!({"rule": "r"}), json!({"rule": "r", "page": 2})] {
            let said = said(more);
            assert!(said.contains("pdf-text 1.0.0") && said.ends_with("Nobody has looked at it."), "{said}");
        }
        assert_eq!(sentence(&t, &json!({"how": "typed"})), "Written here by hand.");
    }
}
