//! `cargo bench -p byref-cli --bench growth`: how the time of a command grows when its input does,
//! for the shapes that real and hostile inputs have: 10 and 100 times the input beside 1 time.
//! Linear growth is at most 12 for 10 times the input.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../../../benches/sample.rs"]
#[expect(dead_code, reason = "the other benchmarks use the rest of it")]
mod sample;
#[path = "../../../benches/shapes.rs"]
mod shapes;

use std::path::Path;
use std::process::{Command, Stdio};

use shapes::{Input, SHAPES};

/// The smallest size takes about as long as starting a process twice.
const SIZES: [usize; 3] = [1, 10, 100];

fn main() {
    let folder = std::env::temp_dir().join(format!("byref-growth-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let only: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    for shape in SHAPES
        .iter()
        .filter(|shape| only.is_empty() || only.iter().any(|name| shape.name.contains(name)))
    {
        let mut inputs = Vec::new();
        for size in SIZES {
            let here = folder.join(format!("{size}"));
            std::fs::create_dir_all(&here).expect("a folder");
            write(&here, &(shape.input)(size * shape.unit));
            inputs.push(here);
        }
        let run = |here: &Path| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_byref"));
            command
                .args(shape.command)
                .current_dir(here)
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let status = command.status().expect("a process");
            assert!(
                status.code().is_some_and(|code| code <= 2),
                "{}",
                shape.name
            );
        };
        let times = sample::medians(
            3,
            &mut [
                &mut || run(&inputs[0]),
                &mut || run(&inputs[1]),
                &mut || run(&inputs[2]),
            ],
        );
        println!(
            "{:28} {:?}; 10 times the input: {:.1} times as long; 100 times: {:.1}",
            shape.name,
            times[0],
            sample::ratio(times[1], times[0]),
            sample::ratio(times[2], times[0]),
        );
    }
    std::fs::remove_dir_all(&folder).expect("the folder");
}

fn write(folder: &Path, input: &Input) {
    std::fs::write(folder.join("template.yaml"), &input.template).expect("a template");
    std::fs::write(folder.join("deploy.toml"), &input.config).expect("a configuration");
}
