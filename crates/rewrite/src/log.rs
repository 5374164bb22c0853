//! The log configurations of a container: options, and those of them that are references.
//!
//! Source: ECS developer guide, "Pass sensitive data to a container's logging configuration".
//!
//! | `LogConfiguration` | read as |
//! |---|---|
//! | a mapping | one configuration |
//! | `!If [C, {…}, {…}]` | one for each branch |
//! | `!If [C, {…}, !Ref AWS::NoValue]` | one |
//! | made by a macro or `Fn::Transform` | unseen: a line for it is refused |

use byref_cloudformation::{Layout, ListName, Step, is_nothing, opaque_key, reach};
use byref_template::{Entry, NodeRef};

use crate::list::List;

/// One `LogConfiguration`; there are several behind `Fn::If`.
pub(crate) struct LogConfiguration<'t> {
    pub(crate) node: NodeRef<'t>,
    /// `Options`, where it is there.
    pub(crate) options: Option<Entry<'t>>,
    /// `SecretOptions`.
    pub(crate) secrets: List<'t>,
    /// What can't be seen through.
    pub(crate) opaque: Vec<NodeRef<'t>>,
}

impl<'t> LogConfiguration<'t> {
    /// Reads the log configurations of a container. Returns them with the nodes that byref can't
    /// see through.
    pub(crate) fn of(container: NodeRef<'t>) -> (Vec<Self>, Vec<NodeRef<'t>>) {
        let mut unseen = Vec::new();
        let nodes = reach(container, &[Step::Key("LogConfiguration")], &mut unseen);
        let mut found = Vec::new();
        for node in nodes {
            if !is_seen(node) {
                unseen.push(node);
                continue;
            }
            let secrets = List::of(node, Layout::LogOptions, ListName::Secrets);
            let options = node.entry(Layout::LogOptions.key(ListName::Environment));
            let mut opaque = secrets.opaque.clone();
            opaque.extend(
                options
                    .map(|entry| entry.value)
                    .filter(|value| !is_nothing(*value) && !is_seen(*value)),
            );
            found.push(Self {
                node,
                options,
                secrets,
                opaque,
            });
        }
        (found, unseen)
    }

    /// Returns the option of this name, if it has a value in `Options`.
    pub(crate) fn option(&self, name: &str) -> Option<Entry<'t>> {
        self.options
            .filter(|entry| is_seen(entry.value))
            .and_then(|entry| entry.value.entry(name))
    }

    /// Returns whether there is, or may be, an option of this name, by value or by reference.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.option(name).is_some()
            || !self.secrets.named(name).is_empty()
            || !self.secrets.possibly_named(name).is_empty()
    }
}

/// Returns whether a node is a plain mapping.
fn is_seen(node: NodeRef<'_>) -> bool {
    let has_call = node.entries().any(|entry| opaque_key(entry.key));
    node.kind().is_mapping() && node.intrinsic().is_none() && !has_call
}
