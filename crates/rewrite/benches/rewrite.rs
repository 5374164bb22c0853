//! `cargo bench -p byref-rewrite`: plan, rewrite and proof beside one `serde_yaml` parse of the
//! same template.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../../../benches/sample.rs"]
mod sample;

use std::hint::black_box;

use byref_config::{ConfigFile, DeployConfig, Grant, parse};
use byref_rewrite::{Answers, Document, Request, Survey, rewrite};
use byref_template::{Sources, Template};

fn config(lines: usize) -> DeployConfig {
    let text = sample::config(lines);
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", text.as_str());
    parse(&[ConfigFile {
        source,
        text: &text,
    }])
    .0
    .expect("a valid configuration")
}

fn run(config: &DeployConfig, text: &str) -> usize {
    let mut sources = Sources::new();
    let source = sources.add("template.yaml", text);
    let template = Template::parse(sources.get(source).text().clone()).expect("a template");
    let document = Document {
        source,
        path: "template.yaml".to_owned(),
        template,
        role: byref_rewrite::DocumentRole::Written,
    };
    let environment = &config.environments["production"];
    let request = Request {
        grant: Grant::Auto,
        ..Request::new(config, &config.apps["app"], environment)
    };
    let documents = [document];
    let plan = Survey::new(request, &documents).plan(&Answers::none());
    assert!(!plan.has_errors());
    rewrite(&documents[0], &plan.changes[0])
        .expect("a proven result")
        .text()
        .len()
}

fn main() {
    for (name, bytes, lines) in [
        ("6 KB, 4 secrets", 6_000, 4),
        ("100 KB, 40 secrets", 100_000, 40),
        ("1 MB, 400 secrets", 1_000_000, 400),
    ] {
        let (text, config) = (sample::template(bytes), config(lines));
        let times = sample::medians(
            15,
            &mut [
                &mut || assert_ne!(black_box(run(&config, &text)), 0),
                &mut || {
                    drop(black_box(serde_yaml::from_str::<serde_yaml::Value>(&text)));
                },
            ],
        );
        println!(
            "{name}: {:?}, {:.2} times one serde_yaml parse",
            times[0],
            sample::ratio(times[0], times[1])
        );
    }
    let (small, large, few, many) = (
        sample::template(100_000),
        sample::template(1_000_000),
        config(40),
        config(400),
    );
    let times = sample::medians(
        8,
        &mut [
            &mut || assert_ne!(black_box(run(&few, &small)), 0),
            &mut || {
                assert_ne!(black_box(run(&many, &large)), 0);
            },
        ],
    );
    println!(
        "growth: 10 times the input and the edits takes {:.1} times as long",
        sample::ratio(times[1], times[0])
    );
}
