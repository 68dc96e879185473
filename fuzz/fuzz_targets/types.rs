//! Feeds arbitrary bytes to [`types::types`].

#![no_main]

use libfuzzer_sys::fuzz_target;
use qapi_fuzz::types;

fuzz_target!(|data: &[u8]| types::types(data));
