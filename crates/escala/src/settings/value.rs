//! Durations, sizes and rates as people write them, and back.

use std::time::Duration;

use edge::config::Rate;

/// Units of a duration, the longest first, in milliseconds.
const DURATION_UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Units of a size, the largest first, in bytes.
const SIZE_UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

const NO_DURATION: &str = "which is no duration: a number and s, m, h, d or ms";
const NO_UNIT: &str = "which has no unit: a number and s, m, h, d or ms";
const NO_SIZE: &str = "which is no size: a number and B, kB, MB, GB, KiB, MiB or GiB";
const NO_RATE: &str = "which is no rate: requests, `/` and a duration, as in `100/1m` or `100/1m burst 20`";

/// Reads `250ms`, `30s`, `5m`, `1h` or `1d`. With the reason, when it is none.
pub(super) fn duration(text: &str) -> Result<Duration, &'static str> {
    let (number, unit) = number_and_unit(text).ok_or(NO_DURATION)?;
    if unit.is_empty() {
        return Err(NO_UNIT);
    }
    let factor = factor(unit, &DURATION_UNITS).ok_or(NO_DURATION)?;
    let milliseconds = times(number, factor).ok_or("which is longer than can be counted")?;
    Ok(Duration::from_millis(milliseconds))
}

/// Reads `64 MiB`, `1 GB` or `4096`, which is in bytes. With the reason, when it is none.
pub(super) fn size(text: &str) -> Result<u64, &'static str> {
    let (number, unit) = number_and_unit(text).ok_or(NO_SIZE)?;
    let unit = if unit.is_empty() { "B" } else { unit };
    let factor = factor(unit, &SIZE_UNITS).ok_or(NO_SIZE)?;
    times(number, factor).ok_or("which is more than can be counted")
}

/// Reads `100/1m` or `100/1m burst 20`. With the reason, when it is none.
pub(super) fn rate(text: &str) -> Result<Rate, &'static str> {
    let (requests, rest) = text.split_once('/').ok_or(NO_RATE)?;
    let (window, burst) = match rest.split_once("burst") {
        Some((window, burst)) => (window, Some(burst)),
        None => (rest, None),
    };
    let requests: u32 = whole(requests).ok_or(NO_RATE)?;
    let window = duration(window.trim()).map_err(|_| NO_RATE)?;
    let burst = burst.map_or(Some(requests), whole).ok_or(NO_RATE)?;
    if requests == 0 || burst == 0 {
        return Err("which lets nobody in");
    }
    if window.is_zero() {
        return Err("whose window has no length");
    }
    Ok(Rate { requests, window, burst })
}

/// As [`duration`] reads it, in the largest unit that needs no fraction. What is less than a millisecond is left out.
pub(crate) fn write_duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds == 0 {
        return "0s".to_owned();
    }
    let fits = |&&(_, unit): &&(&str, u64)| milliseconds.is_multiple_of(u128::from(unit));
    let (name, unit) = DURATION_UNITS.iter().find(fits).unwrap_or(&("ms", 1));
    format!("{}{name}", milliseconds / u128::from(*unit))
}

/// As [`size`] reads it, in the largest unit that needs no fraction.
pub(crate) fn write_size(bytes: u64) -> String {
    let fits = |&&(_, unit): &&(&str, u64)| bytes >= unit && bytes.is_multiple_of(unit);
    let (name, unit) = SIZE_UNITS.iter().find(fits).unwrap_or(&("B", 1));
    format!("{} {name}", bytes / unit)
}

/// As [`rate`] reads it.
pub(crate) fn write_rate(rate: &Rate) -> String {
    let Rate { requests, window, burst } = rate;
    let burst = if burst == requests { String::new() } else { format!(" burst {burst}") };
    format!("{requests}/{}{burst}", write_duration(*window))
}

/// Splits after the digits; between them and the unit may be spaces.
fn number_and_unit(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (!number.is_empty()).then(|| (number, unit.trim_start_matches(' ')))
}

fn factor(unit: &str, units: &[(&str, u64)]) -> Option<u64> {
    units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor)
}

fn times(digits: &str, factor: u64) -> Option<u64> {
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

fn whole(text: &str) -> Option<u32> {
    let digits = text.trim_matches(' ');
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
