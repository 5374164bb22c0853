//! What kind of document a tree is: a template, or one of the files that are deployed beside templates.

use byref_template::{NodeRef, Template};

/// The kinds of documents whose values are judged in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// A CloudFormation template.
    Template,
    /// An ECS task definition, as `RegisterTaskDefinition` takes it and `DescribeTaskDefinition` gives it.
    TaskDefinition,
    /// Values for the parameters of a stack, in one of the forms of the AWS CLI, `CodePipeline` or the SAM CLI.
    ParameterFile,
    /// A configuration of the Serverless Framework, whose `resources` are a template.
    Serverless,
}

/// The kind of a document; none for any other text that happens to be YAML or JSON.
pub(crate) fn document(template: &Template) -> Option<Document> {
    let root = template.root()?;
    if root.kind().is_sequence() {
        return is_parameter_list(root).then_some(Document::ParameterFile);
    }
    let is_mapping = |key: &str| root.get(key).is_some_and(|node| node.kind().is_mapping());
    let is_list = |node: NodeRef<'_>, key: &str| node.get(key).is_some_and(|list| list.kind().is_sequence());
    if !root.kind().is_mapping() {
        None
    } else if is_template(root) {
        Some(Document::Template)
    } else if root.entry("service").is_some() && root.entry("provider").is_some() {
        Some(Document::Serverless)
    } else if is_list(root, "containerDefinitions")
        || root.get("taskDefinition").is_some_and(|inner| is_list(inner, "containerDefinitions"))
    {
        Some(Document::TaskDefinition)
    } else if is_mapping("Parameters") && root.get("Parameters").is_some_and(is_flat)
        || root.get("Parameters").is_some_and(is_parameter_list)
    {
        Some(Document::ParameterFile)
    } else {
        None
    }
}

fn is_template(root: NodeRef<'_>) -> bool {
    root.entry("AWSTemplateFormatVersion").is_some()
        || root
            .get("Resources")
            .is_some_and(|resources| resources.kind().is_mapping() && resources.entries().any(is_resource))
}

fn is_resource(entry: byref_template::Entry<'_>) -> bool {
    let is_loop = entry.key.text().is_some_and(|key| key.starts_with("Fn::"));
    is_loop || entry.value.get("Type").and_then(NodeRef::text).is_some_and(|kind| kind.contains("::"))
}

/// `[{"ParameterKey": …, "ParameterValue": …}]`.
///
/// Source: AWS CLI reference, `cloudformation create-stack --parameters`.
fn is_parameter_list(node: NodeRef<'_>) -> bool {
    node.kind().is_sequence()
        && node.items().next().is_some()
        && node.items().all(|item| item.entry("ParameterKey").is_some())
}

/// A mapping of names to texts, as the template configuration files of `CodePipeline` have it.
///
/// Source: CloudFormation user guide, "CloudFormation artifacts", template configuration file.
fn is_flat(node: NodeRef<'_>) -> bool {
    node.entries().next().is_some()
        && node.entries().all(|entry| entry.value.kind().is_scalar() || entry.value.kind().is_sequence())
}

/// Whether a text may be a document of one of the kinds, before it is read as one.
pub fn may_be_document(text: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    has("Resources")
        || has("AWSTemplateFormatVersion")
        || has("containerDefinitions")
        || has("ParameterKey")
        || has("service") && has("provider")
        || has("\"Parameters\"")
}
