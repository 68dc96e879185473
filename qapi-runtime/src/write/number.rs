//! Numbers as text.

use std::fmt::{self, Write as _};

pub(super) fn integer(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    unsigned(out, value.unsigned_abs());
}

pub(super) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    if value < 10 {
        out.push(b'0' + low_byte(value));
        return;
    }
    // The largest value has 20 digits.
    let mut digits = [0; 20];
    let mut start = digits.len();
    // Two at a time: division takes the most time.
    while value >= 10 {
        start -= 2;
        let pair = usize::from(low_byte(value % 100)) * 2;
        digits[start..start + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
        value /= 100;
    }
    if value > 0 {
        start -= 1;
        digits[start] = b'0' + low_byte(value);
    }
    out.extend_from_slice(&digits[start..]);
}

/// Returns a value known to be small.
#[inline]
fn low_byte(value: u64) -> u8 {
    value.to_le_bytes()[0]
}

/// The numbers from 00 to 99.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the numbers are below one hundred"
)]
const PAIRS: [u8; 200] = {
    let mut pairs = [b'0'; 200];
    let mut number = 0;
    while number < 100 {
        pairs[number * 2] += (number / 10) as u8;
        pairs[number * 2 + 1] += (number % 10) as u8;
        number += 1;
    }
    pairs
};

/// Significant digits of a double: enough for every double to be read back unchanged.
const PRECISION: usize = 17;

/// Writes a finite double as C's `%.17g` prints it: the shorter of fixed and scientific notation, without trailing
/// zeros.
pub(super) fn double(out: &mut Vec<u8>, value: f64) {
    // `{:.16e}` gives the 17 digits correctly rounded: `d.dddddddddddddddde-xxx`.
    let mut scientific = Short::default();
    write!(scientific, "{value:.*e}", PRECISION - 1)
        .expect("a sign, 17 digits, a point and an exponent fit");
    let text = &scientific.bytes[..scientific.length];

    let (text, negative) = match text.strip_prefix(b"-") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mark = text
        .iter()
        .position(|&byte| byte == b'e')
        .expect("the format has an exponent");
    let exponent = parse_exponent(&text[mark + 1..]);
    let mut digits = [0; PRECISION];
    digits[0] = text[0];
    digits[1..].copy_from_slice(&text[2..mark]);
    let significant = digits
        .iter()
        .rposition(|&digit| digit != b'0')
        .map_or(1, |last| last + 1);
    let digits = &digits[..significant];

    if negative {
        out.push(b'-');
    }
    match usize::try_from(exponent) {
        Ok(exponent) if exponent < PRECISION => fixed(out, digits, exponent + 1),
        _ if (-4..0).contains(&exponent) => {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + exponent.unsigned_abs() as usize - 1, b'0');
            out.extend_from_slice(digits);
        }
        _ => {
            fixed(out, digits, 1);
            out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
            if exponent.unsigned_abs() < 10 {
                out.push(b'0');
            }
            unsigned(out, exponent.unsigned_abs().into());
        }
    }
}

/// A buffer for one formatted number.
#[derive(Default)]
struct Short {
    bytes: [u8; 32],
    length: usize,
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let free = self
            .bytes
            .get_mut(self.length..self.length + text.len())
            .ok_or(fmt::Error)?;
        free.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}

/// `digits` with the point after the first `whole` of them; missing digits are zeros.
fn fixed(out: &mut Vec<u8>, digits: &[u8], whole: usize) {
    if digits.len() <= whole {
        out.extend_from_slice(digits);
        out.resize(out.len() + whole - digits.len(), b'0');
    } else {
        out.extend_from_slice(&digits[..whole]);
        out.push(b'.');
        out.extend_from_slice(&digits[whole..]);
    }
}

fn parse_exponent(text: &[u8]) -> i32 {
    let (digits, sign) = match text.strip_prefix(b"-") {
        Some(digits) => (digits, -1),
        None => (text, 1),
    };
    sign * digits
        .iter()
        .fold(0, |value, &digit| value * 10 + i32::from(digit - b'0'))
}
