//! Numbers as laboratories print them. One that can be read in two ways is not read.

/// How a report writes numbers, from those in it that can be read in one way only.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Style {
    /// Somewhere a comma stands before one or two digits: `6,5`.
    pub comma: bool,
    /// Somewhere a point does: `6.5`.
    pub point: bool,
}

impl Style {
    /// The style of these words.
    pub fn of<'t>(words: impl Iterator<Item = &'t str>) -> Self {
        let mut style = Self::default();
        for word in words {
            for number in word.split(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',') {
                style.comma |= decides(number, ',', '.');
                style.point |= decides(number, '.', ',');
            }
        }
        style
    }
}

/// Whether a number can only be one whose decimals begin at `mark`.
fn decides(number: &str, mark: char, other: char) -> bool {
    let Some((whole, part)) = number.split_once(mark) else { return false };
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    !number.contains(other) && plain(whole) && plain(part) && part.len() != 3
}

/// Digits of a number at most.
const LONGEST: usize = 15;

/// The number as programs write it, with the digits it was printed with; `None` for what is none, or could be two.
pub fn number(text: &str, style: Style) -> Option<String> {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let (first, last) = (*bytes.first()?, *bytes.last()?);
    let known = bytes.iter().all(|byte| is_digit(*byte) || matches!(byte, b'.' | b','));
    if !known || !is_digit(first) || !is_digit(last) || bytes.len() > LONGEST + 5 {
        return None;
    }
    let (points, commas) = (text.matches('.').count(), text.matches(',').count());
    let (whole, part) = match (points, commas) {
        (0, 0) => (text.to_owned(), ""),
        (1, 0) => {
            let (whole, part) = text.split_once('.')?;
            // `1.234` may be more than a thousand, unless all that is plain says that decimals begin with a point.
            if could_group(whole, part) && (style.comma || !style.point) {
                return None;
            }
            (whole.to_owned(), part)
        }
        (0, 1) => {
            let (whole, part) = text.split_once(',')?;
            match (could_group(whole, part), style.comma, style.point) {
                (false, ..) | (true, true, false) => (whole.to_owned(), part),
                (true, false, true) => (format!("{whole}{part}"), ""),
                (true, ..) => return None,
            }
        }
        (0, _) => (ungrouped(text, ',')?, ""),
        (_, 0) => (ungrouped(text, '.')?, ""),
        _ => {
            // Both stand in it: the last one begins the decimals.
            let at = text.rfind(['.', ','])?;
            let (mark, group) = if text[at..].starts_with('.') { ('.', ',') } else { (',', '.') };
            let (whole, part) = (&text[..at], &text[at + 1..]);
            if whole.contains(mark) {
                return None;
            }
            (ungrouped(whole, group)?, part)
        }
    };
    if whole.len() + part.len() > LONGEST {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") })
}

/// Whether what stands before and behind a mark could be thousands and the rest.
fn could_group(whole: &str, part: &str) -> bool {
    part.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0"
}

/// Digits in groups of three, or, as in India, of two before the last three.
fn ungrouped(text: &str, mark: char) -> Option<String> {
    let groups: Vec<&str> = text.split(mark).collect();
    let [first, middle @ .., last] = groups.as_slice() else { return None };
    let all = |length: usize| middle.iter().all(|group| group.len() == length);
    let is_grouped = last.len() == 3
        && ((all(3) && (1..=3).contains(&first.len())) || (mark == ',' && all(2) && (1..=2).contains(&first.len())));
    is_grouped.then(|| groups.concat())
}

/// A value as it is printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    /// A number, on which side of it the true value lies, and what else stands behind it.
    Number {
        /// `<` or the like.
        comparator: Option<&'static str>,
        /// The number.
        number: String,
        /// The words behind it: a unit, a mark.
        rest: Vec<String>,
    },
    /// A result in words.
    Words(String),
}

/// Results in words that laboratories print, in small letters.
const WORDS: &[&str] = &[
    "absent",
    "borderline",
    "clear",
    "detected",
    "equivocal",
    "indeterminate",
    "negative",
    "nicht nachweisbar",
    "negativ",
    "nil",
    "non reactive",
    "non-reactive",
    "nonreactive",
    "none seen",
    "not detected",
    "not seen",
    "positiv",
    "positive",
    "present",
    "reactive",
    "trace",
    "traces",
];

/// The value that a cell holds; `None` where it is not understood.
pub fn value(text: &str, style: Style) -> Option<Value> {
    let text = text.trim();
    if WORDS.contains(&text.to_lowercase().as_str()) {
        return Some(Value::Words(text.to_owned()));
    }
    let signs = [("<=", "<="), (">=", ">="), ("≤", "<="), ("≥", ">="), ("<", "<"), (">", ">")];
    let sign = signs.into_iter().find(|(sign, _)| text.starts_with(sign));
    let (comparator, behind) =
        sign.map_or((None, text), |(sign, meaning)| (Some(meaning), text[sign.len()..].trim_start()));
    let end = behind.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',');
    let (digits, rest) = behind.split_at(end.unwrap_or(behind.len()));
    let number = number(digits, style)?;
    Some(Value::Number { comparator, number, rest: rest.split_whitespace().map(str::to_owned).collect() })
}

/// The bounds of a reference range, where they are plain: low and high.
pub fn range(text: &str, style: Style) -> Option<(Option<String>, Option<String>)> {
    let text = text.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let lower = text.to_ascii_lowercase();
    for (sign, is_high) in
        [("<=", true), (">=", false), ("≤", true), ("≥", false), ("<", true), (">", false), ("up to ", true)]
    {
        if lower.starts_with(sign) {
            let bound = number(text[sign.len()..].trim(), style)?;
            return Some(if is_high { (None, Some(bound)) } else { (Some(bound), None) });
        }
    }
    for mark in ["–", "—", " to ", "-"] {
        if let Some((low, high)) = text.split_once(mark) {
            let bounds = (number(low.trim(), style)?, number(high.trim(), style)?);
            let size = |number: &str| number.parse::<f64>().unwrap_or(f64::NAN);
            return (size(&bounds.0) <= size(&bounds.1)).then_some((Some(bounds.0), Some(bounds.1)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { comma: false, point: false };
    const COMMA: Style = Style { comma: true, point: false };
    const POINT: Style = Style { comma: false, point: true };
    const BOTH: Style = Style { comma: true, point: true };

    #[test]
    fn the_style_is_told_by_what_can_be_read_in_one_way_only() {
        let of = |words: &[&str]| Style::of(words.iter().copied());
        assert_eq!(of(&["12,500", "1.234", "03.04.2026", "1,50,000"]), PLAIN);
        assert_eq!(of(&["<6,5"]), COMMA);
        assert_eq!(of(&["4.0-5.6", "12,500"]), POINT);
        assert_eq!(of(&["6,5", "0.12"]), BOTH);
    }

    #[test]
    fn numbers_keep_their_digits_and_doubtful_ones_are_none() {
        for (text, style, expected) in [
            ("6.50", PLAIN, Some("6.50")),
            ("6,5", PLAIN, Some("6.5")),
            ("0,123", POINT, Some("0.123")),
            ("007", PLAIN, Some("7")),
            ("12,500", POINT, Some("12500")),
            ("12,500", COMMA, Some("12.500")),
            ("12,500", PLAIN, None),
            ("12,500", BOTH, None),
            ("1.234", POINT, Some("1.234")),
            ("1.234", PLAIN, None),
            ("1.234", BOTH, None),
            ("1.234", COMMA, None),
            ("1.234,5", PLAIN, Some("1234.5")),
            ("1,234.5", PLAIN, Some("1234.5")),
            ("1,50,000", PLAIN, Some("150000")),
            ("1.234.567", PLAIN, Some("1234567")),
            ("1,2,3", PLAIN, None),
            ("12,34.5,6", PLAIN, None),
            ("6.", PLAIN, None),
            (".5", PLAIN, None),
            ("", PLAIN, None),
            ("6a", PLAIN, None),
            ("1234567890123456", PLAIN, None),
        ] {
            assert_eq!(number(text, style).as_deref(), expected, "{text} {style:?}");
        }
    }

    #[test]
    fn values_have_comparators_words_or_nothing() {
        let read = |text: &str| match value(text, POINT) {
            Some(Value::Number { comparator, number, rest }) => {
                format!("{}{number} {}", comparator.unwrap_or_default(), rest.join("|")).trim().to_owned()
            }
            Some(Value::Words(words)) => words,
            None => "none".to_owned(),
        };
        for (text, expected) in [
            ("6.5", "6.5"),
            ("< 0.01", "<0.01"),
            ("≥200 mg/dL H", ">=200 mg/dL|H"),
            ("6.5%", "6.5 %"),
            ("Not Detected", "Not Detected"),
            ("5-10", "5 -10"),
            ("1:128", "1 :128"),
            ("see below", "none"),
            ("+++", "none"),
            ("", "none"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn ranges_are_bounds_where_they_are_plain() {
        let read =
            |text: &str| range(text, COMMA).map(|(low, high)| (low.unwrap_or_default(), high.unwrap_or_default()));
        let bounds = |low: &str, high: &str| Some((low.to_owned(), high.to_owned()));
        assert_eq!(read("4,0 - 5,6"), bounds("4.0", "5.6"));
        assert_eq!(read("(4,0–5,6)"), bounds("4.0", "5.6"));
        assert_eq!(read("< 200"), bounds("", "200"));
        assert_eq!(read("Up to 35"), bounds("", "35"));
        assert_eq!(read("> 40"), bounds("40", ""));
        for text in ["5.6 - 4.0", "-2 - 2", "Normal: <5,7", "4 - 5 - 6", "1.234-2.000", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
