//! A lossless span tree of CloudFormation templates, in YAML and JSON, and byte-exact edits of it.
//!
//! Bytes in, bytes out: [`Template::parse`] gives a tree of nodes that point into the text by byte
//! offsets; [`Changes`] says what shall become of it; [`edit::render`] turns that into text edits in the
//! style of the neighbouring lines, and [`edit::apply`] splices them in one pass. Everything outside an
//! edit stays as it is, byte for byte. The crate knows CloudFormation's syntax (short and long forms of
//! the intrinsic functions are one thing, see [`Intrinsic`]), and knows nothing of secrets, AWS or files.
//!
//! ```
//! use byref_template::Template;
//! let template = Template::parse("Resources:\n  Web: {Type: 'AWS::ECS::Service'}\n").unwrap();
//! let web = template.root().unwrap().get("Resources").unwrap().get("Web").unwrap();
//! let kind = web.get("Type").unwrap();
//! assert_eq!(kind.text().unwrap(), "AWS::ECS::Service");
//! assert_eq!(kind.raw(), "'AWS::ECS::Service'");
//! ```
//!
//! Limits: [`MAX_DEPTH`] levels, 1 GiB of text.
#![forbid(unsafe_code)]

mod diagnostic;
pub mod edit;
mod intrinsic;
mod line_index;
mod parse;
mod scalar;
mod span;
mod tree;

pub use diagnostic::{Diagnostic, Label, Location, Severity, Source, SourceId, Sources, has_errors};
pub use edit::{Build, Changes};
pub use intrinsic::Intrinsic;
pub use line_index::LineIndex;
pub use parse::ParseError;
pub use span::{LineColumn, Span};
pub use tree::{Entry, Kind, MAX_DEPTH, NodeId, NodeRef, Syntax, Template};
