//! Feeds arbitrary bytes to [`schemas::generate`].

#![no_main]

use libfuzzer_sys::fuzz_target;
use qapi_fuzz::schemas;

fuzz_target!(|data: &[u8]| schemas::generate(data));
