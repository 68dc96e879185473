//! Tests of the comparison from schemas to findings.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

mod common;
mod matrix;
mod rules;
mod witnesses;
