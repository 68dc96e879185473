//! Feeds arbitrary bytes to [`schemas::diff`].

#![no_main]

use libfuzzer_sys::fuzz_target;
use qapi_fuzz::schemas;

fuzz_target!(|data: &[u8]| schemas::diff(data));
