//! Tests of the comparison from schemas to findings.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

mod builds;
mod clients;
mod common;
mod constructors;
mod corpus;
mod hostile;
mod kinds;
mod laws;
mod matrix;
mod random;
mod rules;
mod witnesses;
