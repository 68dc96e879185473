//! Feeds arbitrary bytes to [`properties::parse`].

#![no_main]

use libfuzzer_sys::fuzz_target;
use qapi_parser_fuzz::properties;

fuzz_target!(|data: &[u8]| properties::parse(data));
