//! Dates of HTTP (RFC 9110 §5.6.7), as seconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Bytes of a date as the edge writes it.
pub const LENGTH: usize = 29;

/// The seconds of a date in one of the three formats; `None` for anything else, and for a time before 1970.
pub fn parse(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok()?;
    // The one zone that there is: the library would take others for it.
    if text.contains(',') && !text.ends_with(" GMT") {
        return None;
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

/// As in `Sun, 06 Nov 1994 08:49:37 GMT`. A time after the year 9999 is the last of it.
pub fn format(seconds: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds.min(LAST)))
}

/// The end of the year 9999, which is the last that the format has room for.
const LAST: u64 = 253_402_300_799;

/// Seconds since 1970 of a clock's reading.
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
