//! Lint runs: many files or texts judged at once, and their report.
//!
//! [`byref_lint`] judges one text. A [`LintRun`] adds the options of a run: the
//! [`Project`](crate::Project) with its declared secrets and waivers, the values of a store
//! ([`ValueSearch`]), accepted findings ([`Baseline`]) and the choice of rules. It returns a
//! [`LintReport`], which serialises and renders in every [`Format`]. [`Fix`] plans how the
//! plaintext values of a report are moved to a store.
//!
//! A service that holds a template needs one call:
//!
//! ```
//! use byref::linting::{Format, LintRun};
//!
//! let yaml = "
//! Resources:
//!   Task:
//!     Type: AWS::ECS::TaskDefinition
//!     Properties:
//!       ContainerDefinitions:
//!         - Name: web
//!           Environment:
//!             - {Name: DB_PASSWORD, Value: EXAMPLE7Q7rk2Lmx9pT4}
//! ";
//!
//! let report = LintRun::new("2026-12-01").texts([("web.yaml", yaml)]);
//! assert!(!report.is_clean());
//! for (file, located) in report.findings() {
//!     assert_eq!((file.path(), located.lines.line), ("web.yaml", 9));
//!     assert_eq!(located.finding.rule.id, "secret-name");
//! }
//! assert!(report.render(Format::Sarif).contains("\"ruleId\": \"secret-name\""));
//! assert!(!report.render(Format::Json).contains("EXAMPLE7Q7rk2Lmx9pT4"));
//! ```
//!
//! # Green means judged
//!
//! [`LintReport::is_clean`] is true only if the run judged something, could read all of it, and
//! found nothing. A run that judged nothing ([`LintReport::nothing_judged`]) or could not read a
//! file ([`LintReport::unread`]) is not clean.
//!
//! # Cost
//!
//! A run uses all cores, and its memory grows with the files that have findings, not with those
//! that it reads: the text of a file without findings is dropped at once. Files above 128 MiB are
//! searched for stored values piece by piece.

mod baseline;
mod declared;
mod files;
mod fix;
mod format;
mod known;
mod lines;
mod options;
mod report;
mod run;
mod waivers;

pub use baseline::Baseline;
pub use files::LintFiles;
pub use fix::{Fix, FixRequest, FixedSecret};
pub use format::Format;
pub use known::{StoredValues, ValueSearch};
pub use lines::LineRange;
pub use options::{FileReader, LintRun, find_rule};
pub use report::{JudgedFile, LintReport, LocatedFinding, Searched};
