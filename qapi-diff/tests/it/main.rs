//! Tests of the comparison from schemas to findings.

mod common;
mod rules;
mod witnesses;
