//! What the lines below a row say more about it.

use crate::lines::Line;
use crate::table::{Row, Table};

/// Lines below a row that may say more about it.
const MOST_BELOW: usize = 6;

/// Adds what the lines below the first one say more about its row: bilirubin that is `(direct)` is not bilirubin, and of two
/// ranges one below the other the first is not the range.
pub fn go_on(row: &mut Row, table: &Table, lines: &[Line]) {
    for pair in lines.windows(2).take(MOST_BELOW) {
        let [above, below] = pair else { return };
        if !is_near(above, below) {
            return;
        }
        let more = table.row(below);
        let states = [&more.value, &more.unit, &more.flag].into_iter().any(|text| !text.is_empty());
        if states || !(more.name.is_empty() || is_rest_of_name(above, below)) {
            return;
        }
        for (whole, part) in [(&mut row.name, &more.name), (&mut row.range, &more.range)] {
            if !part.is_empty() {
                whole.push(' ');
                whole.push_str(part);
            }
        }
    }
}

/// Whether there is no room for a line between two.
fn is_near(above: &Line, below: &Line) -> bool {
    let (Some(first), Some(next)) = (above.words.first(), below.words.first()) else { return false };
    next.base - first.base <= 2.0 * first.size
}

/// Whether the name of one line goes on in the line below it.
fn is_rest_of_name(above: &Line, below: &Line) -> bool {
    let (Some(first), Some(next)) = (above.words.first(), below.words.first()) else { return false };
    next.base - first.base <= 1.3 * first.size
        && (next.from - first.from).abs() <= 0.2 * first.size
        && next.size >= 0.9 * first.size
        && next.text.starts_with(|letter: char| letter == '(' || letter.is_lowercase())
}
