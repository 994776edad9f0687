//! Time zones by name, as `Asia/Kolkata`.
//!
//! The zones are compiled in, so that a small board without time zone files shows the same times as everything else.

use jiff::tz::TimeZone;

/// The zone of this name, where there is one.
pub fn named(name: &str) -> Option<TimeZone> {
    let well_formed = name.len() < 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || "/_-+".contains(c));
    (well_formed && !name.is_empty()).then(|| TimeZone::get(name).ok()).flatten()
}

/// The names of places people live in, in order of the alphabet.
pub fn names() -> Vec<String> {
    let continents =
        ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];
    let is_place = |name: &str| continents.iter().any(|continent| name.starts_with(&format!("{continent}/")));
    let mut names: Vec<String> =
        jiff::tz::db().available().map(|name| name.as_str().to_owned()).filter(|name| is_place(name)).collect();
    names.push("UTC".to_owned());
    names.sort();
    names.dedup();
    names
}

/// A zone's name for people: `Asia/Kolkata`; the machine's own may have none.
pub fn name_of(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_a_zone_and_nonsense_has_none() {
        assert_eq!(named("Asia/Kolkata").as_ref().map(name_of).as_deref(), Some("Asia/Kolkata"));
        for nonsense in ["", "Asia/Nowhere", "../etc/passwd", "Asia/Kolkata; path=/"] {
            assert!(named(nonsense).is_none(), "{nonsense}");
        }
        let names = names();
        assert!(names.len() > 300 && names.iter().all(|name| named(name).is_some()), "{} names", names.len());
    }
}
