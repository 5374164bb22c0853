//! A secret that the template does not hold, but that can be read after the deploy.
//!
//! CloudFormation resolves dynamic references and parameters while it deploys, and passes the
//! values on. Some services then show them to every principal that may describe the resource:
//! `DescribeTaskDefinition` shows environments, `DescribeStacks` shows outputs.

use byref_judge::classify_name;

use super::{Check, Finds, Found, Judged, Rule};
use crate::finding::Level;
use crate::subject::Subject;
use crate::template_facts::Parameter;

/// The rule `resolved-in-clear`.
pub(crate) static RULE: Rule = Rule {
    id: "resolved-in-clear",
    level: Level::Warning,
    finds: Finds::Exposure,
    is_movable: false,
    summary: "a secret that the template does not hold, but that can be read after the deploy",
    page: include_str!("../../rules/resolved-in-clear.md"),
    check: &ResolvedInClear,
};

struct ResolvedInClear;

const HELP: &str = "let the container read it: use `Secrets` with `ValueFrom`";

impl Check for ResolvedInClear {
    /// Finds dynamic references to secrets in places that are shown. A reference to an ordinary
    /// parameter, `ssm`, counts only under the name of a secret.
    fn value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        let subject = value.subject;
        if !subject.place.is_readable_after_deploy() {
            return;
        }
        let text = subject.text();
        let Some(start) = text.find("{{resolve:") else {
            return;
        };
        let end = text[start..]
            .find("}}")
            .map_or(text.len(), |end| start + end + 2);
        let reference = &text[start..end];
        let is_secret = reference.starts_with("{{resolve:secretsmanager:")
            || reference.starts_with("{{resolve:ssm-secure:")
            || reference.starts_with("{{resolve:ssm:") && classify_name(subject.name).is_strong();
        if is_secret {
            let place = subject.place.describe();
            let message = format!(
                "CloudFormation resolves this reference at deploy, and the secret can then be read in {place}"
            );
            found.push(Found {
                range: start..end,
                ..exposure(message, HELP)
            });
        }
    }

    /// Finds parameters whose value is hidden by `NoEcho` only until it is used here.
    fn parameter(
        &self,
        subject: &Subject<'_, '_>,
        parameter: &Parameter<'_>,
        found: &mut Vec<Found>,
    ) {
        if parameter.no_echo && subject.place.is_readable_after_deploy() {
            let message = format!(
                "`NoEcho` hides the parameter, but not its value in {}",
                subject.place.describe()
            );
            found.push(exposure(message, HELP));
        }
    }

    /// Finds attributes that return a secret which a service, a nested stack or a custom resource
    /// has made: `Key.SecretAccessKey`.
    fn attribute(&self, subject: &Subject<'_, '_>, attribute: &str, found: &mut Vec<Found>) {
        let name = attribute.rsplit('.').next().unwrap_or_default();
        // AppSync API keys are handed to every client of the API.
        let is_secret = classify_name(name).is_strong() && name != "ApiKey";
        if is_secret && subject.place.is_readable_after_deploy() {
            let message = format!(
                "`{name}` is a secret, but can be read in {} after the deploy",
                subject.place.describe()
            );
            let help = "store it in Secrets Manager (`SecretString: !Sub`), and refer to it where it is needed";
            found.push(exposure(message, help));
        }
    }
}

fn exposure(message: String, help: &'static str) -> Found {
    Found {
        range: 0..0,
        level: Level::Warning,
        name: None,
        message,
        help,
    }
}
