//! Dates of HTTP (RFC 9110 §5.6.7), as seconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Bytes of a date as the edge writes it.
pub const LENGTH: usize = 29;

/// The seconds of a date in one of the three formats, in any case; `None` for anything else, and for a time before 1970.
/// The day of the week is not looked at: it says nothing that the date does not say.
pub fn parse(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let (day, month, year, time) = match text.split_once(", ") {
        Some((_, rest)) => {
            let rest = without_zone(rest)?;
            match rest.as_bytes() {
                // 06 Nov 1994 08:49:37
                [_, _, b' ', _, _, _, b' ', _, _, _, _, b' ', ..] => {
                    (number(&rest[..2])?, month(&rest[3..6])?, number(&rest[7..11])?, &rest[12..])
                }
                // 06-Nov-94 08:49:37
                [_, _, b'-', _, _, _, b'-', _, _, b' ', ..] => {
                    (number(&rest[..2])?, month(&rest[3..6])?, century(number(&rest[7..9])?), &rest[10..])
                }
                _ => return None,
            }
        }
        // Sun Nov  6 08:49:37 1994
        None => match text.as_bytes() {
            [_, _, _, b' ', _, _, _, b' ', _, _, b' ', _, _, _, _, _, _, _, _, b' ', _, _, _, _] => {
                let day = text[8..10].strip_prefix(' ').unwrap_or(&text[8..10]);
                (number(day)?, month(&text[4..7])?, number(&text[20..])?, &text[11..19])
            }
            _ => return None,
        },
    };
    seconds_of(year, month, day)?.checked_add(seconds_of_day(time)?)
}

/// The only zone that there is.
fn without_zone(text: &str) -> Option<&str> {
    let (rest, zone) = text.split_at_checked(text.len().checked_sub(4)?)?;
    zone.eq_ignore_ascii_case(" GMT").then_some(rest)
}

fn number(digits: &str) -> Option<u64> {
    super::list::number(digits.as_bytes())
}

/// From 1.
fn month(name: &str) -> Option<u64> {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    Some(NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))? as u64 + 1)
}

/// Two digits stand for the years from 1970 on: no date of HTTP is older.
fn century(year: u64) -> u64 {
    if year < 70 { 2_000 + year } else { 1_900 + year }
}

/// As in `08:49:37`, with a leap second.
fn seconds_of_day(time: &str) -> Option<u64> {
    let [_, _, b':', _, _, b':', _, _] = time.as_bytes() else { return None };
    let (hour, minute, second) = (number(&time[..2])?, number(&time[3..5])?, number(&time[6..])?);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3_600 + minute * 60 + second)
}

/// The seconds of a day's beginning, in the calendar of today.
fn seconds_of(year: u64, month: u64, day: u64) -> Option<u64> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        2 => 28 + u64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=length).contains(&day) || year < 1_970 {
        return None;
    }
    // Years that begin in March: the day that may be missing is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    Some((days - DAYS_TO_1970) * 86_400)
}

/// Days from the first of March of the year 0 to 1970.
const DAYS_TO_1970: u64 = 719_468;

/// The year, the month and the day, from 1, of a day since 1970.
pub fn civil(day: u64) -> (u64, u64, u64) {
    // Eras of 400 years, and years that begin in March, as in `seconds_of`.
    let day = day + DAYS_TO_1970;
    let (era, day_of_era) = (day / 146_097, day % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + era * 400;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
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
