//! Validation of the rewritten templates by CloudFormation.
//!
//! `ValidateTemplate` finds faults of form that a local parser does not know: functions that refer
//! to resources or parameters which are not declared, and sections of the wrong type. It does not
//! look at the properties of resources, which is why the summary calls it "its form".
//!
//! The rewritten template is sent and not the source, since it is the one that would be deployed.
//! It may contain values, so both the body and the answer are handled as secrets, and a message is
//! masked before it is shown.
//!
//! Source: CloudFormation API reference, `ValidateTemplate`: the body has 1 to 51,200 bytes; a
//! larger one must be in S3.

use byref_aws::{AwsDeployments, Validation};
use byref_parameter::{Region, SecretValue};
use byref_rewrite::{Document, INLINE_TEMPLATE_BYTES};
use byref_store::StoreError;
use byref_template::{Diagnostic, Span, Template};
use serde::Serialize;

use super::AdditionalChecks;
use crate::error::Error;
use crate::project::listed;
use crate::render::service_message::masked_message;

/// The validation of one template. Keys and words are only ever added.
///
/// The `state` is `valid`, `refused` or `not-checked`.
#[derive(Serialize)]
pub(super) struct Row {
    template: String,
    state: &'static str,
    /// CloudFormation's message, masked.
    message: Option<String>,
    capabilities: Vec<String>,
}

/// Has every template validated, once: its form is the same in all Regions.
///
/// A template that is too large, or a caller without the permission, is a note; a refusal is an
/// error; other failures end the check.
pub(super) async fn check(
    additional: &mut AdditionalChecks,
    documents: &[Document],
    outputs: &[Template],
    region: &Region,
    deployments: &AwsDeployments,
) -> Result<(), Error> {
    let mut rows = Vec::new();
    for (document, output) in documents.iter().zip(outputs) {
        let mut row = Row {
            template: document.path.clone(),
            state: "valid",
            message: None,
            capabilities: Vec::new(),
        };
        if output.text().len() > INLINE_TEMPLATE_BYTES {
            row.state = "not-checked";
            additional.notes.push(format!(
                "{} is not validated: more than {INLINE_TEMPLATE_BYTES} bytes have to be in S3 for that",
                row.template
            ));
            rows.push(row);
            continue;
        }
        match deployments
            .validate(region, &SecretValue::new(output.text().to_string()))
            .await
        {
            Ok(Validation::Valid { capabilities }) => {
                let needs = match capabilities.as_slice() {
                    [] => String::new(),
                    some => format!("; its deploy needs {}", listed(some.iter().cloned())),
                };
                additional.summary.push(format!(
                    "{}: CloudFormation takes its form{needs}",
                    row.template
                ));
                row.capabilities = capabilities;
            }
            Ok(Validation::Refused { message }) => {
                row.state = "refused";
                let message = masked_message(&message, Some(output));
                additional.diagnostics.push(
                    Diagnostic::error(
                        "invalid-template",
                        format!("CloudFormation refuses what would be deployed: {message}"),
                        document.location(Span::new(0, 0)),
                    )
                    .help("correct the template; its source has the same fault, unless it is about `Secrets`"),
                );
                row.message = Some(message);
            }
            Err(error @ StoreError::Denied(_)) => {
                row.state = "not-checked";
                additional.notes.push(format!(
                    "{} is not validated: {error}; {}",
                    row.template,
                    error.help()
                ));
            }
            Err(error) => return Err(error.into()),
        }
        rows.push(row);
    }
    additional
        .rows
        .validation
        .get_or_insert_default()
        .extend(rows);
    Ok(())
}
