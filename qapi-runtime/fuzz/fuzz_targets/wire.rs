//! Feeds arbitrary bytes to [`properties::wire`].

#![no_main]

use libfuzzer_sys::fuzz_target;
use qapi_runtime_fuzz::properties;

fuzz_target!(|data: &[u8]| properties::wire(data));
