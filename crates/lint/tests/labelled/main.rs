//! The lint measured on labelled templates: names × places × values, secrets and decoys.
//!
//! The templates are generated here, each line with its label. The vocabulary has two halves: `tuned`, on which findings
//! may be read when a rule is made, and `held-out`, of which only the figures are. A finding counts by its line; of the
//! rules those count that speak of a secret in the template (`weak-secret` and the rest don't).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails where it can't go on, and says its figures"
)]

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
        ratio(2 * self.hits, 2 * self.hits + self.misses + self.false_findings)
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap());
    if whole == 0 { 1.0 } else { number(part) / number(whole) }
}

fn judge(labelled: &Labelled, score: &mut Score, says: bool) {
    let report = lint(&labelled.text.as_str().into(), Context::default());
    let found: BTreeSet<usize> = report
        .findings
        .iter()
        .filter(|finding| {
            finding.rule.id.ends_with("-secret") && finding.rule.id != "weak-secret"
                || finding.rule.id.starts_with("secret-")
        })
        .map(|finding| labelled.text[..finding.span.start as usize].matches('\n').count() + 1)
        .collect();
    for line in &labelled.secrets {
        if found.contains(line) {
            score.hits += 1;
        } else {
            score.misses += 1;
            if says {
                let lines: Vec<&str> = labelled.text.lines().skip(line - 2).take(2).map(str::trim).collect();
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
        judge(&generate::template(half, seed), &mut score, says);
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
fn the_tuned_half() {
    let score = measure(vocabulary::Half::Tuned, 160, std::env::var_os("BYREF_SAY").is_some());
    assert!(score.f1() >= 0.95);
}

#[test]
fn the_held_out_half() {
    let score = measure(vocabulary::Half::HeldOut, 160, false);
    assert!(score.f1() >= 0.95);
}
