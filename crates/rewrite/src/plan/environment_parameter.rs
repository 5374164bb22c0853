//! The template parameter from which references take the environment's name.
//!
//! With `environment-parameter` set, a reference is `!Sub "…/${Stage}/…"` and one template serves
//! all environments. That is right only if the parameter exists and has the environment's name in a
//! deploy. byref does not know the values that a deploy passes, but it can read the declaration:
//! constraints that exclude the name, a value from Parameter Store, a default that is no
//! environment.

use byref_cloudformation::literal;
use byref_template::{Diagnostic, Location, NodeRef};

use super::decisions::Decider;
use super::inventory::Inventory;
use super::line::Line;

impl Decider<'_> {
    /// Checks the parameter of a reference that is written into a template: it must be declared,
    /// and its constraints must accept the environment's name. Messages repeat for each reference,
    /// and the plan keeps one of each.
    pub(super) fn check_environment_parameter(&mut self, line: &Line<'_>, document: usize) {
        let Some(parameter) = &line.target.parameter else {
            return;
        };
        let inventory = self.inventory;
        let setting = inventory
            .request
            .config
            .rewrite
            .environment_parameter
            .as_ref();
        let Some(setting) = setting.map(|(_, place)| *place) else {
            return;
        };
        let Some(declared) = inventory.declarations[document]
            .parameters
            .get(parameter)
            .copied()
        else {
            self.report(without_parameter(parameter, setting));
            return;
        };
        self.decisions.messages.extend(check_constraints(
            inventory,
            parameter,
            declared,
            (document, setting),
        ));
    }
}

/// Returns the error for a template that lacks the parameter with the environment's name.
pub(super) fn without_parameter(parameter: &str, place: Location) -> Diagnostic {
    let message = format!(
        "the template has no parameter `{parameter}`, from which references would take the environment's name"
    );
    Diagnostic::error("no-environment-parameter", message, place)
        .help(format!("add it to `Parameters` (`{parameter}: {{Type: String}}`), or remove `environment-parameter`"))
}

/// Returns the error for a parameter that can never be the environment's name; else the warning for
/// one that may be another text in a deploy: its value comes from Parameter Store, or its default
/// is the name of no environment.
fn check_constraints(
    inventory: &Inventory<'_>,
    parameter: &str,
    declared: NodeRef<'_>,
    (document, setting): (usize, Location),
) -> Option<Diagnostic> {
    let name = &inventory.request.environment.name;
    let key = declared
        .parent()
        .and_then(|section| section.entry(parameter))
        .map_or(declared, |entry| entry.key);
    let place = |property: &str| {
        let node = declared.entry(property).map_or(key, |entry| entry.key);
        inventory.documents[document].place(node)
    };
    let help = format!(
        "let `{parameter}` accept `{name}`, or call the environment in `deploy.toml` as the template does"
    );
    if let Some(property) = excluded_by(declared, name) {
        let message = format!(
            "parameter `{parameter}` can never be `{name}`, and references would take the environment's name from it: \
             its `{property}` excludes that"
        );
        let diagnostic = Diagnostic::error("environment-parameter", message, place(property));
        return Some(diagnostic.with(setting, "set here").help(help));
    }
    let kind = declared.get("Type").and_then(literal).unwrap_or_default();
    if kind.starts_with("AWS::SSM::Parameter::Value") {
        let message = format!(
            "the value of parameter `{parameter}` comes from Parameter Store: byref can't tell whether it is `{name}`, \
             which references would take from it"
        );
        let diagnostic = Diagnostic::warning("environment-parameter", message, place("Type"));
        return Some(
            diagnostic
                .with(setting, "set here")
                .help(format!("give `{parameter}` the type `String`")),
        );
    }
    // A deploy that does not pass the parameter gets the default.
    let is_known = |default: &String| inventory.request.config.environments.contains_key(default);
    if declared
        .get("Default")
        .and_then(literal)
        .is_some_and(|default| !is_known(&default))
    {
        let message = format!(
            "the default of parameter `{parameter}` is the name of no environment in `deploy.toml`: a deploy that does \
             not pass `{parameter}` would refer to parameters that byref does not write"
        );
        let diagnostic = Diagnostic::warning("environment-parameter", message, place("Default"));
        return Some(diagnostic.with(setting, "set here").help(help));
    }
    None
}

/// Returns the property of a parameter that excludes a value, such as `AllowedValues`. A pattern
/// that Rust's regular expressions can't read excludes nothing: CloudFormation takes those of Java.
///
/// Constraints of the type count as well: a name is not a number, and a list or the id of a
/// resource is never a name.
///
/// Source: CloudFormation user guide, "Parameters": the constraints of `String` and `Number`.
///
/// For the value `live`:
///
/// | declaration | result |
/// |---|---|
/// | `Type: String` | none |
/// | `Type: Number` | `Type` |
/// | `AllowedValues: [test, live]` | none |
/// | `AllowedValues: [test, prod]` | `AllowedValues` |
/// | `MaxLength: 3` | `MaxLength` |
/// | `AllowedPattern: '[a-z]+'` | none: the pattern must match the whole text |
/// | `Type: AWS::SSM::Parameter::Value<String>` | none: its constraints are about a name |
fn excluded_by(declared: NodeRef<'_>, value: &str) -> Option<&'static str> {
    let text = |property: &str| declared.get(property).and_then(literal);
    let number = |property: &str| text(property).and_then(|text| text.parse::<f64>().ok());
    let length = f64::from(u32::try_from(value.chars().count()).unwrap_or(u32::MAX));
    let kind = text("Type").unwrap_or_default();
    match kind.as_str() {
        "Number" => {
            let Ok(own) = value.parse::<f64>() else {
                return Some("Type");
            };
            if number("MinValue").is_some_and(|least| own < least) {
                return Some("MinValue");
            }
            if number("MaxValue").is_some_and(|most| own > most) {
                return Some("MaxValue");
            }
        }
        "CommaDelimitedList" => return Some("Type"),
        _ if kind.starts_with("List<")
            || kind.starts_with("AWS::EC2::")
            || kind.starts_with("AWS::Route53::") =>
        {
            return Some("Type");
        }
        // The constraints are those of the parameter's name in the store.
        _ if kind.starts_with("AWS::SSM::") => return None,
        _ => {}
    }
    let allowed = declared
        .get("AllowedValues")
        .filter(|node| node.kind().is_sequence() && node.tag().is_none());
    let allowed =
        allowed.and_then(|list| list.items().map(literal).collect::<Option<Vec<String>>>());
    if allowed.is_some_and(|allowed| !allowed.iter().any(|allowed| allowed == value)) {
        return Some("AllowedValues");
    }
    if number("MinLength").is_some_and(|least| length < least) {
        return Some("MinLength");
    }
    if number("MaxLength").is_some_and(|most| length > most) {
        return Some("MaxLength");
    }
    let pattern = text("AllowedPattern")
        .and_then(|pattern| regex_lite::Regex::new(&format!("^(?:{pattern})$")).ok());
    pattern
        .is_some_and(|pattern| !pattern.is_match(value))
        .then_some("AllowedPattern")
}
