//! The law of the fuzz target `lint`, over seeds, the rules' fixtures, and mutations of them.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

use std::path::Path;

#[path = "../../../fuzz/laws/lint.rs"]
mod law;
#[path = "../../../fuzz/laws/mutation.rs"]
mod mutation;

/// The templates of the rules' fixtures, sorted by rule.
fn fixtures() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("template.yaml")).collect();
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}

#[test]
fn every_mutation_is_linted_by_the_law() {
    let mut seeds = fixtures();
    seeds.extend(mutation::seeds());
    let mut numbers = mutation::Numbers::new(0x2545_f491_4f6c_dd1d);
    for round in 0..4_000 {
        let data = if round < seeds.len() { seeds[round].clone() } else { mutation::mutate(&seeds, &mut numbers) };
        let outcome = std::panic::catch_unwind(|| law::linted(&data));
        assert!(outcome.is_ok(), "round {round}: {:?}", String::from_utf8_lossy(&data));
    }
}
