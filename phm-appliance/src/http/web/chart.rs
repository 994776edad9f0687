//! Trends as drawings made on the server.
//!
//! A chart is readable without script, in print and by screen readers: points link to their records, the target
//! is a line with its name, and the values stand in a table beside the drawing (the template's part). Sizes are in
//! drawing units; the same data is drawn once for narrow and once for wide screens so that letters keep their size.

use std::fmt::Write as _;

/// One measured value.
#[derive(Clone, Debug)]
pub struct Point {
    /// Position in time, milliseconds.
    pub at: i64,
    /// The number, for its place on the axis only.
    pub value: f64,
    /// The value for people, with unit: `7.2 %`.
    pub label: String,
    /// The day for people.
    pub date: String,
    /// Address of the record.
    pub link: String,
    /// Whether it lies outside the target.
    pub off: bool,
}

/// A line that values should stay below or above.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its place on the axis.
    pub value: f64,
    /// Its name: `target 7.0 %`.
    pub label: String,
}

/// What is drawn.
#[derive(Clone, Debug)]
pub struct Trend {
    /// Values, oldest first.
    pub points: Vec<Point>,
    /// The target, where there is one.
    pub target: Option<Target>,
    /// Where a point stands for many values: moment, least and greatest of them.
    pub band: Vec<(i64, f64, f64)>,
    /// First and last moment of the axis, milliseconds.
    pub span: (i64, i64),
    /// Marks of the time axis: moment and name.
    pub ticks: Vec<(i64, String)>,
    /// Name of the drawing for screen readers.
    pub title: String,
    /// Digits for the value axis.
    pub number: fn(&crate::i18n::Locale, f64) -> String,
    /// The reader.
    pub locale: crate::i18n::Locale,
}

/// Rounds an axis value for people.
pub fn plain_number(locale: &crate::i18n::Locale, value: f64) -> String {
    let text = format!("{value:.1}");
    locale.number(text.strip_suffix(".0").unwrap_or(&text))
}

const LEFT: f64 = 34.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 26.0;
/// About how wide a letter of a name in the drawing is.
const LETTER: f64 = 7.0;

impl Trend {
    /// The drawing, `width` by `height` units, as SVG.
    pub fn svg(&self, width: u32, height: u32) -> String {
        let (w, h) = (f64::from(width), f64::from(height));
        let (low, high, step) = self.scale();
        let x = |at: i64| {
            let whole = precise(self.span.1 - self.span.0).max(1.0);
            LEFT + (w - LEFT - RIGHT) * precise(at - self.span.0) / whole
        };
        let y = |value: f64| TOP + (h - TOP - BOTTOM) * (high - value) / (high - low);
        let mut svg = String::new();
        let _ = write!(
            svg,
            "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"group\" aria-label=\"{}\">",
            escape(&self.title)
        );
        let mut mark = low;
        while mark <= high + step / 2.0 {
            let name = escape(&(self.number)(&self.locale, mark));
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {0:.1}H{1:.1}\"/><text class=\"axis end\" x=\"{2}\" y=\"{3:.1}\">{name}</text>",
                y(mark),
                w - RIGHT,
                LEFT - 8.0,
                y(mark) + 4.0
            );
            mark += step;
        }
        let mut free_from = f64::MIN;
        for (at, name) in &self.ticks {
            let place = x(*at);
            // Names that would run into each other are left out; the table has every date.
            if place - 18.0 > free_from && place + 14.0 < w {
                let _ = write!(
                    svg,
                    "<text class=\"axis mid\" x=\"{place:.1}\" y=\"{:.1}\">{}</text>",
                    h - 6.0,
                    escape(name)
                );
                free_from = place + 21.0;
            }
        }
        let places: Vec<(f64, f64)> = self.points.iter().map(|point| (x(point.at), y(point.value))).collect();
        if let Some(target) = &self.target {
            let place = y(target.value);
            let (name_x, name_y) = free_place(&places, &target.label, place, (w, h));
            let _ = write!(
                svg,
                "<rect class=\"zone\" x=\"{LEFT}\" y=\"{place:.1}\" width=\"{2:.1}\" height=\"{3:.1}\"/><path class=\"target\" d=\"M{LEFT} {place:.1}H{0:.1}\"/><text class=\"target-name\" x=\"{4:.1}\" y=\"{1:.1}\">{5}</text>",
                w - RIGHT,
                name_y,
                w - RIGHT - LEFT,
                h - BOTTOM - place,
                name_x,
                escape(&target.label)
            );
        }
        if !self.band.is_empty() {
            let highs = self.band.iter().map(|(at, _, high)| (*at, *high));
            let lows = self.band.iter().rev().map(|(at, low, _)| (*at, *low));
            svg.push_str("<path class=\"zone\" d=\"");
            for (n, (at, value)) in highs.chain(lows).enumerate() {
                let _ = write!(svg, "{}{:.1} {:.1}", if n == 0 { 'M' } else { 'L' }, x(at), y(value));
            }
            svg.push_str("Z\"/>");
        }
        let mut line = String::new();
        for (n, point) in self.points.iter().enumerate() {
            let _ = write!(line, "{}{:.1} {:.1}", if n == 0 { 'M' } else { 'L' }, x(point.at), y(point.value));
        }
        let _ = write!(svg, "<path class=\"line\" d=\"{line}\"/>");
        let end = self.points.len().saturating_sub(1);
        for (n, point) in self.points.iter().enumerate() {
            let (px, py) = (x(point.at), y(point.value));
            let _ = write!(
                svg,
                "<a href=\"{0}\" class=\"point{1}\" aria-label=\"{2}: {3}\"><circle class=\"touch\" cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"16\"/><circle class=\"dot\" cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"{4}\"/><title>{2}: {3}</title></a>",
                escape(&point.link),
                if point.off { " off" } else { "" },
                escape(&point.date),
                escape(&point.label),
                if n == end { "6" } else { "4.5" }
            );
        }
        svg.push_str("</svg>");
        svg
    }

    /// Lowest and highest mark of the value axis, and the step between marks.
    fn scale(&self) -> (f64, f64, f64) {
        let values = self.points.iter().map(|point| point.value).chain(self.target.as_ref().map(|target| target.value));
        let values = values.chain(self.band.iter().flat_map(|(_, low, high)| [*low, *high]));
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return (0.0, 1.0, 0.5);
        }
        let room = (high - low).max(high.abs() * 0.05).max(0.1);
        let rough = room / 2.5;
        let power = 10_f64.powf(rough.log10().floor());
        let step =
            [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough).unwrap_or(power);
        let low = ((low - room * 0.12) / step).floor() * step;
        let high = ((high + room * 0.12) / step).ceil() * step;
        (low, high, step)
    }
}

/// Where the name of the target stands free of the line of values: beside its left end or its right, below or above.
fn free_place(places: &[(f64, f64)], name: &str, target: f64, (w, h): (f64, f64)) -> (f64, f64) {
    let wide = LETTER * precise(i64::try_from(name.chars().count()).unwrap_or(0));
    let (left, right) = (LEFT + 8.0, w - RIGHT - 8.0 - wide);
    let (below, above) = (target + 16.0, target - 7.0);
    let candidates = [(left, below), (left, above), (right, below), (right, above)];
    let is_inside = |(_, base): &(f64, f64)| *base - 11.0 > 0.0 && *base + 3.0 < h - BOTTOM;
    // How far the nearest part of the line or the nearest dot is from the name, up or down.
    let room = |(start, base): &(f64, f64)| {
        let (from, to) = (start - 8.0, start + wide + 8.0);
        let (top, bottom) = (base - 11.0, base + 3.0);
        let gap = |height: f64| (top - height).max(height - bottom).max(0.0);
        let crossed = places.windows(2).filter_map(|pair| {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let (near, far) = (from.max(x0), to.min(x1));
            let on = |x: f64| if x1 > x0 { y0 + (y1 - y0) * (x - x0) / (x1 - x0) } else { y0 };
            let (a, b) = (on(near), on(far));
            let is_through = (a < top) != (b < top);
            (near <= far).then(|| if is_through { 0.0 } else { gap(a).min(gap(b)) })
        });
        let dots = places.iter().filter(|(x, _)| (from..=to).contains(x)).map(|(_, y)| gap(*y));
        crossed.chain(dots).fold(f64::MAX, f64::min)
    };
    let open = candidates.iter().filter(|place| is_inside(place));
    let free = open.clone().find(|place| room(place) >= 8.0);
    let best = free.or_else(|| open.max_by(|one, other| room(one).total_cmp(&room(other))));
    best.copied().unwrap_or(candidates[0])
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a lifetime fit an f64 exactly")]
fn precise(millis: i64) -> f64 {
    millis as f64
}

/// `text` for HTML and SVG.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::i18n::{Digits, Language, Locale};

    fn trend(values: &[f64]) -> Trend {
        let points = values.iter().enumerate().map(|(n, value)| Point {
            at: i64::try_from(n).expect("few") * 1000,
            value: *value,
            label: format!("{value} %"),
            date: "3 <April>".into(),
            link: format!("/p/x/lab-results/{n}"),
            off: *value > 7.0,
        });
        Trend {
            points: points.collect(),
            target: Some(Target { value: 7.0, label: "target 7.0 %".into() }),
            band: Vec::new(),
            span: (0, 10_000),
            ticks: vec![(0, "Jan".into()), (5000, "Jun".into())],
            title: "HbA1c".into(),
            number: plain_number,
            locale: Locale::new(Language::Hindi, Digits::Native, TimeZone::UTC),
        }
    }

    #[test]
    fn every_point_links_to_its_record_and_nothing_is_unescaped() {
        let svg = trend(&[8.1, 7.4, 6.9]).svg(360, 200);
        assert_eq!(svg.matches("<a href=\"/p/x/lab-results/").count(), 3);
        assert_eq!(svg.matches("point off").count(), 2);
        assert!(svg.contains("target 7.0 %") && svg.contains("3 &lt;April&gt;") && !svg.contains("style="));
        assert!(svg.contains(">७<"), "the axis speaks the reader's digits");
    }

    #[test]
    fn the_name_of_the_target_keeps_clear_of_the_line() {
        let near = |places: &[(f64, f64)]| free_place(places, "target 7.0 %", 100.0, (340.0, 210.0));
        let (x, y) = near(&[(34.0, 60.0), (320.0, 80.0)]);
        assert!(x < 60.0 && y > 100.0, "below its left end while nothing is there: {x} {y}");
        let (_, y) = near(&[(34.0, 112.0), (320.0, 120.0)]);
        assert!(y < 100.0, "above where the line runs below: {y}");
        let (x, y) = near(&[(34.0, 112.0), (60.0, 95.0), (110.0, 92.0), (200.0, 112.0), (320.0, 118.0)]);
        assert!(x > 200.0 && y < 100.0, "at the other end where the line winds about this one: {x} {y}");
    }

    #[test]
    fn one_value_or_none_can_be_drawn() {
        assert!(trend(&[6.2]).svg(360, 200).contains("class=\"dot\""));
        assert!(!trend(&[]).svg(360, 200).contains("NaN"));
        assert!(!trend(&[6.2, 6.2]).svg(360, 200).contains("NaN"));
    }
}
