//! Transforms of a template.

use byref_template::{NodeRef, Template};

const BLUE_GREEN: &str = "AWS::CodeDeployBlueGreen";

/// Returns the entry of `Transform` that makes the stack's deployments blue-green ones of
/// `CodeDeploy`. Such a stack takes no update that changes a task definition together with other
/// resources.
///
/// Source: CloudFormation user guide, "Perform ECS blue/green deployments through `CodeDeploy`
/// using CloudFormation".
pub fn blue_green(template: &Template) -> Option<NodeRef<'_>> {
    let transform = template.root()?.get("Transform")?;
    transform
        .subtree()
        .find(|node| node.text().is_some_and(|text| text == BLUE_GREEN))
}
