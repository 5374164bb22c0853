//! The lint measured on labelled templates: names × places × values, secrets and decoys.
//!
//! The templates are generated here, each line with its label. The vocabulary has two halves:
//! `tuned`, on which findings may be read when a rule is made, and `held-out`, of which only the
//! figures are. A finding counts by its line; of the rules those count that speak of a secret in
//! the template (`weak-secret` and the rest don't).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails where it can't go on, and says its figures"
)]

mod corpus;
mod generate;
mod vocabulary;

use std::collections::BTreeSet;

use byref_lint::{Context, lint};
use generate::Labelled;

/// Hits, misses and false findings.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    hits: usize,
    misses: usize,
    false_findings: usize,
}

impl Score {
    fn precision(self) -> f64 {
        ratio(self.hits, self.hits + self.false_findings)
    }

    fn recall(self) -> f64 {
        ratio(self.hits, self.hits + self.misses)
    }

    fn f1(self) -> f64 {
        ratio(
            2 * self.hits,
            2 * self.hits + self.misses + self.false_findings,
        )
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap());
    if whole == 0 {
        1.0
    } else {
        number(part) / number(whole)
    }
}

/// Returns the lines on which a rule finds a plaintext secret.
fn found_in(text: &str) -> BTreeSet<usize> {
    let report = lint(&text.into(), Context::default());
    report
        .findings
        .iter()
        .filter(|finding| finding.rule.finds.is_secret_value())
        .map(|finding| corpus::line_of(text, finding.span.start))
        .collect()
}

fn judge(labelled: &Labelled, before: &BTreeSet<usize>, score: &mut Score, says: bool) {
    let found: BTreeSet<usize> = found_in(&labelled.text)
        .difference(before)
        .copied()
        .collect();
    for line in &labelled.secrets {
        if found.contains(line) {
            score.hits += 1;
        } else {
            score.misses += 1;
            if says {
                let lines: Vec<&str> = labelled
                    .text
                    .lines()
                    .skip(line - 2)
                    .take(2)
                    .map(str::trim)
                    .collect();
                println!("missed: {}", lines.join(" / "));
            }
        }
    }
    for line in found.iter().filter(|line| !labelled.secrets.contains(line)) {
        score.false_findings += 1;
        if says {
            println!("false: {}", labelled.text.lines().nth(line - 1).unwrap());
        }
    }
}

fn measure(half: vocabulary::Half, files: u64, says: bool) -> Score {
    let mut score = Score::default();
    for seed in 0..files {
        judge(
            &generate::template(half, seed),
            &BTreeSet::new(),
            &mut score,
            says,
        );
    }
    println!(
        "{half:?}: F1 {:.3}, precision {:.3}, recall {:.3} ({score:?})",
        score.f1(),
        score.precision(),
        score.recall()
    );
    score
}

/// `BYREF_SAY=1` prints what was missed and what was false, of the tuned half only.
#[test]
fn labelled_templates_of_the_tuned_vocabulary() {
    let score = measure(
        vocabulary::Half::Tuned,
        160,
        std::env::var_os("BYREF_SAY").is_some(),
    );
    assert!(score.f1() >= 0.95);
}

#[test]
fn labelled_templates_of_the_held_out_vocabulary() {
    let score = measure(vocabulary::Half::HeldOut, 160, false);
    assert!(score.f1() >= 0.95);
}

/// Public templates with names and values of the vocabulary in them, where this machine has such
/// templates.
#[test]
fn public_templates_with_planted_secrets() {
    let says = std::env::var_os("BYREF_SAY").is_some();
    let files = corpus::files();
    if files.is_empty() {
        println!("not run: no public templates here");
        return;
    }
    for (half, offset) in [(vocabulary::Half::Tuned, 0), (vocabulary::Half::HeldOut, 1)] {
        let mut score = Score::default();
        for (index, path) in files.iter().enumerate().skip(offset).step_by(2) {
            let Ok(text) = std::fs::read_to_string(path) else {
                continue;
            };
            if let Some(labelled) = corpus::labelled(half, index, &text) {
                judge(&labelled, &found_in(&text), &mut score, says && offset == 0);
            }
        }
        println!(
            "public templates, {half:?}: F1 {:.3}, {score:?}",
            score.f1()
        );
        assert!(score.f1() >= 0.95);
    }
}
