//! Units as laboratories print them.

/// As printed and in UCUM.
const TABLE: &str = include_str!("../data/units.tsv");

/// Tests whose value is a plain number, in small letters.
const WITHOUT: &[(&str, &str)] = &[("inr", "1"), ("ph", "[pH]"), ("specific gravity", "1")];

/// The unit in UCUM; `None` for one that is not known.
pub fn unit(printed: &str) -> Option<&'static str> {
    // Grams in a litre in some countries, thousand million cells in others.
    if matches!(printed.trim_matches([' ', '(', ')', '[', ']']), "G/l" | "G/L") {
        return None;
    }
    let wanted = plain(printed);
    let mut rows = TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    rows.find(|(spelling, _)| *spelling == wanted).map(|(_, unit)| unit)
}

/// The unit of a test that has none.
pub fn without(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase();
    WITHOUT.iter().find(|(test, _)| *test == name).map(|(_, unit)| *unit)
}

/// The spelling that the table has.
fn plain(printed: &str) -> String {
    let mut text = String::with_capacity(printed.len());
    for letter in printed.trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']).chars() {
        match letter {
            'µ' | 'μ' => text.push('u'),
            '×' => text.push('x'),
            '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' => {
                // Two raised digits are one power.
                if !text.contains('^') {
                    text.push('^');
                }
                text.push(raised(letter));
            }
            letter if letter.is_whitespace() => {}
            letter => text.push(letter.to_ascii_lowercase()),
        }
    }
    let bare = text.strip_prefix(['x', '*']).filter(|rest| rest.starts_with("10")).unwrap_or(&text);
    for spelling in ["10*", "10e", "10exp"] {
        if let Some(rest) = bare.strip_prefix(spelling)
            && rest.starts_with(|letter: char| letter.is_ascii_digit())
        {
            return format!("10^{rest}");
        }
    }
    bare.to_owned()
}

fn raised(letter: char) -> char {
    match letter {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        _ => '9',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_unit_are_one_unit() {
        for (printed, expected) in [
            ("mg/dL", Some("mg/dL")),
            ("MG/DL", Some("mg/dL")),
            ("µg/L", Some("ug/L")),
            ("x 10^9/L", Some("10*9/L")),
            ("10⁹/L", Some("10*9/L")),
            ("10¹²/L", Some("10*12/L")),
            ("x10e3/µL", Some("10*3/uL")),
            ("10*3/uL", Some("10*3/uL")),
            ("mL/min/1.73 m²", Some("mL/min/{1.73_m2}")),
            ("(%)", Some("%")),
            ("g/L", Some("g/L")),
            ("G/DL", Some("g/dL")),
            ("G/l", None),
            ("(G/L)", None),
            ("103/uL", None),
            ("mg/dLL", None),
            ("", None),
        ] {
            assert_eq!(unit(printed), expected, "{printed}");
        }
        assert_eq!((without("pH"), without("Haemoglobin")), (Some("[pH]"), None));
    }
}
