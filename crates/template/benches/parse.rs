//! `cargo bench -p byref-template`: our parser beside libyaml's events and `serde_yaml`, over the
//! same texts.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints what it measured"
)]

#[path = "../tests/judge/mod.rs"]
mod judge;
#[path = "../../../benches/sample.rs"]
#[expect(dead_code, reason = "shared with other benchmarks")]
mod sample;

use std::hint::black_box;

use byref_template::Template;

fn compare(name: &str, texts: &[String], rounds: usize) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut ours = || {
        for text in texts {
            drop(black_box(Template::parse(text.as_str())));
        }
    };
    let mut libyaml = || {
        for text in texts {
            assert!(black_box(judge::count_libyaml_events(text)).is_ok());
        }
    };
    let mut serde = || {
        for text in texts {
            drop(black_box(serde_yaml::from_str::<serde_yaml::Value>(text)));
        }
    };
    let times = sample::medians(rounds, &mut [&mut ours, &mut libyaml, &mut serde]);
    let rate = |index: usize| bytes as f64 / times[index].as_secs_f64() / 1e6;
    println!(
        "{name}: {bytes} bytes; byref {:.0} MB/s, libyaml events {:.0} MB/s, serde_yaml {:.0} MB/s; byref is {:.1} times libyaml, {:.1} times serde_yaml",
        rate(0),
        rate(1),
        rate(2),
        sample::ratio(times[1], times[0]),
        sample::ratio(times[2], times[0])
    );
}

fn main() {
    compare("40 times 6 KB", &vec![sample::template(6_000); 40], 60);
    compare("1 MB", &[sample::template(1_000_000)], 30);
    if let Some(shared) = judge::shared() {
        let texts: Vec<String> = judge::texts(&shared.join("corpus"))
            .into_iter()
            .map(|(_, text)| text)
            .filter(|text| judge::count_libyaml_events(text).is_ok())
            .collect();
        compare("public templates", &texts, 15);
    }
    for (small, large) in [(100_000, 1_000_000), (1_000_000, 10_000_000)] {
        let (small, large) = (sample::template(small), sample::template(large));
        let times = sample::medians(
            8,
            &mut [
                &mut || drop(black_box(Template::parse(small.as_str()))),
                &mut || {
                    drop(black_box(Template::parse(large.as_str())));
                },
            ],
        );
        println!(
            "growth: {:.1} times the input takes {:.1} times as long",
            large.len() as f64 / small.len() as f64,
            sample::ratio(times[1], times[0])
        );
    }
}
