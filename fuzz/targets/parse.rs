#![no_main]

#[path = "../../crates/template/tests/judge/mod.rs"]
mod judge;
#[path = "../laws/parse.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|data: &[u8]| law::parse(data, |text| judge::count_libyaml_events(text).is_ok()));
