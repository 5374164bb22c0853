//! Python virtual environments under `target/`, with pinned packages.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Returns the build folder of cargo: tests run in `target/<profile>/deps`.
fn target() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

/// Reports that a test can't run on this machine. The message bypasses the test harness, which
/// hides the output of passing tests.
///
/// # Panics
///
/// If `CI` is set, where no test may be skipped.
pub fn not_run(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    let _ = writeln!(std::io::stderr(), "not run: {why}");
}

/// Reports that a test is for another emulator than the selected one. Never fails, not even if `CI`
/// is set, because the selection was explicit.
pub fn of_another_peer(why: &str) {
    let _ = writeln!(std::io::stderr(), "of another server: {why}");
}

/// Returns a virtual environment with the packages pinned in `tests/<pins>`, creating it if
/// necessary. Returns `None` without Python. Test binaries that run at the same time wait for each
/// other.
///
/// # Panics
///
/// If `CI` is set and the environment can't be created.
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
    // A source package would run its own build script, with build tools that are not pinned.
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
