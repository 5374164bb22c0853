//! Tells secrets from other values: by a value's name, by the value itself, and by the shapes of
//! known credentials.
//!
//! The crate knows no templates, no files and no AWS. It judges texts, and reports ranges and
//! classes, never a copy of a value:
//!
//! - [`classify_name`] reads a name word by word: `DB_PASSWORD` is a password, `TOKEN_TTL` is a
//!   duration.
//! - [`classify_value`] tells words, placeholders, places and machine-generated text apart,
//!   whatever the value is called.
//! - [`judge`] combines both with the [`Slot`] that the value fills.
//! - [`find_shapes`] finds credentials by the marks that vendors give them.
//! - [`find_embedded`] finds credentials inside longer texts: URLs, commands, scripts, code,
//!   sentences.
//!
//! ```
//! use byref_judge::{NameHint, Slot, Verdict, classify_name, judge};
//!
//! assert_eq!(classify_name("DB_PASSWORD"), NameHint::Password);
//!
//! // A literal password is a secret, a reference to one is not.
//! assert_eq!(judge(Slot::Named, "DB_PASSWORD", "Rocket-1709"), Some(Verdict::Secret));
//! assert_eq!(judge(Slot::Named, "DB_PASSWORD", "${DbPassword}"), None);
//! assert_eq!(judge(Slot::Named, "DB_PASSWORD", "changeme"), Some(Verdict::Weak));
//! ```
//!
//! # Limits
//!
//! - Names are read as English first, then in the languages in which teams most often name things;
//!   a secret under a name that suggests nothing is found only by its shape.
//! - Entropy counts only together with a name, since digests, ids and commits look as random as
//!   keys do.
//! - Lines of more than 200,000 bytes are not read word by word, and encoded text is decoded twice
//!   at most.
#![forbid(unsafe_code)]

mod decision;
mod decode;
mod embedded;
mod evidence;
mod name;
mod phrase;
mod prefixes;
mod reason;
mod shape;
mod value;
mod words;

pub use decision::{Slot, Verdict, judge};
pub use decode::{decode_base64, percent_decoded};
pub use embedded::{Embedded, EmbeddedKind, TextKind, can_be_no_example, find_embedded};
pub use name::{Aspect, NameHint, classify_name};
pub use reason::{Reason, secret_reason};
pub use shape::{CredentialKind, Shape, find_shapes};
pub use value::{
    HOLE, Harmless, Joined, Rest, ValueClass, classify_value, looks_random, without_placeholders,
};
