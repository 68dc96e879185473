//! Times in logs, as microseconds since 1970. Times without an offset are taken for universal time.

/// Returns the time at the start of a line, such as `2026-11-29 09:09:48.123+0000: …`.
pub(super) fn libvirt(line: &[u8]) -> Option<u64> {
    let (time, rest) = date_and_time(line, b'-')?;
    let sign = match rest {
        [b'+', ..] => -1,
        [b'-', ..] => 1,
        _ => return Some(time),
    };
    let (hours, minutes) = (number(rest.get(1..3)?)?, number(rest.get(3..5)?)?);
    let offset = i64::try_from((hours * 60 + minutes) * 60_000_000).ok()?;
    time.checked_add_signed(sign * offset)
}

/// Returns the time after the process, such as `42@1764407388.123456:`.
pub(super) fn qemu(before: &[u8]) -> Option<u64> {
    let at = before.iter().position(|&byte| byte == b'@')?;
    let text = &before[at + 1..];
    let point = text.iter().position(|&byte| byte == b'.')?;
    let seconds = number(&text[..point])?;
    let (micros, _) = fraction(&text[point..]);
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

/// Returns the time of a line such as `2026/11/29 09:09:48.000123456  length=…`. Nine digits that begin with three zeros are
/// microseconds in socat 1.7.
pub(super) fn socat(line: &[u8]) -> Option<u64> {
    let (time, _) = date_and_time(line, b'/')?;
    let digits = line.get(19..).and_then(|rest| rest.strip_prefix(b".000"));
    let micros = digits.and_then(|digits| digits.get(..6)).and_then(number);
    Some(micros.map_or(time, |micros| time - time % 1_000_000 + micros))
}

/// `2026-11-29 09:09:48.123` with this byte between the parts of the date, and the rest of the line.
fn date_and_time(line: &[u8], between: u8) -> Option<(u64, &[u8])> {
    let text = line.get(..19)?;
    let separators = [
        (4, between),
        (7, between),
        (10, b' '),
        (13, b':'),
        (16, b':'),
    ];
    if separators.iter().any(|&(at, byte)| text[at] != byte) {
        return None;
    }
    let [year, month, day] = [&text[..4], &text[5..7], &text[8..10]].map(number);
    let [hour, minute, second] = [&text[11..13], &text[14..16], &text[17..19]].map(number);
    let days = days(year?, month?, day?)?;
    let seconds = ((days * 24 + hour?) * 60 + minute?) * 60 + second?;
    let (micros, rest) = fraction(&line[19..]);
    Some((seconds * 1_000_000 + micros, rest))
}

/// Days since 1970 (proleptic Gregorian calendar).
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin with March, so that the leap day comes last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    Some(year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// `.123456789` as microseconds, and the rest.
fn fraction(text: &[u8]) -> (u64, &[u8]) {
    let Some(digits) = text.strip_prefix(b".") else {
        return (0, text);
    };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit());
    let end = end.unwrap_or(digits.len());
    let places = (0..6).map(|at| {
        digits[..end]
            .get(at)
            .map_or(0, |digit| u64::from(digit - b'0'))
    });
    (
        places.fold(0, |micros, digit| micros * 10 + digit),
        &digits[end..],
    )
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        let start = 951_782_400_000_000; // 2000-02-29 00:00:00
        assert_eq!(
            libvirt(b"2000-02-29 00:00:00.5+0000: x"),
            Some(start + 500_000)
        );
        assert_eq!(libvirt(b"2000-02-29 01:30:00.000+0130: x"), Some(start));
        assert_eq!(libvirt(b"2000-02-28 23:00:00-0100"), Some(start));
        assert_eq!(
            socat(b"2000/02/29 00:00:00.000000001  length=1"),
            Some(start + 1)
        );
        assert_eq!(qemu(b"1@951782400.25:"), Some(start + 250_000));
        assert_eq!(libvirt(b"1970-01-01 00:00:00.000+0000"), Some(0));
        for text in [
            "",
            "x",
            "2000-13-01 00:00:00",
            "2000-01-01T00:00:00",
            "1969-12-31 00:00:00",
        ] {
            assert_eq!(libvirt(text.as_bytes()), None, "{text}");
        }
        assert_eq!(qemu(b"no time"), None);
    }
}
