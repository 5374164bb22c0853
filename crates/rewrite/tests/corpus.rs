//! Public templates, where this machine has them: every entry becomes a secret, and the rewrite
//! must be proven, keep every name, and change nothing in a second run.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails where it can't go on"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use byref_config::{ConfigFile, DeployConfig, Grant, Scheme, parse};
use byref_harness::ignore;
use byref_parameter::SecretValue;
use byref_rewrite::{
    Answer, Answers, Document, ExistingReferences, MissingRoles, Outcome, Plan, Question, Request,
    RoleReference, Survey, Verdict, rewrite,
};
use byref_template::{NodeRef, Sources, Template};

byref_harness::tests![every_public_template_is_rewritten_or_refused,];

fn main() -> std::process::ExitCode {
    byref_harness::run(&[TESTS])
}

fn shared() -> PathBuf {
    let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let place = std::env::var_os("BYREF_SHARED").map_or_else(here, PathBuf::from);
    if !place.join("corpus").is_dir() {
        ignore("no public templates: `BYREF_SHARED` names a folder with `corpus/`");
    }
    place
}

fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

/// The names in all `Environment` and `Secrets` lists, with the task definitions that hold them.
fn names(template: &Template) -> BTreeSet<(String, String)> {
    let mut names = BTreeSet::new();
    let resources = template.root().and_then(|root| root.get("Resources"));
    for resource in resources.into_iter().flat_map(NodeRef::entries) {
        let kind = resource.value.get("Type").and_then(NodeRef::text);
        if !kind
            .is_some_and(|kind| kind.starts_with("AWS::ECS::") && kind.ends_with("TaskDefinition"))
        {
            continue;
        }
        let id = resource.key.text().unwrap().into_owned();
        for list in resource
            .value
            .subtree()
            .filter_map(|node| node.entry("Environment").or(node.entry("Secrets")))
        {
            for node in list
                .value
                .parent()
                .unwrap()
                .subtree()
                .filter(|node| node.kind().is_mapping())
            {
                let has_value = node.get("Value").is_some() || node.get("ValueFrom").is_some();
                if let Some(name) = node
                    .get("Name")
                    .and_then(NodeRef::text)
                    .filter(|_| has_value)
                {
                    names.insert((id.clone(), name.into_owned()));
                }
            }
        }
    }
    names
}

/// A configuration that makes a secret of every name, or of every second one.
fn config(names: &BTreeSet<(String, String)>, step: usize) -> DeployConfig {
    let mut text =
        "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n[apps.app.secrets]\n"
            .to_owned();
    let distinct: BTreeSet<&String> = names.iter().map(|(_, name)| name).collect();
    for (index, name) in distinct
        .iter()
        .enumerate()
        .filter(|(index, _)| index % step == 0)
    {
        let _ = writeln!(
            text,
            "{name:?} = {{ key = \"key-{index}\", replace-computed = true }}"
        );
    }
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", text.as_str());
    let (config, mistakes) = parse(&[ConfigFile {
        source,
        text: &text,
    }]);
    config.unwrap_or_else(|| panic!("{mistakes:?}"))
}

/// Whether roles get what they need, and missing ones are added.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Roles {
    Untouched,
    Granted,
}

fn run(config: &DeployConfig, document: &Document, scheme: Scheme, roles: Roles) -> Plan {
    let environment = &config.environments["production"];
    let request = Request {
        scheme,
        grant: if roles == Roles::Granted {
            Grant::Auto
        } else {
            Grant::Never
        },
        missing_roles: if roles == Roles::Granted {
            MissingRoles::Create
        } else {
            MissingRoles::Report
        },
        existing_references: ExistingReferences::ToValues,
        ..Request::new(config, &config.apps["app"], environment)
    };
    let documents = std::slice::from_ref(document);
    let mut answers = Answers::none();
    let survey = Survey::new(request, documents);
    for question in survey.questions() {
        if let Question::Value { region, name } = question {
            answers.set_value(
                region,
                name,
                Answer::Known(SecretValue::new("EXAMPLE: not a secret".to_owned())),
            );
        }
    }
    survey.plan(&answers)
}

fn document(sources: &mut Sources, path: &str, text: &str) -> Option<Document> {
    let source = sources.add(path, text);
    let template = Template::parse(sources.get(source).text().clone()).ok()?;
    Some(Document {
        source,
        path: path.to_owned(),
        template,
        role: byref_rewrite::DocumentRole::Written,
    })
}

/// Whether the template was rewritten; what is wrong with the result.
fn judge(path: &str, text: &str, step: usize, roles: Roles) -> Result<bool, String> {
    let mut sources = Sources::new();
    let Some(before) = document(&mut sources, path, text) else {
        return Ok(false);
    };
    let names_before = names(&before.template);
    if names_before.is_empty() {
        return Ok(false);
    }
    let config = config(&names_before, step);
    let plan = run(&config, &before, Scheme::Reference, roles);
    if plan.has_errors() {
        return Ok(false);
    }
    let output = match rewrite(&before, &plan.changes[0]) {
        Ok(output) => output,
        Err(refusal) if refusal.code == "cannot-edit" => return Ok(false),
        Err(error) => return Err(error.message.clone()),
    };
    let after = document(&mut sources, path, output.text()).ok_or("the result does not parse")?;
    if names(&after.template) != names_before {
        return Err("a container sees other names".to_owned());
    }
    let again = run(&config, &after, Scheme::Reference, roles);
    if again.has_errors() || !again.changes[0].is_empty() {
        return Err("a second run changes something".to_owned());
    }
    if roles == Roles::Granted {
        return check_access(&plan, &again).map(|()| true);
    }
    back_to_values(&config, &after, &names_before)?;
    let moved = plan
        .bindings
        .iter()
        .any(|binding| binding.outcome == Outcome::Moved);
    Ok(moved && **output.text() != *text)
}

/// What is granted is found to be allowed, but for what no policy of ours can change; no role of
/// the template is left without.
fn check_access(plan: &Plan, again: &Plan) -> Result<(), String> {
    for (index, access) in again.access.iter().enumerate() {
        let was_granted = plan
            .access
            .get(index)
            .is_some_and(|before| before.is_granted);
        let is_open = match (&access.role, &access.verdict) {
            (_, Verdict::Allowed) | (RoleReference::Elsewhere(_), _) => false,
            // A boundary, or a policy that may deny.
            (_, Verdict::Unknown(_)) => !was_granted,
            (_, Verdict::NotAllowed(why)) => !why.contains("denies"),
        };
        if is_open {
            return Err(format!("after the grant: {}", access.verdict));
        }
    }
    Ok(())
}

/// The way back is proven too, keeps every name, and changes nothing the second time.
fn back_to_values(
    config: &DeployConfig,
    document: &Document,
    names_before: &BTreeSet<(String, String)>,
) -> Result<(), String> {
    let plan = run(config, document, Scheme::Value, Roles::Untouched);
    if plan.has_errors() {
        return Err(format!("no way back: {}", plan.diagnostics[0].message));
    }
    let output = rewrite(document, &plan.changes[0])
        .map_err(|error| format!("back to values: {}", error.message))?;
    let after = self::document(&mut Sources::new(), "back", output.text())
        .ok_or("the way back does not parse")?;
    let names_after = names(&after.template);
    let again = run(config, &after, Scheme::Value, Roles::Untouched);
    match (names_after == *names_before, again.changes[0].is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err("on the way back a container sees other names".to_owned()),
        (_, false) => Err("a second run of the way back changes something".to_owned()),
    }
}

fn every_public_template_is_rewritten_or_refused() {
    let shared = shared();
    let (mut rewritten, mut granted, mut wrong) = (0, 0, Vec::new());
    for folder in ["corpus", "oracle"] {
        for (path, text) in texts(&shared.join(folder)) {
            for step in [1, 2] {
                for text in [
                    text.clone(),
                    text.replace("\r\n", "\n").replace('\n', "\r\n"),
                ] {
                    match judge(&path, &text, step, Roles::Untouched) {
                        Ok(is_rewritten) => rewritten += usize::from(is_rewritten),
                        Err(problem) => wrong.push(format!("{path}: {problem}")),
                    }
                    match judge(&path, &text, step, Roles::Granted) {
                        Ok(is_granted) => granted += usize::from(is_granted),
                        Err(problem) => wrong.push(format!("{path}, with grants: {problem}")),
                    }
                }
            }
        }
    }
    eprintln!("{rewritten} templates rewritten, {granted} with grants");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(rewritten > 300, "only {rewritten}");
    assert!(granted > 300, "only {granted} with grants");
}
