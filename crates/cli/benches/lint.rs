//! `cargo bench -p byref-cli --bench lint`: `byref lint` beside ripsecrets and detect-secrets on
//! 320 templates that are full of secrets, and on 320 public ones where there are some, beside
//! `/bin/true` on one, and `--known` with 2,000 values beside `wc -l` on a log of 1 GB
//! (`BYREF_BENCH_MB` for less).
//!
//! ripsecrets comes by cargo into `target/tools`, detect-secrets from `PyPI` into `target/peers`;
//! what can't be had is said and left out.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../../lint/tests/labelled/generate.rs"]
#[expect(dead_code, reason = "the test of the lint uses the rest")]
mod generate;
#[path = "../../../benches/sample.rs"]
#[expect(dead_code, reason = "other benchmarks use the rest")]
mod sample;
#[path = "../../lint/tests/labelled/vocabulary.rs"]
mod vocabulary;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const BYREF: &str = env!("CARGO_BIN_EXE_byref");

fn run(folder: &Path, program: &Path, arguments: &[&str]) {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Findings make the exit code 1: only what can't be run at all counts.
    let status = command.status().expect("a process");
    assert!(
        status.code().is_some_and(|code| code < 2),
        "{}: {status}",
        program.display()
    );
}

fn target() -> PathBuf {
    Path::new(BYREF)
        .ancestors()
        .nth(2)
        .expect("the target folder")
        .to_owned()
}

/// The peers that can be had here: a name, a program, and its arguments.
fn peers() -> Vec<(&'static str, PathBuf, Vec<&'static str>)> {
    let mut peers = Vec::new();
    let tools = target().join("tools");
    let ripsecrets = tools.join("bin/ripsecrets");
    if !ripsecrets.exists() {
        let install = [
            "install",
            "--quiet",
            "--locked",
            "--version",
            "0.1.11",
            "ripsecrets",
            "--root",
        ];
        let _ = Command::new("cargo").args(install).arg(&tools).status();
    }
    if ripsecrets.exists() {
        peers.push(("ripsecrets", ripsecrets, vec!["."]));
    }
    let venv = target().join("peers");
    let detect = venv.join("bin/detect-secrets");
    if !detect.exists() {
        let _ = Command::new("python3")
            .args(["-m", "venv"])
            .arg(&venv)
            .status();
        let _ = Command::new(venv.join("bin/pip"))
            .args(["install", "-q", "detect-secrets==1.5.0"])
            .status();
    }
    if detect.exists() {
        peers.push(("detect-secrets", detect, vec!["scan", "--all-files", "."]));
    }
    peers
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let templates = folder.path().join("templates");
    std::fs::create_dir_all(&templates).expect("a folder");
    let mut bytes = 0;
    for seed in 0..320 {
        let half = if seed % 2 == 0 {
            vocabulary::Half::Tuned
        } else {
            vocabulary::Half::HeldOut
        };
        let text = generate::template(half, seed).text;
        bytes += text.len();
        std::fs::write(templates.join(format!("{seed}.yaml")), text).expect("a template");
    }
    let byref = Path::new(BYREF);
    beside_peers(
        &format!("320 templates with 20 secrets each, {} KB", bytes / 1000),
        &templates,
        &peers(),
    );
    if let Some(public) = public_templates(folder.path(), 320) {
        beside_peers("320 public templates", &public, &peers());
    }
    let one = sample::medians(
        200,
        &mut [
            &mut || run(&templates, byref, &["lint", "0.yaml", "--format", "json"]),
            &mut || {
                run(&templates, Path::new("/bin/true"), &[]);
            },
        ],
    );
    println!(
        "one template as a process: {:?}, {:.1} times /bin/true",
        one[0],
        sample::ratio(one[0], one[1])
    );
    known(folder.path());
}

/// Prints how long byref takes for a folder, and each peer, in turns.
fn beside_peers(title: &str, folder: &Path, peers: &[(&str, PathBuf, Vec<&str>)]) {
    println!("{title}:");
    for (name, program, arguments) in peers {
        let rounds = if *name == "ripsecrets" { 9 } else { 1 };
        let lint = || run(folder, Path::new(BYREF), &["lint", "--format", "json"]);
        let times = sample::medians(
            rounds,
            &mut [&mut || lint(), &mut || run(folder, program, arguments)],
        );
        println!(
            "  byref lint {:?}, {name} {:?}: byref takes {:.2} of that",
            times[0],
            times[1],
            sample::ratio(times[0], times[1])
        );
    }
}

/// The first templates of `corpus/` in the folder that `BYREF_SHARED` names, where there is one.
fn public_templates(folder: &Path, count: usize) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let corpus = std::env::var_os("BYREF_SHARED")
        .map_or(here, PathBuf::from)
        .join("corpus");
    let copied = folder.join("public");
    std::fs::create_dir_all(&copied).ok()?;
    let mut found: Vec<PathBuf> = ignore::Walk::new(corpus)
        .flatten()
        .map(ignore::DirEntry::into_path)
        .filter(|path| {
            path.is_file()
                && path
                    .extension()
                    .is_some_and(|end| end != "tsv" && end != "md")
        })
        .collect();
    found.sort();
    for (index, path) in found.iter().take(count).enumerate() {
        let end = path.extension()?.to_str()?;
        std::fs::copy(path, copied.join(format!("{index}.{end}"))).ok()?;
    }
    (found.len() >= count).then_some(copied)
}

/// 2,000 stored values in a log, none of which is there.
fn known(folder: &Path) {
    let config = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n[apps.app.secrets]\n";
    std::fs::write(folder.join("deploy.toml"), config).expect("a configuration");
    // As `head -c 32 /dev/urandom | base64` makes it: a passphrase in words takes 0.4 s to open the
    // store.
    std::fs::write(
        folder.join("key"),
        "EXAMPLEnotASecret0123456789abcdefGHIJKLMNOPq=\n",
    )
    .expect("a key");
    let mut draw = generate::Draw::new(7);
    let alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut values = String::new();
    for index in 0..2_000 {
        let length = 12 + draw.below(30);
        let _ = writeln!(values, "KEY_{index}={}", draw.text(alphabet, length));
    }
    std::fs::write(folder.join("values.env"), values).expect("values");
    let store = ["--store", "file:secrets.age", "--store-key", "key"];
    let byref = Path::new(BYREF);
    let import = [&["secret", "import", "values.env", "--yes"], &store[..]].concat();
    run(folder, byref, &import);
    let megabytes: usize = std::env::var("BYREF_BENCH_MB")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000);
    let mut log =
        std::io::BufWriter::new(std::fs::File::create(folder.join("access.log")).expect("a log"));
    let mut line = String::new();
    for index in 0..megabytes * 1_000_000 / 140 {
        line.clear();
        let trace = draw.text("0123456789abcdef", 32);
        let _ = writeln!(
            line,
            "2026-11-24T10:00:{:02}Z INFO 10.0.{}.{} GET /quiz/{index} 200 {trace} \"Mozilla/5.0 (X11; Linux x86_64)\" rid={}",
            index % 60,
            index % 256,
            index % 199,
            draw.below(99_999)
        );
        log.write_all(line.as_bytes()).expect("a line");
    }
    log.flush().expect("a log");
    drop(log);
    std::fs::write(folder.join("empty.log"), "").expect("a log");
    let search =
        |file: &'static str| [&["lint", "--known", file, "--format", "json"], &store[..]].concat();
    let (whole, empty) = (search("access.log"), search("empty.log"));
    let times = sample::medians(
        3,
        &mut [
            &mut || run(folder, byref, &whole),
            &mut || run(folder, byref, &empty),
            &mut || {
                run(folder, Path::new("wc"), &["-l", "access.log"]);
            },
        ],
    );
    println!(
        "--known, 2,000 values, {megabytes} MB: {:?}, of which {:?} open the store; {:.1} times wc -l ({:?})",
        times[0],
        times[1],
        sample::ratio(times[0], times[2]),
        times[2]
    );
}
