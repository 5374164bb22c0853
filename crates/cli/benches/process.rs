//! `cargo bench -p byref-cli`: `byref rewrite` as a process beside `/bin/true`, and beside one
//! `serde_yaml` parse.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../../../benches/sample.rs"]
mod sample;

use std::hint::black_box;
use std::process::{Command, Stdio};

fn main() {
    let folder = std::env::temp_dir().join(format!("byref-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, bytes, lines, rounds) in [("6 KB", 6_000, 4, 200), ("1 MB", 1_000_000, 400, 20)] {
        let text = sample::template(bytes);
        std::fs::write(folder.join("template.yaml"), &text).expect("a template");
        std::fs::write(folder.join("deploy.toml"), sample::config(lines)).expect("a configuration");
        let run = |program: &str, arguments: &[&str]| {
            let status = Command::new(program)
                .args(arguments)
                .current_dir(&folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            assert!(status.expect("a process").success());
        };
        let times = sample::medians(
            rounds,
            &mut [
                &mut || run(env!("CARGO_BIN_EXE_byref"), &["rewrite", "template.yaml"]),
                &mut || run("/bin/true", &[]),
                &mut || drop(black_box(serde_yaml::from_str::<serde_yaml::Value>(&text))),
            ],
        );
        println!(
            "{name}: byref rewrite {:?}; {:.1} times /bin/true, {:.1} times one serde_yaml parse",
            times[0],
            sample::ratio(times[0], times[1]),
            sample::ratio(times[0], times[2])
        );
    }
    std::fs::remove_dir_all(&folder).expect("the folder");
}
