//! Which letter a byte means (ISO 32000-1, annex D).

use super::glyph_names::NAMES;

/// An encoding that has a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Base {
    /// `StandardEncoding`
    Standard,
    /// `WinAnsiEncoding`
    WinAnsi,
    /// `MacRomanEncoding`
    MacRoman,
}

/// The upper half of `MacRomanEncoding`.
const MAC: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

/// What `WinAnsiEncoding` has in the place of control characters.
const WINDOWS: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// What of `StandardEncoding` is not ASCII.
const STANDARD: &[(u8, char)] = &[
    (0x27, '’'),
    (0x60, '‘'),
    (0xa1, '¡'),
    (0xa2, '¢'),
    (0xa3, '£'),
    (0xa4, '⁄'),
    (0xa5, '¥'),
    (0xa6, 'ƒ'),
    (0xa7, '§'),
    (0xa8, '¤'),
    (0xa9, '\''),
    (0xaa, '“'),
    (0xab, '«'),
    (0xac, '‹'),
    (0xad, '›'),
    (0xae, 'ﬁ'),
    (0xaf, 'ﬂ'),
    (0xb1, '–'),
    (0xb2, '†'),
    (0xb3, '‡'),
    (0xb4, '·'),
    (0xb6, '¶'),
    (0xb7, '•'),
    (0xb8, '‚'),
    (0xb9, '„'),
    (0xba, '”'),
    (0xbb, '»'),
    (0xbc, '…'),
    (0xbd, '‰'),
    (0xbf, '¿'),
    (0xc1, '`'),
    (0xc2, '´'),
    (0xc3, 'ˆ'),
    (0xc4, '˜'),
    (0xc5, '¯'),
    (0xc8, '¨'),
    (0xca, '˚'),
    (0xcb, '¸'),
    (0xd0, '—'),
    (0xe1, 'Æ'),
    (0xe3, 'ª'),
    (0xe8, 'Ł'),
    (0xe9, 'Ø'),
    (0xea, 'Œ'),
    (0xeb, 'º'),
    (0xf1, 'æ'),
    (0xf5, 'ı'),
    (0xf8, 'ł'),
    (0xf9, 'ø'),
    (0xfa, 'œ'),
    (0xfb, 'ß'),
];

impl Base {
    /// The encoding of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "StandardEncoding" => Some(Self::Standard),
            "WinAnsiEncoding" => Some(Self::WinAnsi),
            "MacRomanEncoding" => Some(Self::MacRoman),
            _ => None,
        }
    }

    /// The letter of a byte.
    pub fn letter(self, byte: u8) -> Option<char> {
        let ascii = (b' '..=b'~').contains(&byte).then(|| char::from(byte));
        match self {
            Self::Standard => {
                let special = STANDARD.iter().find(|(code, _)| *code == byte).map(|(_, letter)| *letter);
                special.or(ascii)
            }
            Self::WinAnsi => match byte {
                0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
                0xa0..=0xff => Some(char::from(byte)),
                _ => ascii,
            },
            Self::MacRoman => match byte {
                0x80..=0xff => MAC.chars().nth(usize::from(byte - 0x80)),
                _ => ascii,
            },
        }
    }
}

/// The letter that a name in an encoding means: `eacute`, `uni00E9`, `A`.
pub fn named(name: &str) -> Option<char> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return letter.is_ascii_alphabetic().then_some(letter);
    }
    if let Ok(at) = NAMES.binary_search_by(|(known, _)| (*known).cmp(name)) {
        return Some(NAMES[at].1);
    }
    let digits = name.strip_prefix("uni").or_else(|| name.strip_prefix('u'))?;
    let is_number = (4..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_number { u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) } else { None }
}

/// A letter as it is searched and compared: without ligatures and odd spaces.
pub fn plain(letter: char) -> String {
    match letter {
        'ﬀ' => "ff".to_owned(),
        'ﬁ' => "fi".to_owned(),
        'ﬂ' => "fl".to_owned(),
        'ﬃ' => "ffi".to_owned(),
        'ﬄ' => "ffl".to_owned(),
        '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\t' | '\n' | '\r' => " ".to_owned(),
        '\u{ad}' | '\u{2010}' | '\u{2011}' => "-".to_owned(),
        letter if letter.is_control() => "\u{fffd}".to_owned(),
        letter => letter.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_and_found() {
        assert!(NAMES.is_sorted_by_key(|(name, _)| *name));
        for (name, letter) in
            [("eacute", 'é'), ("mu", 'µ'), ("uni00B5", 'µ'), ("u1F600", '😀'), ("A", 'A'), ("percent", '%')]
        {
            assert_eq!(named(name), Some(letter), "{name}");
        }
        for name in ["g12", "uniXYZW", "u12", "", "cid:7", "1"] {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn the_encodings_agree_with_their_tables() {
        assert_eq!(MAC.chars().count(), 128);
        assert_eq!(Base::WinAnsi.letter(0xb5), Some('µ'));
        assert_eq!(Base::WinAnsi.letter(0x96), Some('–'));
        assert_eq!(Base::MacRoman.letter(0xb5), Some('µ'));
        assert_eq!((Base::Standard.letter(0x27), Base::WinAnsi.letter(0x27)), (Some('’'), Some('\'')));
        assert_eq!((Base::Standard.letter(0x80), Base::WinAnsi.letter(7)), (None, None));
    }
}
