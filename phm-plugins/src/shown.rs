//! What strangers wrote, on its way to somebody's eyes.
//!
//! The words of a manifest and of a log are shown where somebody decides by them: in terminals and on pages. So nothing in them
//! may steer a terminal, turn the direction of writing, or stand there unseen.

/// Whether a letter is not seen as itself: it controls, turns the direction, or has no width.
///
/// The joiners U+200C and U+200D are letters of Hindi and Punjabi, and stay.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The same text with a space for each letter that is hidden.
pub fn plain(text: &str) -> String {
    text.chars().map(|letter| if is_hidden(letter) { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_and_nothing_is_unseen() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{202e}d\u{200b}e"), "a [2Jb c d e");
        for text in ["दवा\u{200d}", "ਦਵਾਈ", "naïve, £5 — “so”"] {
            assert_eq!(plain(text), text);
        }
    }
}
