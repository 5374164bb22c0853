//! One folder a case: `template.*`, `deploy.toml`, what comes out (`expected.*`, or nothing where it is an error), and
//! what is said (`messages.txt`, written anew with `BYREF_BLESS=1`). A case with `values.json` has a store: names with
//! their made-up values, `false` for a parameter that is missing, `{"unknown": "why"}` for one that could not be read.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use byref_config::{ConfigFile, Grant, Scheme, SchemeOverride};
use byref_parameter::SecretValue;
use byref_rewrite::{Answer, Answers, Document, ExistingReferences, Question, Request};
use byref_template::{Sources, Template};

use crate::byref::{byref, fixtures, stderr, stdout};

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

fn file(case: &Path, stem: &str) -> Option<PathBuf> {
    ["yaml", "json"].iter().map(|extension| case.join(format!("{stem}.{extension}"))).find(|path| path.exists())
}

fn arguments(case: &Path) -> Vec<String> {
    let text = match std::fs::read_to_string(case.join("command")) {
        Ok(text) => text,
        Err(_) => {
            format!("rewrite -e production {}", file(case, "template").unwrap().file_name().unwrap().to_string_lossy())
        }
    };
    text.split_whitespace().map(str::to_owned).collect()
}

/// What is wrong with a case, if anything.
fn judge(case: &Path) -> Option<String> {
    if case.join("values.json").exists() {
        return judge_with_values(case);
    }
    let output = byref(case).args(arguments(case)).output().unwrap();
    let messages = case.join("messages.txt");
    if std::env::var_os("BYREF_BLESS").is_some() {
        std::fs::write(&messages, stderr(&output)).unwrap();
    }
    if stderr(&output) != std::fs::read_to_string(&messages).unwrap_or_default() {
        return Some(format!("other messages:\n{}", stderr(&output)));
    }
    let Some(expected) = file(case, "expected") else {
        let is_error = output.status.code() == Some(2) && output.stdout.is_empty();
        return (!is_error).then(|| format!("no error: {:?}\n{}", output.status, stdout(&output)));
    };
    let expected = std::fs::read_to_string(expected).unwrap();
    if output.status.code() != Some(0) || stdout(&output) != expected {
        return Some(format!("{:?}\n{}\n{}", output.status, stdout(&output), stderr(&output)));
    }
    again(case, &expected)
}

/// Rewriting twice is rewriting once.
fn again(case: &Path, expected: &str) -> Option<String> {
    let folder = crate::byref::folder(&[
        ("template.yaml", expected),
        ("deploy.toml", &std::fs::read_to_string(case.join("deploy.toml")).unwrap()),
    ]);
    // Only grants are written: a run without would go on to the references.
    let kept = ["--grants-only", "--keep-references"];
    let same: Vec<String> = arguments(case).into_iter().filter(|argument| kept.contains(&argument.as_str())).collect();
    let output = crate::byref::run(folder.path(), &format!("rewrite -e production {} template.yaml", same.join(" ")));
    let is_same = output.status.code() == Some(0) && stdout(&output) == expected;
    (!is_same).then(|| format!("a second run differs: {}\n{}", stdout(&output), stderr(&output)))
}

/// As `judge`, by the library: what the store says is handed to the plan.
fn judge_with_values(case: &Path) -> Option<String> {
    let template = file(case, "template").unwrap();
    let (output, said) = rewrite_with_values(case, &std::fs::read_to_string(&template).unwrap());
    let messages = case.join("messages.txt");
    let expected_path = template.with_file_name(format!("expected.{}", template.extension().unwrap().display()));
    if std::env::var_os("BYREF_BLESS").is_some() {
        std::fs::write(&messages, &said).unwrap();
    }
    if said != std::fs::read_to_string(&messages).unwrap_or_default() {
        return Some(format!("other messages:\n{said}"));
    }
    let expected = std::fs::read_to_string(expected_path).ok();
    if output != expected {
        return Some(format!("{}\n{said}", output.unwrap_or_default()));
    }
    let (again, said) = rewrite_with_values(case, &expected?);
    (again != output).then(|| format!("a second run differs: {}\n{said}", again.unwrap_or_default()))
}

/// The result, or none where a message is an error; and the messages.
fn rewrite_with_values(case: &Path, text: &str) -> (Option<String>, String) {
    let mut sources = Sources::new();
    let config_text = std::fs::read_to_string(case.join("deploy.toml")).unwrap();
    let source = sources.add("deploy.toml", config_text.as_str());
    let (config, _) = byref_config::parse(&[ConfigFile { source, text: &config_text }]);
    let config = config.unwrap();
    let source = sources.add("template", text);
    let template = Template::parse(sources.get(source).text().clone()).unwrap();
    let documents =
        [Document { source, path: "template".to_owned(), template, role: byref_rewrite::DocumentRole::Written }];
    let (app, environment) = (&config.apps["app"], &config.environments["production"]);
    let is_to_values = arguments(case).iter().any(|argument| argument == "--to-values");
    let request = Request {
        scheme: config.scheme(app, Some("production"), &SchemeOverride::new(None, None).unwrap()).scheme,
        grant: Grant::Auto,
        existing_references: if is_to_values { ExistingReferences::ToValues } else { ExistingReferences::Keep },
        ..Request::new(&config, app, environment)
    };
    assert_eq!(request.scheme, Scheme::Value);
    let survey = byref_rewrite::Survey::new(request, &documents);
    let plan = survey.plan(&answers(case, &survey.questions()));
    let mut said = String::new();
    for diagnostic in &plan.diagnostics {
        let (word, place) = (diagnostic.severity.word(), sources.position(diagnostic.primary.location));
        writeln!(said, "{word}[{}] {place}: {}", diagnostic.code, diagnostic.message).unwrap();
        diagnostic.help.iter().for_each(|help| writeln!(said, "  help: {help}").unwrap());
    }
    for binding in &plan.bindings {
        writeln!(said, "{} {} {}", binding.secret, binding.container, binding.outcome.word()).unwrap();
    }
    let output = byref_rewrite::rewrite(&documents[0], &plan.changes[0]).unwrap();
    assert!(!said.contains("EXAMPLE") && !format!("{plan:?}").contains("EXAMPLE"), "a message holds a value: {said}");
    assert_eq!(plan.carries_values(), plan.carries_values_in(0));
    ((!plan.has_errors()).then(|| output.text().to_string()), said)
}

fn answers(case: &Path, questions: &[Question]) -> Answers {
    let text = std::fs::read_to_string(case.join("values.json")).unwrap();
    let values: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut answers = Answers::none();
    for question in questions {
        let Question::Value { region, name } = question else { continue };
        let answer = match &values[name.to_string()] {
            serde_json::Value::String(value) => Answer::Known(SecretValue::new(value.clone())),
            serde_json::Value::Bool(false) => Answer::Missing,
            serde_json::Value::Object(table) => Answer::Unknown(table["unknown"].as_str().unwrap().to_owned()),
            _ => Answer::NotAsked,
        };
        answers.set_value(region.clone(), name.clone(), answer);
    }
    answers
}

#[test]
fn every_fixture_is_as_expected() {
    let cases = cases();
    assert!(cases.len() >= 30, "only {} fixtures", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            judge(case).map(|problem| format!("== {}: {problem}", case.file_name().unwrap().to_string_lossy()))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
