//! Finds plaintext secrets in CloudFormation templates, and references to secrets that fail at
//! deploy.
//!
//! [`lint()`] judges a text and returns its findings, which hold nothing of any value. The crate is
//! pure: it opens no files, and knows neither the time nor the environment.
//!
//! ```
//! use byref_lint::{Context, Level, lint};
//!
//! let template = "Resources:
//!   Web:
//!     Type: AWS::ECS::TaskDefinition
//!     Properties:
//!       ContainerDefinitions:
//!         - Name: web
//!           Environment: [{Name: DB_PASSWORD, Value: Rocket-1709}]
//! ";
//! let report = lint(&template.into(), Context::default());
//! let finding = &report.findings[0];
//! assert_eq!((finding.rule.id, finding.level), ("secret-name", Level::Error));
//! assert_eq!(&template[finding.span.range()], "Rocket-1709");
//! assert!(!finding.message.contains("Rocket-1709"));
//! ```
//!
//! # How a text is judged
//!
//! 1. `document` recognises templates, task definitions and parameter files. Templates of a
//!    templating engine and JSON with mistakes are repaired first; every other text is judged line
//!    by line.
//! 2. `walk` goes over the tree once. It gives every value its place, its name, its path and its
//!    literal text, put together through `Fn::Sub` and `Fn::Join`.
//! 3. `judgement` asks the crate `byref-judge` about each value, once for all rules.
//! 4. The [`RULES`] turn judgements into findings, and `settle` keeps one of them for each place.
//! 5. [`waiver::waive`] removes the findings that the text itself accepts.
//!
//! # Limits
//!
//! Calls are followed 16 levels deep, JSON inside a value once, and a value has at most 500
//! findings of one rule.
#![forbid(unsafe_code)]

mod compose;
mod document;
mod finding;
mod fingerprint;
mod judge;
mod judgement;
mod line;
mod lint;
mod located;
mod pair;
mod path;
mod place;
mod properties;
mod repair;
mod rules;
mod settle;
mod subject;
mod template_facts;
mod templating;
pub mod waiver;
mod walk;

pub use document::may_be_document;
pub use finding::{Finding, Level};
pub use fingerprint::{baseline_entry, fingerprints};
pub use lint::{Context, Declared, Reading, Report, lint};
pub use rules::{Finds, KNOWN_SECRET, RULES, Rule, STALE_WAIVER, rule};
pub use settle::places_of_values;
