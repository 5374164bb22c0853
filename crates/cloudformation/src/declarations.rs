//! The sections of a template, by name.

use std::collections::BTreeMap;

use byref_template::{NodeRef, Template};

use crate::role_index::PolicyIndex;

/// The declarations of a template, read once.
///
/// ```
/// use byref_cloudformation::Declarations;
/// use byref_template::Template;
///
/// let template = Template::parse("Resources:\n  Topic: {Type: AWS::SNS::Topic}\n").unwrap();
/// let declarations = Declarations::of(&template);
/// assert!(declarations.resources.contains_key("Topic"));
/// assert!(declarations.parameters.is_empty());
/// ```
pub struct Declarations<'t> {
    /// The template parameters, by name.
    pub parameters: BTreeMap<String, NodeRef<'t>>,
    /// The resources, by logical id.
    pub resources: BTreeMap<String, NodeRef<'t>>,
    /// The keys of the resources, for messages and edits.
    pub keys: BTreeMap<String, NodeRef<'t>>,
    /// `Mappings`
    pub(crate) mappings: Option<NodeRef<'t>>,
    /// The policy resources, and the names of roles.
    pub policies: PolicyIndex<'t>,
}

impl<'t> Declarations<'t> {
    /// Reads the sections of a template. The last of several declarations with one name counts, as
    /// for CloudFormation.
    pub fn of(template: &'t Template) -> Self {
        let entries = |name: &str| {
            let section = template.root().and_then(|root| root.get(name));
            section
                .into_iter()
                .flat_map(NodeRef::entries)
                .filter_map(|entry| Some((entry.key.text()?, entry)))
        };
        let values = |name: &str| -> BTreeMap<String, NodeRef<'t>> {
            entries(name)
                .map(|(key, entry)| (key.into_owned(), entry.value))
                .collect()
        };
        let (parameters, resources) = (values("Parameters"), values("Resources"));
        let policies = PolicyIndex::of(&resources);
        let keys = entries("Resources")
            .map(|(key, entry)| (key.into_owned(), entry.key))
            .collect();
        let mappings = template.root().and_then(|root| root.get("Mappings"));
        Self {
            parameters,
            resources,
            keys,
            mappings,
            policies,
        }
    }
}
