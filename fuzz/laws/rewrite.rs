//! What must hold for every template that is rewritten.

use byref_config::{ConfigFile, DeployConfig, Grant, Scheme, parse};
use byref_parameter::SecretValue;
use byref_rewrite::{
    Answer, Answers, Document, ExistingReferences, Question, Request, Survey, UnusedParameters,
    hidden_spans, limits, rewrite, secret_candidates,
};
use byref_template::{Sources, Template};

const CONFIG: &str = "[environments.e]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n[apps.a]\ncontainers = [\"web\"]\n[apps.a.secrets]\nDB_PASSWORD = true\nAPI_KEY = { key = \"k\", replace-computed = true }\nNEW = \"new\"\n";

/// Lines for builds, services and jobs, and for a log option.
const OTHERS: &str = "[environments.e]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\n[apps.a.secrets]\nDB_PASSWORD = true\nTOKEN = { key = \"t\", log-option = \"splunk-token\" }\n";

fn config(text: &str) -> DeployConfig {
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", text);
    parse(&[ConfigFile { source, text }])
        .0
        .expect("a valid configuration")
}

/// A result is proven or refused with a place, never found to be wrong; a second run changes
/// nothing.
pub(crate) fn rewritten(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for config in [config(CONFIG), config(OTHERS)] {
        stable(&config, text, Scheme::Reference, ExistingReferences::Keep);
        stable(&config, text, Scheme::Value, ExistingReferences::ToValues);
    }
}

fn stable(config: &DeployConfig, text: &str, scheme: Scheme, standing: ExistingReferences) {
    let Some((changed, output)) = run(config, text, scheme, standing) else {
        return;
    };
    let again = run(config, &output, scheme, standing);
    let is_stable = again.is_none_or(|(changed_again, second)| !changed_again && second == output);
    assert!(!changed || is_stable, "a second run changes something");
}

/// Whether something changed, and the result.
fn run(
    config: &DeployConfig,
    text: &str,
    scheme: Scheme,
    existing_references: ExistingReferences,
) -> Option<(bool, String)> {
    let mut sources = Sources::new();
    let source = sources.add("template", text);
    let template = Template::parse(sources.get(source).text().clone()).ok()?;
    let document = Document {
        source,
        path: "template".to_owned(),
        template,
        role: byref_rewrite::DocumentRole::Written,
    };
    let _ = (
        hidden_spans(&document.template),
        limits(&document.template, source),
        secret_candidates(&document),
    );
    let environment = &config.environments["e"];
    let request = Request {
        scheme,
        grant: Grant::Never,
        existing_references,
        unused_parameters: UnusedParameters::Prune,
        ..Request::new(config, &config.apps["a"], environment)
    };
    let documents = [document];
    let mut answers = Answers::none();
    let survey = Survey::new(request, &documents);
    for question in survey.questions() {
        if let Question::Value { region, name } = question {
            let value = SecretValue::new("EXAMPLE: it's \"no\" secret\n".to_owned());
            answers.set_value(region, name, Answer::Known(value));
        }
    }
    let plan = survey.plan(&answers);
    if plan.has_errors() {
        return None;
    }
    match rewrite(&documents[0], &plan.changes[0]) {
        Ok(output) => Some((!plan.changes[0].is_empty(), output.text().to_string())),
        Err(error) => {
            assert_ne!(error.code, "unproven", "{}", error.message);
            None
        }
    }
}
