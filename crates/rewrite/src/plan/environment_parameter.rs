//! The template parameter from which references take the environment's name.

use byref_cloudformation::literal;
use byref_template::{Diagnostic, Location, NodeRef};

use super::{Line, Planner};

impl Planner<'_> {
    /// A reference that takes the environment's name from a parameter needs that parameter, and the parameter must accept
    /// that name.
    pub(super) fn check_environment_parameter(&mut self, line: &Line<'_>, document: usize) {
        let Some(parameter) = &line.target.parameter else { return };
        let setting = self.request.config.rewrite.environment_parameter.as_ref();
        let Some(setting) = setting.map(|(_, place)| *place) else { return };
        let survey = self.survey;
        let Some(declared) = survey.declarations[document].parameters.get(parameter).copied() else {
            self.refuse_without_parameter(parameter, setting);
            return;
        };
        self.check_constraints(parameter, declared, document, setting);
    }

    pub(super) fn refuse_without_parameter(&mut self, parameter: &str, place: Location) {
        let message = format!(
            "the template has no parameter `{parameter}`, from which references would take the environment's name"
        );
        self.say(Diagnostic::error("no-environment-parameter", message, place).help(format!(
            "add it to `Parameters` (`{parameter}: {{Type: String}}`), or remove `environment-parameter`"
        )));
    }

    fn check_constraints(&mut self, parameter: &str, declared: NodeRef<'_>, document: usize, setting: Location) {
        let name = &self.request.environment.name;
        let key = declared.parent().and_then(|section| section.entry(parameter)).map_or(declared, |entry| entry.key);
        let place = |property: &str| {
            let node = declared.entry(property).map_or(key, |entry| entry.key);
            self.documents[document].place(node)
        };
        let help =
            format!("let `{parameter}` accept `{name}`, or call the environment in `deploy.toml` as the template does");
        if let Some(property) = excluded_by(declared, name) {
            let message = format!(
                "parameter `{parameter}` can never be `{name}`, and references would take the environment's name from it: \
                 its `{property}` excludes that"
            );
            let diagnostic = Diagnostic::error("environment-parameter", message, place(property));
            self.say(diagnostic.with(setting, "set here").help(help));
            return;
        }
        let kind = declared.get("Type").and_then(literal).unwrap_or_default();
        if kind.starts_with("AWS::SSM::Parameter::Value") {
            let message = format!(
                "the value of parameter `{parameter}` comes from Parameter Store: byref can't tell whether it is `{name}`, \
                 which references would take from it"
            );
            let diagnostic = Diagnostic::warning("environment-parameter", message, place("Type"));
            self.say(diagnostic.with(setting, "set here").help(format!("give `{parameter}` the type `String`")));
            return;
        }
        // A deploy that does not pass the parameter gets the default.
        let is_known = |default: &String| self.request.config.environments.contains_key(default);
        if declared.get("Default").and_then(literal).is_some_and(|default| !is_known(&default)) {
            let message = format!(
                "the default of parameter `{parameter}` is the name of no environment in `deploy.toml`: a deploy that does \
                 not pass `{parameter}` would refer to parameters that byref does not write"
            );
            let diagnostic = Diagnostic::warning("environment-parameter", message, place("Default"));
            self.say(diagnostic.with(setting, "set here").help(help));
        }
    }
}

/// The property of a parameter that excludes a value. A pattern that can't be read here excludes nothing.
///
/// Source: CloudFormation user guide, "Parameters": the constraints of `String` and `Number`.
fn excluded_by(declared: NodeRef<'_>, value: &str) -> Option<&'static str> {
    let text = |property: &str| declared.get(property).and_then(literal);
    let number = |property: &str| text(property).and_then(|text| text.parse::<f64>().ok());
    let length = f64::from(u32::try_from(value.chars().count()).unwrap_or(u32::MAX));
    let kind = text("Type").unwrap_or_default();
    match kind.as_str() {
        "Number" => {
            let Ok(own) = value.parse::<f64>() else { return Some("Type") };
            if number("MinValue").is_some_and(|least| own < least) {
                return Some("MinValue");
            }
            if number("MaxValue").is_some_and(|most| own > most) {
                return Some("MaxValue");
            }
        }
        "CommaDelimitedList" => return Some("Type"),
        _ if kind.starts_with("List<") || kind.starts_with("AWS::EC2::") || kind.starts_with("AWS::Route53::") => {
            return Some("Type");
        }
        // The constraints are those of the parameter's name in the store.
        _ if kind.starts_with("AWS::SSM::") => return None,
        _ => {}
    }
    let allowed = declared.get("AllowedValues").filter(|node| node.kind().is_sequence() && node.tag().is_none());
    let allowed = allowed.and_then(|list| list.items().map(literal).collect::<Option<Vec<String>>>());
    if allowed.is_some_and(|allowed| !allowed.iter().any(|allowed| allowed == value)) {
        return Some("AllowedValues");
    }
    if number("MinLength").is_some_and(|least| length < least) {
        return Some("MinLength");
    }
    if number("MaxLength").is_some_and(|most| length > most) {
        return Some("MaxLength");
    }
    let pattern = text("AllowedPattern").and_then(|pattern| regex_lite::Regex::new(&format!("^(?:{pattern})$")).ok());
    pattern.is_some_and(|pattern| !pattern.is_match(value)).then_some("AllowedPattern")
}
