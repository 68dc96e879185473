//! Feeds arbitrary bytes to [`properties::document`].

#![no_main]

use libfuzzer_sys::fuzz_target;
use qapi_runtime_fuzz::properties;

fuzz_target!(|data: &[u8]| properties::document(data));
