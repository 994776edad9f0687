//! `phm plugin bench`: what a plugin's call costs, for its author. No vault is needed.

use std::path::Path;
use std::time::Instant;

use phm_plugins::alone::Alone;
use phm_plugins::calls::package_at;
use serde_json::{Value, json};

use super::super::output::{Answer, Failure, bytes_of};

/// Compiles the plugin once and calls it `calls` times with the same input, each time in a fresh instance, as a house does.
pub fn bench(path: &Path, input: &Path, calls: u32) -> Result<Answer, Failure> {
    let wrong = || Failure::new("invalid-input", "the input is no JSON file");
    let input: Value = serde_json::from_slice(&bytes_of(input)?).map_err(|_| wrong())?;
    let package = package_at(path)?;
    let began = Instant::now();
    let alone = Alone::new(&package)?;
    let compile_ms = began.elapsed().as_secs_f64() * 1000.0;
    let (mut took, mut peak_bytes, mut fuel) = (Vec::new(), 0, 0);
    for _ in 0..calls.max(1) {
        let called = alone.call(&input).called?;
        took.push(called.ms);
        peak_bytes = peak_bytes.max(called.peak_bytes);
        fuel = fuel.max(called.fuel);
    }
    took.sort_by(f64::total_cmp);
    let (median, late, most) = (part(&took, 50), part(&took, 95), part(&took, 100));
    let name = &alone.manifest().name;
    let value = json!({
        "name": name, "calls": took.len(), "compile_ms": compile_ms, "median_ms": median, "p95_ms": late, "most_ms": most,
        "peak_bytes": peak_bytes, "fuel": fuel,
    });
    let text = format!(
        "{name}: {} calls, half of them within {median:.2} ms, 95 of 100 within {late:.2} ms, the slowest {most:.2} ms.\n\
         {} KB of memory and {fuel} units of work at most; compiled in {compile_ms:.0} ms.",
        took.len(),
        peak_bytes / 1024,
    );
    Ok(Answer::new(value, text))
}

/// The time within which so many of a hundred calls ended; `sorted` is in order.
fn part(sorted: &[f64], of_hundred: usize) -> f64 {
    let at = (sorted.len() * of_hundred).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn parts_of_a_hundred_are_calls_that_were_made() {
        let took = [1.0, 2.0, 3.0, 4.0];
        assert_eq!([50, 95, 100].map(|of| part(&took, of).to_string()), ["2", "4", "4"]);
        assert_eq!(part(&[7.0], 50).to_string(), "7");
        assert_eq!(part(&[], 50).to_string(), "0");
    }
}
