//! A lossless tree of CloudFormation templates, in YAML and JSON, and byte-exact edits of it.
//!
//! [`Template::parse`] returns a tree whose nodes are byte ranges of the text. Nothing is converted
//! on the way: a node can return the text as it is written ([`NodeRef::raw`]) or as YAML means it
//! ([`NodeRef::text`]), and the short and the long form of an intrinsic function are the same
//! [`Intrinsic`].
//!
//! ```
//! use byref_template::Template;
//!
//! let template = Template::parse("Resources:\n  Web: {Type: 'AWS::ECS::Service'}\n")?;
//! let resources = template.root().and_then(|root| root.get("Resources")).unwrap();
//! let kind = resources.get("Web").and_then(|web| web.get("Type")).unwrap();
//! assert_eq!(kind.text().as_deref(), Some("AWS::ECS::Service"));
//! assert_eq!(kind.raw(), "'AWS::ECS::Service'");
//! # Ok::<(), byref_template::ParseError>(())
//! ```
//!
//! An edit names nodes, not bytes. [`Changes`] lists the nodes to remove, append, insert, rename or
//! replace. [`edit::render`] converts them into text edits in the style of the neighbouring lines,
//! and [`edit::apply`] splices these in one pass. All bytes outside of an edit stay as they are.
//!
//! ```
//! use byref_template::{Build, Changes, Template, edit};
//!
//! let text = "Parameters: {}\nResources: # ours\n  Web:\n    Type: AWS::ECS::Service\n";
//! let template = Template::parse(text)?;
//! let web = template.root().and_then(|root| root.get("Resources")?.get("Web")).unwrap();
//! let kind = web.entry("Type").unwrap();
//!
//! let mut changes = Changes::default();
//! let role = Build::Call("GetAtt", Box::new(Build::Text("Role.Arn".to_owned())));
//! changes.inserted.insert(kind.key.id(), vec![("Role".to_owned(), role)]);
//!
//! let edits = edit::render(&template, &changes)?;
//! assert_eq!(
//!     &*edit::apply(text, &edits),
//!     "Parameters: {}\nResources: # ours\n  Web:\n    Type: AWS::ECS::Service\n    Role: !GetAtt Role.Arn\n",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate knows the syntax of CloudFormation. It knows nothing of secrets, AWS accounts or
//! files. The messages that all of byref uses ([`Diagnostic`], [`Sources`]) are here as well,
//! because they point into templates.
//!
//! # Differences from other parsers
//!
//! CloudFormation reads YAML 1.1 without a published grammar. This parser accepts the texts that
//! libyaml accepts, with three exceptions: strict JSON is read as JSON, and collections as keys of
//! block mappings and explicit keys inside brackets are rejected. Duplicate keys are accepted; the
//! last one wins, as in CloudFormation. Aliases are parsed but never resolved, because
//! CloudFormation rejects them. Source: [Template
//! formats](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html).
//!
//! # Limits
//!
//! A template may nest [`MAX_DEPTH`] levels deep and have 1 GiB of text. Parsing takes time and
//! memory proportional to the text, and no function recurses deeper than the template nests.
#![forbid(unsafe_code)]

mod diagnostic;
pub mod edit;
mod intrinsic;
mod line_index;
mod parse;
mod scalar;
mod span;
mod tree;

pub use diagnostic::{
    Diagnostic, Label, Location, Severity, Source, SourceId, Sources, has_errors,
};
pub use edit::{Build, Changes};
pub use intrinsic::Intrinsic;
pub use line_index::LineIndex;
pub use parse::ParseError;
pub use span::{LineColumn, Span};
pub use tree::{Entry, Kind, MAX_DEPTH, NodeId, NodeRef, Syntax, Template};
