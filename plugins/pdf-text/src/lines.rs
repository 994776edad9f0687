//! Letters to words and lines, by where they stand.

use std::ops::Range;

use crate::pdf::{Glyph, PageText, UNKNOWN};

/// A gap between letters that parts words, as part of the font's size.
const WORD_GAP: f64 = 0.2;
/// A gap between words that parts the cells of a table.
const CELL_GAP: f64 = 0.6;
/// How far letters of one line may stand from its base, so that raised and lowered ones belong to it.
const LINE_GAP: f64 = 0.45;

/// A word, in points from the upper left corner of the page.
#[derive(Clone, Debug)]
pub struct Word {
    /// Its letters.
    pub text: String,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// The line it stands on.
    pub base: f64,
    /// How high its font is.
    pub size: f64,
}

/// A line of a page.
#[derive(Clone, Debug)]
pub struct Line {
    /// The page, from 1.
    pub page: u32,
    /// Width and height of the page.
    pub paper: (f64, f64),
    /// Its words from left to right; never none.
    pub words: Vec<Word>,
}

impl Line {
    /// Its text, with a space between words.
    pub fn text(&self) -> String {
        joined(&self.words)
    }

    /// The cells of the line: words that stand close together.
    pub fn cells(&self) -> Vec<Range<usize>> {
        let mut cells: Vec<Range<usize>> = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| &self.words[at]);
            let near = before.is_some_and(|before| word.from - before.to <= CELL_GAP * before.size.max(word.size));
            match cells.last_mut() {
                Some(cell) if near => cell.end = at + 1,
                _ => cells.push(Range { start: at, end: at + 1 }),
            }
        }
        cells
    }

    /// Where it stands: left, top, width and height as parts of one.
    pub fn region(&self) -> [f32; 4] {
        let (width, height) = self.paper;
        let left = self.words.iter().map(|word| word.from).fold(f64::INFINITY, f64::min);
        let right = self.words.iter().map(|word| word.to).fold(0.0, f64::max);
        let top = self.words.iter().map(top).fold(f64::INFINITY, f64::min);
        let bottom = self.words.iter().map(bottom).fold(0.0, f64::max);
        region(left / width, top / height, right / width, bottom / height)
    }

    /// Where one of its words stands.
    pub fn region_of(&self, word: &Word) -> [f32; 4] {
        let (width, height) = self.paper;
        region(word.from / width, top(word) / height, word.to / width, bottom(word) / height)
    }
}

fn top(word: &Word) -> f64 {
    word.base - 0.8 * word.size
}

fn bottom(word: &Word) -> f64 {
    word.base + 0.2 * word.size
}

#[allow(clippy::cast_possible_truncation, reason = "parts of one, to four digits")]
fn region(left: f64, top: f64, right: f64, bottom: f64) -> [f32; 4] {
    let part = |number: f64| (number.clamp(0.0, 1.0) * 10_000.0).round() / 10_000.0;
    let (left, top) = (part(left), part(top));
    [left, top, part((right - left).max(0.0)), part((bottom - top).max(0.0))].map(|number| number as f32)
}

/// Words with a space between them.
pub fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// How much larger than most letters of a page one is that belongs to no line of them: part of a watermark, say.
const HUGE: f64 = 3.0;
/// How far apart digits stand at least, as part of the font's size, unless one is painted over the other.
const DIGITS_APART: f64 = 0.31;
/// The same for other letters, of which some are narrow.
const LETTERS_APART: f64 = 0.1;

/// Letters that stand on one line.
struct Row<'g> {
    base: f64,
    size: f64,
    glyphs: Vec<&'g Glyph>,
}

/// The lines of a page from top to bottom.
pub fn lines(page: &PageText) -> Vec<Line> {
    let mut sizes: Vec<f64> = page.glyphs.iter().map(|glyph| glyph.size).collect();
    sizes.sort_by(f64::total_cmp);
    let huge = HUGE * sizes.get(sizes.len() / 2).copied().unwrap_or(0.0);
    let (large, usual): (Vec<&Glyph>, Vec<&Glyph>) = page.glyphs.iter().partition(|glyph| glyph.size > huge);
    let mut all = rows(usual);
    all.extend(rows(large));
    all.sort_by(|a, b| a.base.total_cmp(&b.base));
    let lines =
        all.into_iter().map(|row| Line { page: page.number, paper: (page.width, page.height), words: words(row) });
    lines.filter(|line| !line.words.is_empty()).collect()
}

/// Letters by the lines they stand on.
fn rows(mut glyphs: Vec<&Glyph>) -> Vec<Row<'_>> {
    glyphs.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
    let mut rows: Vec<Row<'_>> = Vec::new();
    for glyph in glyphs.into_iter().filter(|glyph| !glyph.text.is_empty()) {
        match rows.last_mut() {
            Some(row) if (glyph.y - row.base).abs() <= LINE_GAP * row.size.max(glyph.size) => {
                // The largest letters say where the line stands.
                if glyph.size > row.size {
                    (row.base, row.size) = (glyph.y, glyph.size);
                }
                row.glyphs.push(glyph);
            }
            _ => rows.push(Row { base: glyph.y, size: glyph.size, glyphs: vec![glyph] }),
        }
    }
    rows
}

/// Whether two letters stand in one place: what was there before is hidden under what came later, and nobody here knows which
/// of the two a person sees.
fn is_over(last: &Glyph, glyph: &Glyph) -> bool {
    let all = |is: fn(&char) -> bool| [last, glyph].iter().all(|one| one.text.chars().all(|letter| is(&letter)));
    let apart = if all(char::is_ascii_digit) {
        DIGITS_APART
    } else if all(char::is_ascii_alphanumeric) {
        LETTERS_APART
    } else {
        return false;
    };
    // Letters that were pressed together are no wider than their width says.
    glyph.x - last.x < (apart * last.size.min(glyph.size)).min(0.6 * last.width)
}

fn words(mut row: Row<'_>) -> Vec<Word> {
    row.glyphs.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut words: Vec<Word> = Vec::new();
    let (mut apart, mut raised) = (true, false);
    let mut last: Option<&Glyph> = None;
    for glyph in row.glyphs {
        if glyph.text.trim().is_empty() {
            apart = true;
            continue;
        }
        // Bold that is made by painting a letter twice.
        let again = |last: &Glyph| last.text == glyph.text && glyph.x - last.x < 0.15 * glyph.size;
        if last.is_some_and(again) {
            continue;
        }
        let text = if last.is_some_and(|last| is_over(last, glyph)) { UNKNOWN } else { glyph.text.as_str() };
        last = Some(glyph);
        let is_raised = glyph.size < 0.85 * row.size && row.base - glyph.y > 0.12 * row.size;
        // A raised number is a power: `10` and a raised `9` are not a hundred and nine.
        let mark = if is_raised && !raised { "^" } else { "" };
        raised = is_raised;
        match words.last_mut() {
            Some(word) if !apart && glyph.x - word.to <= WORD_GAP * row.size => {
                word.text.push_str(mark);
                word.text.push_str(text);
                word.to = word.to.max(glyph.x + glyph.width);
                word.size = word.size.max(glyph.size);
            }
            _ => words.push(Word {
                text: format!("{mark}{text}"),
                from: glyph.x,
                to: glyph.x + glyph.width,
                base: row.base,
                size: glyph.size,
            }),
        }
        apart = false;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters half as wide as they are high, at 10 points.
    fn written(text: &str, x: f64, y: f64, size: f64) -> Vec<Glyph> {
        let one = |(letter, at): (char, u32)| Glyph {
            text: letter.to_string(),
            x: x + f64::from(at) * size / 2.0,
            y,
            width: size / 2.0,
            size,
        };
        text.chars().zip(0..).map(one).collect()
    }

    fn page(parts: &[Vec<Glyph>]) -> PageText {
        PageText { number: 1, width: 600.0, height: 800.0, glyphs: parts.concat(), sideways: 0 }
    }

    #[test]
    fn words_and_cells_are_told_by_their_gaps_whatever_the_order_of_painting() {
        let page = page(&[
            written("5.6", 300.0, 100.0, 10.0),
            written("second line", 50.0, 112.0, 10.0),
            written("Total iron", 50.0, 100.3, 10.0),
        ]);
        let lines = lines(&page);
        let texts: Vec<String> = lines.iter().map(Line::text).collect();
        assert_eq!(texts, ["Total iron 5.6", "second line"]);
        assert_eq!(lines[0].cells(), [0..2, 2..3]);
        assert_eq!(format!("{:?}", lines[0].region_of(&lines[0].words[2])), "[0.5, 0.115, 0.025, 0.0125]");
    }

    #[test]
    fn a_raised_number_is_a_power_and_a_letter_painted_twice_is_one() {
        let page = page(&[
            written("10", 50.0, 100.0, 10.0),
            written("9", 60.0, 96.5, 6.0),
            written("/L", 63.0, 100.0, 10.0),
            written("bold", 100.0, 100.0, 10.0),
            written("bold", 100.4, 100.0, 10.0),
        ]);
        assert_eq!(lines(&page)[0].text(), "10^9/L bold");
    }

    #[test]
    fn what_was_painted_over_is_not_read_and_a_watermark_parts_no_line() {
        for shift in [0.0, 1.0, 2.5] {
            let page = page(&[written("95", 50.0 + shift, 100.0, 10.0), written("250", 50.0, 100.0, 10.0)]);
            assert!(lines(&page)[0].text().contains('\u{fffd}'), "{shift}");
        }
        let words = page(&[written("Positive", 50.0, 100.0, 10.0), written("Negative", 50.0, 100.0, 10.0)]);
        assert!(lines(&words)[0].text().contains('\u{fffd}'));
        let page = page(&[
            written("Glucose", 50.0, 100.0, 10.0),
            written("95", 230.0, 100.2, 10.0),
            written("COPY", 60.0, 100.1, 60.0),
            written("Iron", 50.0, 114.0, 10.0),
        ]);
        let texts: Vec<String> = lines(&page).iter().map(Line::text).collect();
        assert_eq!(texts, ["Glucose 95", "COPY", "Iron"]);
    }
}
