//! libFuzzer's way into `rmd_fuzz::workbook_inside`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    rmd_fuzz::workbook_inside(bytes);
});
