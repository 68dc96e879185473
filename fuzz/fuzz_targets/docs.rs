//! Feeds arbitrary bytes to [`schemas::docs`].

#![no_main]

use libfuzzer_sys::fuzz_target;
use qapi_fuzz::schemas;

fuzz_target!(|data: &[u8]| schemas::docs(data));
