//! libFuzzer's way into `rmd_fuzz::columns`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    rmd_fuzz::columns(bytes);
});
