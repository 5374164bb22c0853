//! The law of the fuzz target `lint`, over seeds, the rules' fixtures, and mutations of them.
#![expect(clippy::unwrap_used, reason = "a test panics on a broken setup")]

use std::path::Path;

#[path = "../../../fuzz/laws/lint.rs"]
mod law;
#[path = "../../../fuzz/laws/mutation.rs"]
mod mutation;

/// Returns the templates of the rules' fixtures, sorted by their paths.
fn fixtures() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = |folder: &Path| {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
    };
    let mut paths: Vec<_> = files(&folder)
        .flat_map(|rule| files(&rule).collect::<Vec<_>>())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    paths.sort();
    assert!(!paths.is_empty(), "no fixtures in {}", folder.display());
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

#[test]
fn mutated_fixtures_and_seeds_keep_the_law() {
    let mut seeds = fixtures();
    seeds.extend(mutation::seeds());
    let mut numbers = mutation::Numbers::new(0x2545_f491_4f6c_dd1d);
    for round in 0..4_000 {
        let data = if round < seeds.len() {
            seeds[round].clone()
        } else {
            mutation::mutate(&seeds, &mut numbers)
        };
        let outcome = std::panic::catch_unwind(|| law::linted(&data));
        assert!(
            outcome.is_ok(),
            "round {round}: {:?}",
            String::from_utf8_lossy(&data)
        );
    }
}
