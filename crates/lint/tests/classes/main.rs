//! Values by class: each test lists texts of one class, in the place where templates have them,
//! with the part that must be found, or none.

mod found;
mod harmless;
mod not_found;
mod variants;

use byref_lint::{Context, Finds, lint};

/// Returns a text as a JSON string, with its quotes.
fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => written.extend(['\\', character]),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            _ => written.push(character),
        }
    }
    written + "\""
}

fn resource(kind: &str, properties: &str) -> String {
    format!(
        "{{\"Resources\": {{\"R\": {{\"Type\": \"{kind}\", \"Properties\": {{{properties}}}}}}}}}"
    )
}

/// Returns a template with a variable in the environment of a function.
fn variable((name, value): (&str, &str)) -> String {
    let variables = format!("{}: {}", quoted(name), quoted(value));
    resource(
        "AWS::Lambda::Function",
        &format!("\"Environment\": {{\"Variables\": {{{variables}}}}}"),
    )
}

/// Returns a template with the script of an instance.
fn script(text: &str) -> String {
    resource(
        "AWS::EC2::Instance",
        &format!("\"UserData\": {{\"Fn::Base64\": {}}}", quoted(text)),
    )
}

/// Returns a template with the code of a function.
fn code(text: &str) -> String {
    resource(
        "AWS::Lambda::Function",
        &format!("\"Code\": {{\"ZipFile\": {}}}", quoted(text)),
    )
}

/// Returns the secrets that the rules find in a template, as they are written there.
fn findings(template: &str) -> Vec<String> {
    let report = lint(&template.into(), Context::default());
    let secrets = report.findings.iter().filter(|finding| {
        matches!(
            finding.rule.finds,
            Finds::Secret | Finds::StoredValue | Finds::WeakSecret
        )
    });
    secrets
        .map(|finding| template[finding.span.range()].to_owned())
        .collect()
}

/// Fails with a list of all texts in which something is found.
#[track_caller]
fn nothing_in<T: Copy + std::fmt::Debug>(cases: &[T], template: impl Fn(T) -> String) {
    let found: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let found = findings(&template(*case));
            (!found.is_empty()).then(|| format!("{case:?}: {found:?}"))
        })
        .collect();
    assert!(
        found.is_empty(),
        "found {} of {}:\n{}",
        found.len(),
        cases.len(),
        found.join("\n")
    );
}

/// Fails with a list of all texts in which their secret is not found.
#[track_caller]
fn all_in<T: Copy + std::fmt::Debug>(cases: &[(T, &str)], template: impl Fn(T) -> String) {
    let missed: Vec<String> = cases
        .iter()
        .filter_map(|(case, secret)| {
            let found = findings(&template(*case));
            let is_found = found
                .iter()
                .any(|found| found.contains(secret) && found.len() <= 2 * secret.len() + 24);
            (!is_found).then(|| format!("{case:?}: {found:?}"))
        })
        .collect();
    assert!(
        missed.is_empty(),
        "missed {} of {}:\n{}",
        missed.len(),
        cases.len(),
        missed.join("\n")
    );
}
