#![no_main]

#[path = "../laws/lint.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|data: &[u8]| law::linted(data));
