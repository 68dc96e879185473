//! Feeds arbitrary bytes to [`properties::roundtrip`].

#![no_main]

use libfuzzer_sys::fuzz_target;
use qapi_parser_fuzz::properties;

fuzz_target!(|data: &[u8]| properties::roundtrip(data));
