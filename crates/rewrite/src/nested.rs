//! Nested stacks: which template of a run makes a stack of which other one.
//!
//! A `TemplateURL` may be a local path, a URL, or an asset of the CDK. A file name is enough to
//! relate two templates of a run; to be certain that nothing else is brought in takes the whole
//! path.

use byref_cloudformation::literal;
use byref_template::NodeRef;

use crate::request::Document;

/// Returns the logical ids of the stacks that a template makes of another one: their `TemplateURL`
/// ends with its file name. No template nests itself.
///
/// Only the file name of the `TemplateURL` is compared. A deploy uploads the child under a prefix
/// that no template shows, so the folder of a URL tells nothing:
///
/// | `TemplateURL` | path of the child | is nested |
/// |---|---|---|
/// | `nested/task.yaml` | `stacks/nested/task.yaml` | yes |
/// | `!Sub https://${Bucket}/v1/task.yaml` | `nested/task.yaml` | yes |
/// | `nested/network.yaml` | `nested/task.yaml` | no |
///
/// ```
/// use byref_rewrite::{Document, DocumentRole, nested_stacks};
/// use byref_template::{Sources, Template};
///
/// let yaml = "
/// Resources:
///   Task:
///     Type: AWS::CloudFormation::Stack
///     Properties: {TemplateURL: nested/task.yaml}
/// ";
/// let mut sources = Sources::new();
/// let mut document = |path: &str, text: &str| {
///     let (source, path) = (sources.add(path, text), path.to_owned());
///     let role = DocumentRole::Written;
///     Template::parse(text).map(|template| Document { source, path, template, role })
/// };
/// let parent = document("root.yaml", yaml)?;
/// let child = document("nested/task.yaml", "Resources: {}")?;
/// assert_eq!(nested_stacks(&parent, &child), ["Task"]);
/// assert!(nested_stacks(&child, &parent).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn nested_stacks(parent: &Document, child: &Document) -> Vec<String> {
    if parent.source == child.source {
        return Vec::new();
    }
    let child = file_name(&child.path);
    let is_of_child = |resource: NodeRef<'_>| {
        let kind = resource.get("Type").and_then(literal);
        if !matches!(
            kind.as_deref(),
            Some("AWS::CloudFormation::Stack" | "AWS::Serverless::Application")
        ) {
            return false;
        }
        location(resource).is_some_and(|place| {
            place
                .subtree()
                .filter_map(NodeRef::text)
                .any(|text| file_name(&text) == child)
        })
    };
    let entries = resources(parent).filter(|entry| is_of_child(entry.value));
    entries
        .filter_map(|entry| Some(entry.key.text()?.into_owned()))
        .collect()
}

/// Returns the resources of a template that may bring resources from elsewhere: stacks whose
/// template is not among the documents, stack sets, modules, and resources that a transform
/// includes.
pub(crate) fn unseen_stacks<'t>(documents: &[Document], parent: &'t Document) -> Vec<NodeRef<'t>> {
    let is_unseen = |key: NodeRef<'_>, resource: NodeRef<'_>| {
        if key.text().is_some_and(|key| key == "Fn::Transform") {
            return true;
        }
        let Some(kind) = resource.get("Type").and_then(literal) else {
            return false;
        };
        match kind.as_str() {
            "AWS::CloudFormation::Stack" | "AWS::Serverless::Application" => {
                !documents.iter().any(|child| {
                    child.source != parent.source && is_certainly_of(parent, resource, child)
                })
            }
            "AWS::CloudFormation::StackSet" => true,
            other => other.ends_with("::MODULE"),
        }
    };
    resources(parent)
        .filter(|entry| is_unseen(entry.key, entry.value))
        .map(|entry| entry.key)
        .collect()
}

/// Returns the resources of a template with their logical ids.
fn resources(document: &Document) -> impl Iterator<Item = byref_template::Entry<'_>> {
    let resources = document
        .template
        .root()
        .and_then(|root| root.get("Resources"));
    resources.into_iter().flat_map(NodeRef::entries)
}

/// Returns the property that names the template of a stack, or the application of the serverless
/// transform.
fn location(resource: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let properties = resource.get("Properties")?;
    properties
        .get("TemplateURL")
        .or_else(|| properties.get("Location"))
}

/// Returns the last part of a path or URL.
fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}

/// Returns whether a stack's template is certainly that document: the path leads there, or the CDK
/// noted that the asset is made of it. The target of a URL is never certain.
fn is_certainly_of(parent: &Document, resource: NodeRef<'_>, child: &Document) -> bool {
    let asset = resource
        .get("Metadata")
        .and_then(|metadata| metadata.get("aws:asset:path"))
        .and_then(literal);
    let Some(path) = asset.or_else(|| location(resource).and_then(literal)) else {
        return false;
    };
    if path.contains("://") {
        return false;
    }
    let own = parts(&path);
    let folder = parts(&parent.path);
    let whole: Vec<&str> = folder[..folder.len().saturating_sub(1)]
        .iter()
        .copied()
        .chain(own.iter().copied())
        .collect();
    let target = parts(&child.path);
    // One of them may be absolute, or come from standard input: then the end decides.
    let is_absolute = |path: &str| path.starts_with(['/', '<']) || path.contains(':');
    let differs = is_absolute(&parent.path) != is_absolute(&child.path) || is_absolute(&path);
    let tail: Vec<&str> = own.iter().copied().filter(|part| *part != "..").collect();
    normal(&whole) == normal(&target) || (differs && !tail.is_empty() && target.ends_with(&tail))
}

/// Returns the parts of a path, without `.`.
fn parts(path: &str) -> Vec<&str> {
    path.split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".")
        .collect()
}

/// Returns the parts of a path without `..`, where a part before it can be left out.
fn normal<'p>(parts: &[&'p str]) -> Vec<&'p str> {
    let mut normal: Vec<&str> = Vec::new();
    for part in parts {
        if *part == ".." && normal.last().is_some_and(|last| *last != "..") {
            normal.pop();
        } else {
            normal.push(part);
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use byref_template::{Sources, Template};

    use super::*;
    use crate::request::DocumentRole;

    fn document(sources: &mut Sources, path: &str, text: &str) -> Document {
        let source = sources.add(path, text);
        let template = Template::parse(text).unwrap();
        Document {
            source,
            path: path.to_owned(),
            template,
            role: DocumentRole::Written,
        }
    }

    #[test]
    fn a_local_path_leads_to_a_template_in_view_and_a_url_to_none() {
        let mut sources = Sources::new();
        let mut unseen = |path: &str, child: &str, resource: &str| {
            let parent = document(
                &mut sources,
                path,
                &format!("Resources:\n  Child: {resource}\n"),
            );
            let child = document(&mut sources, child, "Resources: {}\n");
            unseen_stacks(&[parent.clone(), child], &parent).len()
        };
        let stack = |url: &str| {
            format!("{{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {url}}}}}")
        };
        assert_eq!(
            unseen("stacks/a.yaml", "stacks/b.yaml", &stack("b.yaml")),
            0
        );
        assert_eq!(
            unseen("stacks/a.yaml", "stacks/b.yaml", &stack("./b.yaml")),
            0
        );
        assert_eq!(
            unseen("a.yaml", "../shared/b.yaml", &stack("../shared/b.yaml")),
            0
        );
        assert_eq!(
            unseen("/srv/a.yaml", "nested/b.yaml", &stack("nested/b.yaml")),
            0
        );
        assert_eq!(
            unseen("<stdin>", "stacks/nested/b.yaml", &stack("nested/b.yaml")),
            0
        );
        assert_eq!(unseen("stacks/a.yaml", "other/b.yaml", &stack("b.yaml")), 1);
        assert_eq!(
            unseen(
                "stacks/a.yaml",
                "stacks/b.yaml",
                &stack("https://s3.amazonaws.com/bucket/b.yaml")
            ),
            1
        );
        assert_eq!(
            unseen(
                "stacks/a.yaml",
                "stacks/b.yaml",
                &stack("!Sub 'https://${Bucket}/b.yaml'")
            ),
            1
        );
        assert_eq!(
            unseen("a.yaml", "b.yaml", "{Type: AWS::CloudFormation::StackSet}"),
            1
        );
        assert_eq!(
            unseen("a.yaml", "b.yaml", "{Type: My::Web::Service::MODULE}"),
            1
        );
        assert_eq!(unseen("a.yaml", "b.yaml", "{Type: AWS::S3::Bucket}"), 0);
        let asset = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub 'https://${A}'}, Metadata: {'aws:asset:path': b.nested.template.json}}";
        assert_eq!(
            unseen(
                "cdk.out/a.template.json",
                "cdk.out/b.nested.template.json",
                asset
            ),
            0
        );
    }
}
