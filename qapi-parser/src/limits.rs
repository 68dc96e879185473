//! Limits that keep any input from exhausting memory or the stack.
//!
//! Real schemas stay far below all of them: the largest known file has 220 kB, the deepest
//! expression eight brackets, the largest schema 46 files.

/// Bytes of one schema file; a larger one is `LIMIT-SIZE`.
pub const FILE_BYTES: u64 = 16 << 20;

/// Brackets open at one time; one more is `LIMIT-DEPTH`. The reference compiler exhausts
/// its stack at about 500 (docs/reference/language.md §2.1).
pub const BRACKETS: usize = 480;

/// Files open at one time, each but the first included by the one before; one more is
/// `LIMIT-INCLUDES`.
pub const INCLUDE_DEPTH: usize = 200;

/// Distinct files of a schema; one more is `LIMIT-INCLUDES`.
pub const FILES: usize = 10_000;

/// Errors reported while one file is read; one more is `LIMIT-REPORTS`, and the rest of the file
/// is not read.
pub const ERRORS: usize = 1_000;

/// Warnings reported while one file is read; instead of further ones there is one `LIMIT-REPORTS`.
pub const WARNINGS: usize = 100_000;

/// Bytes of repeated definitions: of a base for every type that has it, of arguments for every command that names them.
/// The definition that exceeds the limit is reported as `LIMIT-REPEATS`. The largest known schema has less than a tenth
/// of it.
pub const REPEATED_BYTES: u64 = 8 << 20;
