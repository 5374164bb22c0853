//! Recognises the kind of document that a tree is: a template, or one of the files that are
//! deployed beside templates.
//!
//! | kind | told by |
//! | --- | --- |
//! | template | `AWSTemplateFormatVersion`, or a resource with a type such as `AWS::…` |
//! | Serverless Framework | `service` and `provider` |
//! | task definition | `containerDefinitions`, also below `taskDefinition` |
//! | parameter file | a flat `Parameters`, or a list with `ParameterKey` in each item |
//!
//! Names of files are not asked for: a template may have any, and a text from standard input has
//! none.

use byref_template::{NodeRef, Template};

/// The kinds of documents whose values are judged in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// A CloudFormation template.
    Template,
    /// An ECS task definition, as `RegisterTaskDefinition` accepts it and `DescribeTaskDefinition`
    /// returns it.
    TaskDefinition,
    /// Values for the parameters of a stack, in one of the forms of the AWS CLI, `CodePipeline` or
    /// the SAM CLI.
    ParameterFile,
    /// A configuration of the Serverless Framework, whose `resources` are a template.
    Serverless,
}

/// Returns the kind of a document, or `None` for any other text that happens to be YAML or JSON.
///
/// The kinds are told by their top-level keys. A template counts without `AWSTemplateFormatVersion`
/// if one of its resources has a type.
pub(crate) fn document(template: &Template) -> Option<Document> {
    let root = template.root()?;
    if root.kind().is_sequence() {
        return is_parameter_list(root).then_some(Document::ParameterFile);
    }
    let is_mapping = |key: &str| root.get(key).is_some_and(|node| node.kind().is_mapping());
    let is_list =
        |node: NodeRef<'_>, key: &str| node.get(key).is_some_and(|list| list.kind().is_sequence());
    if !root.kind().is_mapping() {
        None
    } else if is_template(root) {
        Some(Document::Template)
    } else if root.entry("service").is_some() && root.entry("provider").is_some() {
        Some(Document::Serverless)
    } else if is_list(root, "containerDefinitions")
        || root
            .get("taskDefinition")
            .is_some_and(|inner| is_list(inner, "containerDefinitions"))
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

/// Returns `true` for a template.
fn is_template(root: NodeRef<'_>) -> bool {
    root.entry("AWSTemplateFormatVersion").is_some()
        || root.get("Resources").is_some_and(|resources| {
            resources.kind().is_mapping() && resources.entries().any(is_resource)
        })
}

/// Returns `true` for a resource with a type, or a loop that makes resources.
fn is_resource(entry: byref_template::Entry<'_>) -> bool {
    let is_loop = entry.key.text().is_some_and(|key| key.starts_with("Fn::"));
    is_loop
        || entry
            .value
            .get("Type")
            .and_then(NodeRef::text)
            .is_some_and(|kind| kind.contains("::"))
}

/// Returns `true` for a list of parameters: `[{"ParameterKey": …, "ParameterValue": …}]`.
///
/// Source: AWS CLI reference, `cloudformation create-stack --parameters`.
fn is_parameter_list(node: NodeRef<'_>) -> bool {
    node.kind().is_sequence()
        && node.items().next().is_some()
        && node
            .items()
            .all(|item| item.entry("ParameterKey").is_some())
}

/// Returns `true` for a mapping of names to texts, as in the template configuration files of
/// `CodePipeline`.
///
/// Source: CloudFormation user guide, "CloudFormation artifacts", template configuration file.
fn is_flat(node: NodeRef<'_>) -> bool {
    node.entries().next().is_some()
        && node
            .entries()
            .all(|entry| entry.value.kind().is_scalar() || entry.value.kind().is_sequence())
}

/// Returns `true` if a text may be a document of one of the kinds, before it is parsed.
///
/// A front end that walks a folder passes over all other files. The check looks for words that each
/// kind contains, so that it never misses a document, and sometimes lets another text through.
///
/// ```
/// assert!(byref_lint::may_be_document(b"Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"));
/// assert!(!byref_lint::may_be_document(b"name: build\non: push\n"));
/// ```
pub fn may_be_document(text: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    has("Resources")
        || has("AWSTemplateFormatVersion")
        || has("containerDefinitions")
        || has("ParameterKey")
        || has("service") && has("provider")
        || has("\"Parameters\"")
}
