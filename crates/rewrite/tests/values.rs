//! Values that are embedded: every parser reads exactly the value, as a string; the way to
//! references and back ends where it began; nothing that is shown holds a value.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

#[path = "../../template/tests/judge/mod.rs"]
mod judge;

use byref_config::{ConfigFile, DeployConfig, Grant, Scheme, parse};
use byref_parameter::SecretValue;
use byref_rewrite::{
    Answer, Answers, Document, ExistingReferences, Plan, Question, Request, Survey, hidden_spans,
    rewrite,
};
use byref_template::{Severity, Sources, Syntax, Template};
use judge::{libyaml_events, our_events};
use proptest::prelude::*;
use serde_yaml::Value;

const CONFIG: &str = "[environments.e]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\n[apps.a]\ncontainers = [\"web\"]\n[apps.a.secrets]\nFIRST = true\nSECOND = \"/full/name\"\n";

/// Templates in which `FIRST` and `SECOND` have no entry yet.
const TEMPLATES: [&str; 9] = [
    "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: web\n",
    "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n      - Name: web\n        Environment:\n        # a comment\n        - Name: A\n          Value: x   # another\n        Image: i",
    "Resources:\r\n  T:\r\n    Type: AWS::ECS::TaskDefinition\r\n    Properties:\r\n      ContainerDefinitions:\r\n        - Name: 'web'\r\n          Environment:\r\n            - Name: 'A'\r\n              Value: 'x'\r\n",
    "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions: [{Name: web, Environment: [{Name: A, Value: x}]}]\n",
    "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: web\n          Environment: !If [C, [{Name: A, Value: \"x\"}], !Ref AWS::NoValue]\n",
    "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: web\n          Environment: []\n          Secrets:\n            - {Name: S, ValueFrom: /s}\n",
    "{\n  \"Resources\": {\n    \"T\": {\n      \"Type\": \"AWS::ECS::TaskDefinition\",\n      \"Properties\": {\n        \"ContainerDefinitions\": [\n          {\n            \"Name\": \"web\"\n          }\n        ]\n      }\n    }\n  }\n}\n",
    "{\"Resources\":{\"T\":{\"Type\":\"AWS::ECS::TaskDefinition\",\"Properties\":{\"ContainerDefinitions\":[{\"Name\":\"web\",\"Environment\":[{\"Name\":\"A\",\"Value\":\"x\"}]}]}}}}",
    "{\"Resources\": {\"T\": {\"Type\": \"AWS::ECS::TaskDefinition\", # no JSON\n  \"Properties\": {\"ContainerDefinitions\": [{\"Name\": \"web\", \"Environment\": [\n    {\"Name\": \"A\", \"Value\": \"x\"}\n  ]}]}}}}\n",
];

fn config() -> DeployConfig {
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", CONFIG);
    parse(&[ConfigFile {
        source,
        text: CONFIG,
    }])
    .0
    .unwrap()
}

fn document(text: &str) -> Document {
    let mut sources = Sources::new();
    let source = sources.add("template", text);
    Document {
        source,
        path: "template".to_owned(),
        template: Template::parse(text).unwrap(),
        role: byref_rewrite::DocumentRole::Written,
    }
}

fn request(
    config: &DeployConfig,
    scheme: Scheme,
    existing_references: ExistingReferences,
) -> Request<'_> {
    let environment = &config.environments["e"];
    Request {
        scheme,
        grant: Grant::Never,
        existing_references,
        ..Request::new(config, &config.apps["a"], environment)
    }
}

/// Answers every question for a value: `/full/name` has the second one.
fn answer(questions: &[Question], values: &[String; 2]) -> Answers {
    let mut answers = Answers::none();
    for question in questions {
        if let Question::Value { region, name } = question {
            let value = &values[usize::from(name.to_string() == "/full/name")];
            answers.set_value(
                region.clone(),
                name.clone(),
                Answer::Known(SecretValue::new(value.clone())),
            );
        }
    }
    answers
}

fn run(request: &Request<'_>, text: &str, values: &[String; 2]) -> (Plan, String) {
    let documents = [document(text)];
    let survey = Survey::new(*request, &documents);
    let plan = survey.plan(&answer(&survey.questions(), values));
    let messages: Vec<&String> = plan
        .diagnostics
        .iter()
        .map(|diagnostic| &diagnostic.message)
        .collect();
    assert!(!plan.has_errors(), "{messages:?}");
    let output = rewrite(&documents[0], &plan.changes[0])
        .unwrap()
        .text()
        .to_string();
    (plan, output)
}

/// What a name has in every list that the container may get, as a parser reads it.
fn read(text: &str, name: &str) -> Vec<Value> {
    let whole: Value = match Template::parse(text).unwrap().syntax() {
        Syntax::Yaml => serde_yaml::from_str(text).unwrap(),
        Syntax::Json => {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            serde_yaml::to_value(json).unwrap()
        }
    };
    let mut found = Vec::new();
    let mut open = vec![&whole];
    while let Some(value) = open.pop() {
        match value {
            Value::Mapping(mapping) => {
                if mapping.get("Name").and_then(Value::as_str) == Some(name) {
                    found.extend(mapping.get("Value").cloned());
                }
                open.extend(mapping.values());
            }
            Value::Sequence(items) => open.extend(items),
            Value::Tagged(tagged) => open.push(&tagged.value),
            _ => {}
        }
    }
    found
}

/// Texts that mean something else without quotes, or inside the wrong ones, and any others.
fn value() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "!Ref x",
        "on",
        "Yes",
        "NO",
        "~",
        "null",
        "1.10",
        "0x1F",
        "1_000",
        "1e5",
        ".inf",
        "-.5",
        "190:20:30",
        "=",
        "<<",
        "2001-12-14t21:59:43.1-05:00",
        "- a",
        "-",
        "? a",
        ": a",
        "a: b",
        "a:",
        "a #b",
        "#a",
        "'",
        "\"",
        "''",
        "\\",
        "\\n",
        "{a}",
        "[a",
        "a, b",
        "&a",
        "*a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        " a",
        "a ",
        "\ta",
        "a\n",
        "\n",
        "a\r\nb",
        "\r",
        "",
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\u{feff}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{0}",
        "\u{7f}",
        "é日😀",
        "---",
        "...",
        "--- a",
        "... a",
        "${A}",
        "{{a}}",
        "true",
        "False",
        "a\n\n  b\n",
        "0o17",
        "+1",
        "infinity",
        "NaN",
        ".NaN",
        "12e03",
        "0b1",
        "y",
        "N",
    ]);
    let any = prop::collection::vec(any::<char>(), 0..30)
        .prop_map(|characters| characters.into_iter().collect());
    let printable = "[ -~]{0,40}";
    let long = (1000_usize..2000).prop_map(|count| "EXAMPLE ".repeat(count / 8));
    prop_oneof![4 => nasty.prop_map(str::to_owned), 3 => any, 3 => printable, 1 => long]
        .prop_filter("CloudFormation would resolve it", |value| {
            !value.contains("{{resolve:")
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn every_value_is_read_back(template in prop::sample::select(TEMPLATES.to_vec()), first in value(), second in value()) {
        let config = config();
        let values = [first, second];
        let by_value = request(&config, Scheme::Value, ExistingReferences::Keep);
        let (plan, output) = run(&by_value, template, &values);
        prop_assert!(plan.carries_values());
        for (name, value) in [("FIRST", &values[0]), ("SECOND", &values[1])] {
            let read = read(&output, name);
            prop_assert!(!read.is_empty() && read.iter().all(|read| read.as_str() == Some(value)), "{}", output);
        }
        if Template::parse(&*output).unwrap().syntax() == Syntax::Yaml {
            prop_assert_eq!(libyaml_events(&output).unwrap(), our_events(&Template::parse(&*output).unwrap()));
        }
        // Whatever stands in an entry is hidden.
        let parsed = Template::parse(&*output).unwrap();
        let hidden = hidden_spans(&parsed);
        for node in parsed.nodes().filter_map(|node| node.get("Value")).filter(|node| node.kind().is_scalar() && !node.span().is_empty()) {
            prop_assert!(hidden.iter().any(|span| span.contains(node.span())), "{}", output);
        }
        let (again, second_output) = run(&by_value, &output, &values);
        prop_assert!(!again.carries_values() && second_output == output);
    }

    #[test]
    fn the_way_to_references_and_back(template in prop::sample::select(TEMPLATES.to_vec()), first in value(), second in value()) {
        let config = config();
        let values = [first, second];
        let (by_reference, by_value) =
            (request(&config, Scheme::Reference, ExistingReferences::Keep), request(&config, Scheme::Value, ExistingReferences::Keep));
        // On a kept source the two outputs are the same each time.
        let (_, carrying) = run(&by_value, template, &values);
        let (plan, referring) = run(&by_reference, template, &values);
        prop_assert!(!plan.carries_values());
        prop_assert_eq!(&run(&by_value, template, &values).1, &carrying);
        // Where the source is gone, `--to-values` leads back, and from there the reference scheme
        // as well.
        let to_values = request(&config, Scheme::Value, ExistingReferences::ToValues);
        let (plan, back) = run(&to_values, &referring, &values);
        prop_assert!(plan.carries_values());
        for (name, value) in [("FIRST", &values[0]), ("SECOND", &values[1])] {
            let read = read(&back, name);
            prop_assert!(!read.is_empty() && read.iter().all(|read| read.as_str() == Some(value)), "{}", back);
        }
        prop_assert_eq!(&run(&to_values, &back, &values).1, &back);
        let (_, again) = run(&by_reference, &back, &values);
        prop_assert_eq!(&run(&by_reference, &again, &values).1, &again);
        prop_assert_eq!(&run(&to_values, &again, &values).1, &run(&to_values, &run(&by_reference, &back, &values).1, &values).1);
    }
}

#[test]
fn questions_are_asked_where_answers_are_needed() {
    let config = config();
    let ask = |scheme, standing, text: &str| {
        Survey::new(request(&config, scheme, standing), &[document(text)]).questions()
    };
    let is_value = |question: &Question| matches!(question, Question::Value { region, .. } if region.to_string() == "us-west-2");
    let asked = ask(Scheme::Value, ExistingReferences::Keep, TEMPLATES[1]);
    assert!(asked.len() == 2 && asked.iter().all(is_value), "{asked:?}");
    let asked = ask(Scheme::Reference, ExistingReferences::Keep, TEMPLATES[1]);
    assert!(
        asked.len() == 4 && !asked.iter().any(is_value),
        "both Regions: {asked:?}"
    );
    let standing = "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: web\n          Environment: [{Name: FIRST, Value: x}]\n          Secrets: [{Name: SECOND, ValueFrom: /full/name}]\n";
    assert!(ask(Scheme::Value, ExistingReferences::Keep, standing).is_empty());
    let asked = ask(Scheme::Value, ExistingReferences::ToValues, standing);
    assert!(
        matches!(&asked[..], [Question::Value { name, .. }] if name.to_string() == "/full/name"),
        "{asked:?}"
    );
}

#[test]
fn a_missing_parameter_is_an_error_by_reference_too() {
    let config = config();
    let request = request(&config, Scheme::Reference, ExistingReferences::Keep);
    let documents = [document(TEMPLATES[1])];
    let mut answers = Answers::none();
    let survey = Survey::new(request, &documents);
    for question in survey.questions() {
        if let Question::Exists { region, name } = question {
            let is_there = region.to_string() == "us-west-2" || name.to_string() == "/full/name";
            answers.set_existence(
                region,
                name,
                if is_there {
                    Answer::Known(())
                } else {
                    Answer::Missing
                },
            );
        }
    }
    let plan = survey.plan(&answers);
    let errors = plan
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error);
    let messages: Vec<&str> = errors
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    assert_eq!(
        messages,
        ["the parameter `/e/a/first` of `FIRST` does not exist in `us-east-1`"]
    );
    assert!(plan.has_errors() && plan.changes[0].is_empty());
}

#[test]
fn a_copy_of_a_secret_parameter_is_found_however_no_echo_is_written() {
    let config = config();
    let found = |no_echo: &str| {
        let text = format!(
            "Parameters:\n  P: {{Type: String, NoEcho: {no_echo}, Default: not-a-secret-77}}\nMetadata:\n  Copy: not-a-secret-77\nResources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: web\n          Environment:\n            - {{Name: FIRST, Value: !Sub 'user:${{P}}'}}\n"
        );
        let request = request(&config, Scheme::Reference, ExistingReferences::Keep);
        let documents = [document(&text)];
        let plan = Survey::new(request, &documents).plan(&Answers::none());
        // The places of messages that are about the copy or the default.
        let copies: Vec<usize> = text
            .match_indices("not-a-secret-77")
            .map(|(at, _)| at)
            .collect();
        let places = plan
            .diagnostics
            .iter()
            .flat_map(|said| std::iter::once(&said.primary).chain(&said.secondary));
        let is_copy =
            |span: byref_template::Span| copies.iter().any(|at| span.range().contains(at));
        places.filter(|label| is_copy(label.location.span)).count()
    };
    let (secret, other) = (found("true"), found("false"));
    assert!(secret > other, "{secret} and {other}");
    for no_echo in ["True", "'TRUE'"] {
        assert_eq!(found(no_echo), secret, "{no_echo}");
    }
}
