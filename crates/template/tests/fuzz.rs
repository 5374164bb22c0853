//! The law of the fuzz target `parse`, over seeds and mutations of them.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

mod judge;
#[path = "../../../fuzz/laws/parse.rs"]
mod law;
#[path = "../../../fuzz/laws/mutation.rs"]
mod mutation;

#[test]
fn mutated_templates_obey_the_parser_laws() {
    let seeds = mutation::seeds();
    assert!(seeds.len() > 20);
    let mut numbers = mutation::Numbers::new(0x9e37_79b9_7f4a_7c15);
    for round in 0..300_000 {
        let data = if round < seeds.len() {
            seeds[round].clone()
        } else {
            mutation::mutate(&seeds, &mut numbers)
        };
        let outcome = std::panic::catch_unwind(|| {
            law::parse(&data, |text| judge::count_libyaml_events(text).is_ok());
        });
        assert!(
            outcome.is_ok(),
            "round {round}: {:?}",
            String::from_utf8_lossy(&data)
        );
    }
}
