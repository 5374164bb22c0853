#![no_main]

#[path = "../laws/rewrite.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|data: &[u8]| law::rewritten(data));
