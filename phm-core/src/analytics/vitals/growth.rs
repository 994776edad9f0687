//! Growth of children under five, by the WHO Child Growth Standards of 2006.
//!
//! z = ((X/M)^L - 1) / (L S); weight and body mass index beyond three standard deviations follow WHO's extension, in which
//! the distance from the second to the third standard deviation goes on. Ages without a row in the table have no score.

use std::sync::LazyLock;

/// What is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Measure {
    /// Weight in kg.
    Weight,
    /// Length lying (below two years) or height standing, in cm.
    Length,
    /// Body mass index.
    Bmi,
}

impl Measure {
    /// Beyond these scores a slip of the pen is likelier than a child (WHO Child Growth Standards, computation of centiles
    /// and z-scores; WHO Anthro manual, 2011, flags).
    const fn flags(self) -> (f64, f64) {
        match self {
            Self::Weight => (-6.0, 5.0),
            Self::Length => (-6.0, 6.0),
            Self::Bmi => (-5.0, 5.0),
        }
    }
}

struct Row {
    day: f64,
    lms: [f64; 3],
}

struct Table {
    measure: &'static str,
    sex: &'static str,
    rows: Vec<Row>,
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let mut tables: Vec<Table> = Vec::new();
    for line in include_str!("growth.csv").lines().filter(|line| !line.starts_with('#')).skip(1) {
        let mut cells = line.split(',');
        let (measure, sex) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let numbers: Vec<f64> = cells.map(|cell| cell.parse().expect("a test reads the table")).collect();
        let row = Row { day: numbers[0], lms: [numbers[1], numbers[2], numbers[3]] };
        match tables.last_mut() {
            Some(table) if (table.measure, table.sex) == (measure, sex) => table.rows.push(row),
            _ => tables.push(Table { measure, sex, rows: vec![row] }),
        }
    }
    tables
});

/// The z-score of a child of `days` days.
///
/// # Errors
/// `no-table-for-this-age` outside the table, `implausible-value` for a measure that is not positive or that WHO flags.
pub fn z_score(measure: Measure, female: bool, days: f64, value: f64) -> Result<f64, &'static str> {
    if value <= 0.0 {
        return Err("implausible-value");
    }
    let [l, m, s] = lms(measure, female, days).ok_or("no-table-for-this-age")?;
    let z = score(measure, [l, m, s], value);
    let (lowest, highest) = measure.flags();
    if (lowest..=highest).contains(&z) { Ok(z) } else { Err("implausible-value") }
}

fn score(measure: Measure, [l, m, s]: [f64; 3], value: f64) -> f64 {
    let z = if l.abs() < 1e-9 { (value / m).ln() / s } else { ((value / m).powf(l) - 1.0) / (l * s) };
    if measure == Measure::Length || z.abs() <= 3.0 {
        return z;
    }
    let deviation = |k: f64| if l.abs() < 1e-9 { m * (s * k).exp() } else { m * (1.0 + l * s * k).powf(1.0 / l) };
    if z > 0.0 {
        3.0 + (value - deviation(3.0)) / (deviation(3.0) - deviation(2.0))
    } else {
        -3.0 + (value - deviation(-3.0)) / (deviation(-2.0) - deviation(-3.0))
    }
}

fn lms(measure: Measure, female: bool, days: f64) -> Option<[f64; 3]> {
    let (name, sex) = (
        match measure {
            Measure::Weight => "weight",
            Measure::Length => "length",
            Measure::Bmi => "bmi",
        },
        if female { "female" } else { "male" },
    );
    let days = days.floor();
    let rows = &TABLES.iter().find(|table| table.measure == name && table.sex == sex)?.rows;
    let after = rows.partition_point(|row| row.day < days);
    let upper = rows.get(after)?;
    if upper.day <= days {
        return Some(upper.lms);
    }
    let lower = rows.get(after.checked_sub(1)?)?;
    let share = (days - lower.day) / (upper.day - lower.day);
    Some([0, 1, 2].map(|part| (upper.lms[part] - lower.lms[part]).mul_add(share, lower.lms[part])))
}

/// The category of a z-score in WHO's words.
pub fn category(measure: Measure, z: f64) -> &'static str {
    match measure {
        Measure::Weight if z < -3.0 => "severely-underweight",
        Measure::Weight if z < -2.0 => "underweight",
        Measure::Length if z < -3.0 => "severely-stunted",
        Measure::Length if z < -2.0 => "stunted",
        Measure::Bmi if z < -3.0 => "severely-wasted",
        Measure::Bmi if z < -2.0 => "wasted",
        Measure::Bmi if z > 3.0 => "obese",
        Measure::Bmi if z > 2.0 => "overweight",
        _ => "expected",
    }
}

/// How many of a hundred children have a lower value.
pub fn percentile(z: f64) -> f64 {
    // Abramowitz and Stegun 7.1.26, error below 1.5e-7.
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / 0.327_591_1_f64.mul_add(x, 1.0);
    let poly =
        t * (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let erf = 1.0 - poly * (-x * x).exp();
    50.0 * (1.0 + erf.copysign(z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_reaches_five_years() {
        assert_eq!(TABLES.len(), 6);
        for table in TABLES.iter() {
            assert!(table.rows.windows(2).all(|pair| pair[0].day < pair[1].day));
            assert!(table.rows[0].day.abs() < 0.5 && (table.rows.last().expect("rows").day - 1826.0).abs() < 0.5);
            assert!(table.rows.iter().all(|row| row.lms[1] > 0.0 && row.lms[2] > 0.0));
        }
    }

    #[test]
    fn ages_outside_the_table_have_no_score() {
        assert_eq!(z_score(Measure::Weight, false, 1827.0, 17.0), Err("no-table-for-this-age"));
        assert_eq!(z_score(Measure::Weight, false, -1.0, 3.0), Err("no-table-for-this-age"));
        assert_eq!(z_score(Measure::Weight, false, 365.0, 0.0), Err("implausible-value"));
    }

    #[test]
    fn scores_that_the_who_flags_are_slips_of_the_pen() {
        for (measure, value) in [
            (Measure::Weight, 3.0),
            (Measure::Weight, 96.0),
            (Measure::Length, 57.0),
            (Measure::Length, 95.0),
            (Measure::Bmi, 8.0),
            (Measure::Bmi, 30.0),
        ] {
            assert_eq!(z_score(measure, false, 365.0, value), Err("implausible-value"), "{measure:?} {value}");
        }
        assert!(z_score(Measure::Weight, false, 365.0, 6.0).is_ok());
    }

    #[test]
    fn scores_are_those_of_the_standard() {
        let z = |female, days, kilograms| z_score(Measure::Weight, female, days, kilograms).expect("in the table");
        for (found, expected) in [
            (z(false, 365.0, 9.6), -0.044),
            (z(false, 365.0, 6.0), -4.137),
            (z(true, 730.0, 9.0), -2.032),
            (z(false, 730.0, 17.0), 2.934),
        ] {
            assert!((found - expected).abs() < 0.001, "{found} for {expected}");
        }
        assert!((percentile(0.0) - 50.0).abs() < 1e-4 && (percentile(-1.96) - 2.5).abs() < 0.01);
    }
}
