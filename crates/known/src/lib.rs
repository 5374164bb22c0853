//! Secret values that are known: the forms in which texts hold them, masks for those places, and a
//! search for stored values in files.
//!
//! - [`KnownValues`] holds the values of a run, and masks whatever repeats one of them: in
//!   messages, in names, in a template. It errs on the side of hiding, and reads a text decoded as
//!   well as it is written.
//! - [`Known`] searches files of any size for values that a parameter store holds, in constant
//!   memory.
//!
//! ```
//! use byref_known::KnownValues;
//!
//! let known = KnownValues::new(["zebra7-crossing"]);
//! assert_eq!(known.redacted("image: registry/zebra7-crossing:1"), "image: ******");
//! assert!(known.occur_in("emVicmE3LWNyb3NzaW5n"), "base64 of the value");
//! ```
#![forbid(unsafe_code)]

mod encoding;
mod form;
mod grams;
mod mask;
mod pattern;
mod search;

pub use mask::KnownValues;
pub use pattern::{Form, SHORTEST_KNOWN};
pub use search::{Known, KnownHit};
