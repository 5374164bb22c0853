//! The law of the fuzz target `rewrite`, over seeds and mutations of them.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

#[path = "../../../fuzz/laws/rewrite.rs"]
mod law;
#[path = "../../../fuzz/laws/mutation.rs"]
mod mutation;

#[test]
fn every_mutation_is_rewritten_by_the_law() {
    let seeds = mutation::seeds();
    let mut numbers = mutation::Numbers::new(0x2545_f491_4f6c_dd1d);
    for round in 0..60_000 {
        let data = if round < seeds.len() {
            seeds[round].clone()
        } else {
            mutation::mutate(&seeds, &mut numbers)
        };
        let outcome = std::panic::catch_unwind(|| law::rewritten(&data));
        assert!(
            outcome.is_ok(),
            "round {round}: {:?}",
            String::from_utf8_lossy(&data)
        );
    }
}
