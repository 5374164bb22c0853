//! For tests only: runs tests that find out while they run that they must be ignored.
//!
//! libtest decides with `#[ignore]`, when it compiles, and a test that returns early counts as
//! passed. A target with `harness = false` lists the tests of each module with [`tests!`] and gives
//! the lists to [`run`], which takes libtest's arguments. A test that lacks something calls
//! [`ignore`], or [`ignore_outside_ci`], which fails with `CI` set.
//!
//! ```
//! # mod reading {
//! byref_harness::tests![reads_public_templates];
//!
//! fn reads_public_templates() {
//!     let Some(folder) = std::env::var_os("PUBLIC_TEMPLATES") else {
//!         byref_harness::ignore("`PUBLIC_TEMPLATES` names no folder")
//!     };
//!     assert!(std::fs::read_dir(folder).is_ok());
//! }
//! # }
//!
//! fn main() -> std::process::ExitCode {
//!     byref_harness::run(&[reading::TESTS])
//! }
//! ```
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// A test of a target with `harness = false`; [`tests!`] lists those of a module.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    module: &'static str,
    name: &'static str,
    run: fn(),
}

impl Test {
    /// Names a test by its module, as `module_path!` returns it, and its function.
    pub const fn new(module: &'static str, name: &'static str, run: fn()) -> Self {
        Self { module, name, run }
    }

    /// Returns the name that libtest would give it: the path of the function within its crate.
    fn path(&self) -> String {
        match self.module.split_once("::") {
            Some((_, module)) => format!("{module}::{}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// Lists the tests of a module as `TESTS`. The compiler reports a test that is not listed as dead
/// code.
#[macro_export]
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[$crate::Test] =
            &[$($crate::Test::new(module_path!(), stringify!($name), $name)),+];
    };
}

/// The payload with which a test unwinds that can't run here.
struct Ignored(String);

/// Ends the test that calls it: it is reported as ignored, with the reason. Under any other runner
/// than [`run`] it fails.
pub fn ignore(reason: &str) -> ! {
    resume_unwind(Box::new(Ignored(reason.to_owned())))
}

/// Ends the test that calls it, because this machine lacks something: with `CI` set it fails,
/// otherwise it is reported as ignored, with the reason.
///
/// # Panics
///
/// `CI` is set: there a missing tool must not make a run green.
pub fn ignore_outside_ci(reason: &str) -> ! {
    assert!(std::env::var_os("CI").is_none(), "{reason}");
    ignore(reason)
}

/// Runs the tests of all modules with the arguments of libtest, in parallel. Returns the exit code
/// of the target.
///
/// # Panics
///
/// Two tests have one name.
pub fn run(modules: &[&[Test]]) -> ExitCode {
    let tests = || modules.iter().copied().flatten();
    let names: BTreeSet<String> = tests().map(Test::path).collect();
    assert_eq!(names.len(), tests().count(), "two tests have one name");
    let trials = tests().map(|test| {
        let run = test.run;
        Trial::ignorable_test(test.path(), move || complete(run))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// Runs a test to its end. An ordinary panic goes on unwinding, to the runner.
fn complete(run: fn()) -> Result<Completion, Failed> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(()) => Ok(Completion::Completed),
        Err(payload) => match payload.downcast::<Ignored>() {
            Ok(ignored) => Ok(Completion::ignored_with(ignored.0)),
            Err(payload) => resume_unwind(payload),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Completion, Test, complete, ignore};

    #[test]
    fn a_test_that_ignores_itself_is_neither_passed_nor_failed() {
        let completion = complete(|| ignore("no Python")).unwrap();
        assert!(
            matches!(completion, Completion::Ignored { reason: Some(reason) } if reason == "no Python")
        );
        assert!(matches!(complete(|| ()), Ok(Completion::Completed)));
    }

    #[test]
    #[should_panic(expected = "an assertion")]
    fn a_panic_is_not_taken_for_an_ignored_test() {
        let _ = complete(|| panic!("an assertion"));
    }

    #[test]
    fn tests_are_named_by_their_path_within_the_crate() {
        assert_eq!(
            Test::new("aws::deployed::check", "parity", || ()).path(),
            "deployed::check::parity"
        );
        assert_eq!(Test::new("aws", "parity", || ()).path(), "parity");
    }
}
