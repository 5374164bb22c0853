//! The meaning of a CloudFormation template, above its syntax: names, values, conditions, resources
//! and roles.
//!
//! `byref_template` gives a tree in which `!Ref X` and `Ref: X` are one thing. This crate answers
//! what CloudFormation would make of the tree, as far as that is known before a deployment:
//!
//! * [`sub_parts`] takes the text of `Fn::Sub` apart, and [`names_used`] lists the names that a
//!   node refers to.
//! * [`evaluate`] is the evaluator of intrinsic functions. Its answer, a [`Value`], lists the texts
//!   that a value may be, each in [`Piece`]s with their places, and with the facts that unknown
//!   pieces depend on. [`Names`] are the values of names meanwhile: in an [`Evaluation`] those of
//!   one stack with the defaults of its parameters, in [`Facts`] those that hold whatever is passed
//!   to the stack, in [`Written`] none.
//! * [`Guard`] is a list of conditions on the way to a part of a template, [`branches`] sees
//!   through `Fn::If`, and [`Logic`] and [`implied()`] know which conditions exclude or imply each
//!   other.
//! * [`ResourceType`] is the table of the resources that run containers, with the places of their
//!   lists and roles.
//! * [`find_role`] finds the role that a property means.
//!
//! ```
//! use byref_cloudformation::{Facts, Guard, branches, sub_names};
//! use byref_template::Template;
//! let template = Template::parse("Value: !If [IsProduction, !Sub 'live-${Stage}', !Join ['-', [a, b]]]\n").unwrap();
//! let value = template.root().unwrap().get("Value").unwrap();
//! let facts = Facts::of(&template);
//! let texts: Vec<_> = branches(value, &Guard::default()).into_iter().map(|(node, _)| facts.text(node)).collect();
//! assert_eq!(texts, [None, Some("a-b".to_owned())]);
//! assert_eq!(sub_names("live-${Stage}").collect::<Vec<_>>(), ["Stage"]);
//! ```
//!
//! Limits: a value with more than 64 possible texts counts as unknown, and so does one whose calls
//! are nested deeper than `byref_template::MAX_DEPTH`. Of macros and of `Fn::Transform` nothing is
//! known.
#![forbid(unsafe_code)]

mod declarations;
mod evaluation;
mod evaluator;
mod facts;
mod guard;
mod implied;
mod intrinsics;
mod names;
mod node;
mod origin;
mod resource;
mod role;
mod role_index;
mod sub;
mod transform;
mod value;

pub use declarations::Declarations;
pub use evaluation::{Defaults, Evaluated, Evaluation, HOLE, StackInstance};
pub use evaluator::evaluate;
pub use facts::{Facts, Texts};
pub use guard::{Guard, alternatives, branches, conditional};
pub use implied::{Logic, implied};
pub use intrinsics::{is_function, is_pseudo_parameter};
pub use names::{canonical, names_used, parameters_in};
pub use node::{has_no_echo, is_nothing, literal, mapping, opaque_key, reads_parameter_store};
pub use origin::{DYNAMIC_REFERENCE, Origin, origin};
pub use resource::{
    ATTRIBUTES, Layout, ListName, PARAMETER, Place, ResourceType, Shape, Step, has_secret_lists,
    properties, reach, resource_types, secret_properties, takes_secure_string,
};
pub use role::{FoundRole, Role, find_role, is_of, is_of_account, target};
pub use role_index::{PolicyIndex, is_inline_policy, roles_of};
pub use sub::{SubPart, sole_name, sub_names, sub_parts, sub_text};
pub use transform::blue_green;
pub use value::{Evaluate, Lookup, Names, Piece, Side, Text, Value, Written};
