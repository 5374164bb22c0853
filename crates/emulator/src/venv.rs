//! Python virtual environments under `target/`, with pinned packages.
//!
//! The name of a folder contains a hash of the pins, so that a change of a pin makes a new
//! environment and all build profiles share one. A file `complete` is written last; without it, an
//! interrupted installation is made again.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use byref_harness::ignore_outside_ci;

/// Returns the build folder of cargo: tests run in `target/<profile>/deps`.
fn target() -> PathBuf {
    std::env::current_exe()
        .unwrap()
        .ancestors()
        .nth(3)
        .unwrap()
        .to_owned()
}

/// Returns the folder of a virtual environment with the packages that `tests/<pins>` pins, and
/// makes it if it does not exist yet. Without Python, the test ends here and is reported as
/// ignored.
///
/// # Panics
///
/// `CI` is set and the environment can't be made.
pub fn venv(pins: &str) -> PathBuf {
    find_venv(pins).unwrap_or_else(|reason| ignore_outside_ci(&reason))
}

/// As [`venv`], with the reason as an error. Test binaries that run at the same time wait for each
/// other.
pub(crate) fn find_venv(pins: &str) -> Result<PathBuf, String> {
    let pins = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests")
        .join(pins);
    let text = fs::read_to_string(&pins).unwrap();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let name = format!(
        "{}-{:016x}",
        pins.file_stem().unwrap().display(),
        hasher.finish()
    );
    let folder = target().join("python").join(name);
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let complete = folder.join("complete");
    if !complete.exists() {
        if let Err(reason) = make(&folder, &pins) {
            let _ = fs::remove_dir_all(&folder);
            return Err(reason);
        }
        fs::write(complete, "").unwrap();
    }
    Ok(folder)
}

fn make(folder: &Path, pins: &Path) -> Result<(), String> {
    let made = Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(folder)
        .output();
    check("no `python3` with `venv`", made)?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
    ]);
    // A source package would run its own build script, with build tools that are not pinned.
    pip.args(["--only-binary", ":all:", "-r"]).arg(pins);
    check("the pinned packages can't be installed", pip.output())
}

fn check(problem: &str, output: std::io::Result<Output>) -> Result<(), String> {
    let output = output.map_err(|error| format!("{problem}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    // The last line of pip's is the one that names the problem.
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{problem}: {}",
        errors.trim_end().lines().next_back().unwrap_or_default()
    ))
}
