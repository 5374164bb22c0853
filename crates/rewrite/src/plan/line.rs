//! Secret lines with the references that they resolve to.
//!
//! A line of the configuration has a key, a name or an ARN. In one environment this becomes one
//! reference, which is resolved here once for all templates and containers.

use byref_cloudformation::Layout;
use byref_config::{Reference, Scheme, SecretLine};
use byref_parameter::{ParameterName, Region};
use byref_template::{Build, Diagnostic};

use super::movement::Content;
use crate::reference::Target;
use crate::request::{ExistingReferences, Request};

/// A secret line of the application, with the reference that it resolves to in the environment.
pub(super) struct Line<'c> {
    pub(super) secret: &'c SecretLine,
    /// The reference, as it is written and as it is compared.
    pub(super) target: Target,
    /// The parameter that keeps the value; none for a secret of Secrets Manager, which stays a
    /// reference under the value scheme.
    pub(super) parameter: Option<(Region, ParameterName)>,
}

/// The list that a secret belongs in once the plan is carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    /// By reference.
    Secrets,
    /// By value.
    Environment,
    /// By value, and an entry that exists in either list is left alone.
    AsWritten,
}

/// Resolves the lines of an environment, in the order of the configuration. A line whose parameter
/// name is not valid is left out, with an error.
pub(super) fn resolve_lines<'c>(request: &Request<'c>) -> (Vec<Line<'c>>, Vec<Diagnostic>) {
    let (mut lines, mut messages) = (Vec::new(), Vec::new());
    for line in request.app.secrets(Some(&request.environment.name)) {
        match request
            .config
            .reference(request.app, request.environment, line)
        {
            Ok(reference) => lines.push(Line {
                secret: line,
                target: Target::new(request, &reference),
                parameter: match reference {
                    Reference::Parameter(name, _) => Some((request.region.clone(), name)),
                    Reference::Arn(arn) => Some((arn.region, arn.name)),
                    Reference::SecretsManager(_) => None,
                },
            }),
            Err(error) => {
                let message = format!(
                    "the parameter name of `{}` is not valid: {error}",
                    line.name
                );
                messages.push(
                    Diagnostic::error("parameter-name", message, line.location).about(&line.name),
                );
            }
        }
    }
    (lines, messages)
}

/// Returns a note for each secret of Secrets Manager under the value scheme: no template gets its
/// value.
pub(super) fn secrets_manager_notes(request: &Request<'_>, lines: &[Line<'_>]) -> Vec<Diagnostic> {
    let kept = lines
        .iter()
        .filter(|line| request.scheme == Scheme::Value && line.parameter.is_none());
    let note = |line: &Line<'_>| {
        let message = format!(
            "`{}` is a secret of Secrets Manager: it stays a reference",
            line.secret.name
        );
        Diagnostic::note("stays-reference", message, line.secret.name_location)
            .about(&line.secret.name)
    };
    kept.map(note).collect()
}

impl Line<'_> {
    /// Returns whether the line's key is this text, unless the key is the one that byref derives
    /// from the name: that one tells nothing. A key that equals the value in the template is a
    /// value that was pasted.
    pub(super) fn is_key_of(&self, text: &str) -> bool {
        let derived = self.secret.name.to_ascii_lowercase().replace('_', "-");
        matches!(&self.secret.target, byref_config::Target::Key { key, .. } if key == text && *key != derived)
    }

    /// Returns the list that the line's secret belongs in, by the scheme of the request.
    pub(super) fn destination(&self, request: &Request<'_>) -> Destination {
        let is_value = request.scheme == Scheme::Value && self.parameter.is_some();
        match (is_value, request.existing_references) {
            (false, _) => Destination::Secrets,
            (true, ExistingReferences::Keep) => Destination::AsWritten,
            (true, ExistingReferences::ToValues) => Destination::Environment,
        }
    }

    /// Returns the reference as an entry of a layout carries it: an ARN, or a name with a type for
    /// CodeBuild.
    pub(super) fn reference(&self, layout: Layout) -> Content {
        let (arn, variable) = (&self.target.build, &self.target.variable);
        let build: &Build = if layout == Layout::TypedVariables {
            &variable.build
        } else {
            arn
        };
        Content {
            secret: self.secret.name.clone(),
            value: build.clone(),
            kind: variable.kind,
        }
    }
}
