//! Tests of the comparison from schemas to findings.

mod common;
mod matrix;
mod rules;
mod witnesses;
