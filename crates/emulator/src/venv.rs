//! Virtual environments under `target/`, as the pins say.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder where cargo builds: tests run from `target/<profile>/deps`.
fn target() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

/// Says that a test can't run on this machine. Past the test harness, which hides what passing tests print.
///
/// # Panics
///
/// Where `CI` is set: there nothing may be skipped.
pub fn not_run(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    let _ = writeln!(std::io::stderr(), "not run: {why}");
}

/// Says that a test is one of another server than the one that was asked for; also where `CI` is set, since it was.
pub fn of_another_peer(why: &str) {
    let _ = writeln!(std::io::stderr(), "of another server: {why}");
}

/// The folder of a virtual environment with what `tests/<pins>` pins, made where it is not there yet; none without
/// Python. Test binaries that run at the same time wait for each other.
///
/// # Panics
///
/// Where `CI` is set and the environment can't be made.
pub fn venv(pins: &str) -> Option<PathBuf> {
    let pins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(pins);
    let text = fs::read_to_string(&pins).unwrap();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let folder = target().join("python").join(format!("{}-{:016x}", pins.file_stem()?.display(), hasher.finish()));
    fs::create_dir_all(folder.parent()?).unwrap();
    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let complete = folder.join("complete");
    if complete.exists() {
        return Some(folder);
    }
    if let Err(why) = make(&folder, &pins) {
        let _ = fs::remove_dir_all(&folder);
        not_run(&why);
        return None;
    }
    fs::write(complete, "").unwrap();
    Some(folder)
}

fn make(folder: &Path, pins: &Path) -> Result<(), String> {
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder).output();
    check("no `python3` with `venv`", made)?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--require-hashes"]);
    // A source package would run its own build script, with build tools that nothing pins.
    pip.args(["--only-binary", ":all:", "-r"]).arg(pins);
    check("the pinned packages can't be installed", pip.output())
}

fn check(problem: &str, output: std::io::Result<Output>) -> Result<(), String> {
    let output = output.map_err(|error| format!("{problem}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{problem}: {}", String::from_utf8_lossy(&output.stderr)))
}
