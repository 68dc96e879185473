//! The difference between expected and actual requests.

use std::fmt;

use crate::value::Object;
use crate::write::Writer;

/// A request that a client has sent.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Asked {
    /// The command's name.
    pub command: String,
    /// Its arguments.
    pub arguments: Object,
}

impl fmt::Display for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.command)?;
        if self.arguments.is_empty() {
            return Ok(());
        }
        let mut out = Writer::new();
        out.value(&self.arguments);
        write!(formatter, " {}", out.into_string())
    }
}

/// A line of the difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Both(String),
    Expected(String),
    Done(String),
    /// A number of matching requests that are not shown.
    Skipped(usize),
}

/// The difference between a client's requests and the expected ones. `Display` shows it line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch(Vec<Line>);

/// Requests shown around a difference.
const CONTEXT: usize = 3;

impl Mismatch {
    /// Returns the difference, or none if there is none.
    pub(super) fn of(lines: &[Line]) -> Result<(), Self> {
        let is_different = |line: &Line| !matches!(line, Line::Both(_));
        if !lines.iter().any(is_different) {
            return Ok(());
        }
        let mut shown = Vec::new();
        let mut skipped = 0;
        for (index, line) in lines.iter().enumerate() {
            let from = index.saturating_sub(CONTEXT);
            let to = (index + CONTEXT + 1).min(lines.len());
            if !lines[from..to].iter().any(is_different) {
                skipped += 1;
                continue;
            }
            if skipped > 0 {
                shown.push(Line::Skipped(std::mem::take(&mut skipped)));
            }
            shown.push(line.clone());
        }
        if skipped > 0 {
            shown.push(Line::Skipped(skipped));
        }
        Err(Self(shown))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the client did not do what was expected (- expected, + done):")?;
        for line in &self.0 {
            match line {
                Line::Both(text) => write!(formatter, "\n    {text}")?,
                Line::Expected(text) => write!(formatter, "\n  - {text}")?,
                Line::Done(text) => write!(formatter, "\n  + {text}")?,
                Line::Skipped(1) => formatter.write_str("\n    (one more)")?,
                Line::Skipped(number) => write!(formatter, "\n    ({number} more)")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Mismatch {}
