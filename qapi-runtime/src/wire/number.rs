//! The end and the value of number tokens.

use super::document::Node;
use super::error::WireError;

/// The part of a number token that was read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Minus,
    Zero,
    Digits,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
}

/// The effect of a byte on a number token.
pub(super) enum NumberStep {
    /// It belongs to the token.
    Continue(Part),
    /// It does not, and the token is complete.
    End,
    /// It does not, and the token is not complete.
    Stray,
}

impl Part {
    /// Returns the state after a number's first byte.
    pub(super) fn start(byte: u8) -> Self {
        match byte {
            b'-' => Self::Minus,
            b'0' => Self::Zero,
            _ => Self::Digits,
        }
    }

    /// Only a point may follow a leading zero: a digit is an error, and `0e5` is `0` and a word.
    pub(super) fn step(self, byte: u8) -> NumberStep {
        use NumberStep::{Continue, End, Stray};
        match (self, byte) {
            (Self::Minus, b'0') => Continue(Self::Zero),
            (Self::Minus | Self::Digits, b'0'..=b'9') => Continue(Self::Digits),
            (Self::Zero | Self::Digits, b'.') => Continue(Self::Point),
            (Self::Digits | Self::Fraction, b'e' | b'E') => Continue(Self::Exponent),
            (Self::Point | Self::Fraction, b'0'..=b'9') => Continue(Self::Fraction),
            (Self::Exponent, b'+' | b'-') => Continue(Self::ExponentSign),
            (Self::Exponent | Self::ExponentSign | Self::ExponentDigits, b'0'..=b'9') => {
                Continue(Self::ExponentDigits)
            }
            (Self::Zero, b'0'..=b'9')
            | (Self::Minus | Self::Point | Self::Exponent | Self::ExponentSign, _) => Stray,
            (Self::Zero | Self::Digits | Self::Fraction | Self::ExponentDigits, _) => End,
        }
    }
}

impl Part {
    /// Returns whether a complete token has neither fraction nor exponent.
    fn is_integer(self) -> bool {
        matches!(self, Self::Zero | Self::Digits)
    }
}

/// Length and end state of the number at the start of `input`, if it is complete and its end is in sight.
pub(super) fn scan(input: &[u8]) -> Option<(usize, Part)> {
    let mut part = Part::start(input[0]);
    for (index, &byte) in input.iter().enumerate().skip(1) {
        match part.step(byte) {
            NumberStep::Continue(next) => part = next,
            NumberStep::End => return Some((index, part)),
            NumberStep::Stray => return None,
        }
    }
    None
}

/// The longest part of a number that an error text repeats.
const SHOWN: usize = 40;

/// Returns the value of a complete number token: an `i64` if it fits, else a `u64`, else a finite double.
///
/// The reference takes numbers beyond the doubles as infinite and echoes them as `inf`, which is not JSON; we reject
/// them (defect D18 of docs/reference/agent-behaviour.md part 10).
pub(super) fn value(token: &[u8], part: Part) -> Result<Node, Box<WireError>> {
    if part.is_integer() {
        if let Some(value) = small(token) {
            return Ok(Node::Integer(value));
        }
    }
    let text = std::str::from_utf8(token).expect("number tokens are ASCII");
    if part.is_integer() {
        if let Ok(value) = text.parse() {
            return Ok(Node::Integer(value));
        }
        if let Ok(value) = text.parse() {
            return Ok(Node::Unsigned(value));
        }
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Node::Number(value)),
        _ => {
            let shown = if text.len() > SHOWN {
                format!("{}...", &text[..SHOWN])
            } else {
                text.to_owned()
            };
            Err(WireError::NumberOutOfRange(shown.into()).into())
        }
    }
}

/// Returns the value of an integer of so few digits that it cannot overflow.
fn small(token: &[u8]) -> Option<i64> {
    const DIGITS: usize = 18;
    let (digits, sign) = match token.strip_prefix(b"-") {
        Some(digits) => (digits, -1),
        None => (token, 1),
    };
    if digits.len() > DIGITS {
        return None;
    }
    Some(
        sign * digits
            .iter()
            .fold(0, |value, &digit| value * 10 + i64::from(digit - b'0')),
    )
}
