//! What the store has to tell of a line: whether its parameter is there, and the value under the value scheme.

use byref_cloudformation::Layout;
use byref_parameter::SecretValue;
use byref_template::{Build, Diagnostic};

use super::compose::Content;
use super::{Line, Planner};
use crate::container::Container;
use crate::question::{Answer, Question};

impl Line<'_> {
    /// What an entry of `Secrets` says, or of CodeBuild's list.
    pub(super) fn reference(&self, layout: Layout) -> Content {
        let (said, variable) = (&self.target.build, &self.target.variable);
        let said = if layout == Layout::TypedVariables { &variable.build } else { said };
        Content { secret: self.secret.name.clone(), said: said.clone(), kind: variable.kind }
    }
}

impl Planner<'_> {
    /// An entry of `Environment`: the value of a line. Says why there is none.
    pub(super) fn value_of(&mut self, line: &Line<'_>, container: &Container<'_>) -> Option<Content> {
        let (region, name) = line.parameter.clone()?;
        let secret = &line.secret.name;
        let answer = self.answers.value(&region, &name);
        self.questions.insert(Question::Value { region: region.clone(), name: name.clone() });
        let (code, message, help) = match answer {
            Answer::Known(value) => return self.embedded(line, &value),
            Answer::NotAsked => (
                "needs-store",
                format!(
                    "`{secret}` has no value in container `{}`: under the value scheme it must come from a store, and none was asked",
                    container.label()
                ),
                "name the store that holds it with `--store`, add the entry to the template, or deploy this application by reference"
                    .to_owned(),
            ),
            Answer::Missing => (
                "missing-parameter",
                format!("the parameter `{name}` of `{secret}` does not exist in `{region}`"),
                "create it, or correct the line".to_owned(),
            ),
            Answer::Unknown(why) => (
                "unknown-value",
                format!("the value of `{secret}` can't be read: {why}"),
                format!("it is the parameter `{name}` in `{region}`"),
            ),
        };
        let place = self.place(container);
        self.say(
            Diagnostic::error(code, message, line.secret.name_location).with(place, "for this container").help(help),
        );
        None
    }

    fn embedded(&mut self, line: &Line<'_>, value: &SecretValue) -> Option<Content> {
        let secret = line.secret.name.clone();
        // CloudFormation resolves these wherever they stand, so the container would see something else.
        if value.expose().contains("{{resolve:") {
            let message =
                format!("the value of `{secret}` holds a dynamic reference, which CloudFormation would resolve");
            self.say(
                Diagnostic::error("dynamic-reference", message, line.secret.name_location)
                    .help("store another value, or deploy this application by reference"),
            );
            return None;
        }
        Some(Content { secret, said: Build::Text(value.expose().to_owned()), kind: "PLAINTEXT" })
    }

    /// A parameter that a template refers to must be there in every Region of the environment.
    pub(super) fn check_existence(&mut self, line: &Line<'_>) {
        let Some((own_region, name)) = &line.parameter else { return };
        let is_arn = matches!(line.secret.target, byref_config::Target::Arn(_));
        let regions = if is_arn { std::slice::from_ref(own_region) } else { &self.request.environment.regions };
        for region in regions {
            self.questions.insert(Question::Exists { region: region.clone(), name: name.clone() });
            if matches!(self.answers.existence(region, name), Answer::Missing) {
                let message = format!("the parameter `{name}` of `{}` does not exist in `{region}`", line.secret.name);
                self.say(
                    Diagnostic::error("missing-parameter", message, line.secret.name_location)
                        .help("create it, or correct the line"),
                );
            }
        }
    }
}
