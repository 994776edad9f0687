//! The table of figures: what was measured, what should be reached, what the peer reached in the same run.

use std::fmt;

/// What a figure has to reach.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// The figure is at least this many times the peer's.
    TimesPeer(f64),
    /// The figure costs at most this many times what the peer's costs.
    TimesPeerAtMost(f64),
    /// The figure itself is at least this.
    AtLeast(f64),
    /// The figure itself is at most this.
    AtMost(f64),
    /// There is no target; the figure is shown because an honest reader would ask for it.
    ForTheRecord,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    what: String,
    unit: &'static str,
    figure: f64,
    peer: Option<(&'static str, f64)>,
    target: Target,
}

impl Row {
    /// A figure beside a peer's of the same run.
    pub fn against(what: &str, unit: &'static str, target: Target, figure: f64, peer: (&'static str, f64)) -> Self {
        Self { what: what.into(), unit, figure, peer: Some(peer), target }
    }

    /// A figure that stands for itself.
    pub fn alone(what: &str, unit: &'static str, target: Target, figure: f64) -> Self {
        Self { what: what.into(), unit, figure, peer: None, target }
    }

    /// How many times as good as the peer this is; for costs (`TimesPeerAtMost`), how many times as dear.
    pub fn ratio(&self) -> Option<f64> {
        self.peer.map(|(_, peer)| self.figure / peer)
    }

    /// Whether the target is reached.
    pub fn reached(&self) -> bool {
        match self.target {
            Target::TimesPeer(least) => self.ratio().is_some_and(|ratio| ratio >= least),
            Target::TimesPeerAtMost(most) => self.ratio().is_some_and(|ratio| ratio <= most),
            Target::AtLeast(least) => self.figure >= least,
            Target::AtMost(most) => self.figure <= most,
            Target::ForTheRecord => true,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = format!("{} {}", number(self.figure), self.unit);
        let peer = self.peer.map_or(String::new(), |(name, peer)| format!("{name} {}", number(peer)));
        let ratio = self.ratio().map_or(String::new(), |ratio| format!("{ratio:.2} ×"));
        let target = match self.target {
            Target::TimesPeer(least) => format!("≥ {least} ×"),
            Target::TimesPeerAtMost(most) => format!("≤ {most} ×"),
            Target::AtLeast(least) => format!("≥ {}", number(least)),
            Target::AtMost(most) => format!("≤ {}", number(most)),
            Target::ForTheRecord => String::new(),
        };
        let word = match self.target {
            Target::ForTheRecord => "",
            _ if self.reached() => "reached",
            _ => "MISSED",
        };
        write!(f, "{:<64} {figure:>20} {peer:>26} {ratio:>9} {target:>9}  {word}", self.what)
    }
}

/// The heading of the table.
pub fn heading() -> String {
    let line = format!("{:<64} {:>20} {:>26} {:>9} {:>9}", "what", "figure", "peer in the same run", "ratio", "target");
    format!("{line}\n{}", "-".repeat(line.chars().count() + 9))
}

/// Runs the subjects in turn, `rounds` times, and gives the median of each: what disturbs the machine disturbs all.
pub fn interleaved<const N: usize>(rounds: usize, mut subjects: [&mut dyn FnMut() -> f64; N]) -> [f64; N] {
    let mut figures = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (subject, figures) in subjects.iter_mut().zip(&mut figures) {
            figures.push(subject());
        }
    }
    figures.map(|mut figures| median(&mut figures))
}

/// The middle one of some figures.
pub fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A figure with as many digits as a reader needs.
fn number(figure: f64) -> String {
    match figure.abs() {
        large if large >= 1000.0 => {
            let digits = format!("{figure:.0}");
            let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
            groups.join(",")
        }
        middle if middle >= 100.0 => format!("{figure:.0}"),
        middle if middle >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_readable() {
        assert_eq!([0.254, 12.34, 123.4, 12345.6, 1_234_567.0].map(number).join(" "), "0.25 12.3 123 12,346 1,234,567");
    }

    #[test]
    fn a_row_says_whether_its_target_is_reached() {
        let faster = Row::against("x", "/s", Target::TimesPeer(1.5), 160.0, ("SQLCipher", 100.0));
        let dearer = Row::against("x", "µs", Target::TimesPeerAtMost(1.25), 130.0, ("null cipher", 100.0));
        assert!(faster.reached() && !dearer.reached());
        assert!(faster.to_string().contains("1.60 ×") && dearer.to_string().ends_with("MISSED"));
        assert!(Row::alone("x", "ms", Target::AtMost(2.0), 2.0).reached());
    }

    #[test]
    fn the_median_of_interleaved_rounds_is_taken() {
        let (mut one, mut two) = (0.0, 10.0);
        let medians = interleaved(
            5,
            [
                &mut || {
                    one += 1.0;
                    one
                },
                &mut || {
                    two += 1.0;
                    two
                },
            ],
        );
        assert_eq!(medians.map(|figure| format!("{figure:.0}")), ["3", "13"]);
    }
}
