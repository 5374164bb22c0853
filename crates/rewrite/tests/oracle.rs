//! AWS CDK's own output, where this machine has it: each template with plaintext environment is rewritten, and every
//! container must see the same secrets as in CDK's template with references; in that one every role must be found to be
//! allowed what CDK granted it.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test fails where it can't go on")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use byref_config::{ConfigFile, DeployConfig, Grant, Scheme, parse};
use byref_rewrite::{
    Answers, Document, Outcome, Plan, Request, RoleReference, StandingReferences, UnusedParameters, Verdict, plan,
    rewrite,
};
use byref_template::{Sources, Template};
use serde_json::{Map, Value, json};

/// What a container gets, by resource, container, list and name.
type Seen = BTreeMap<(String, String, &'static str, String), String>;

fn shared() -> Option<PathBuf> {
    let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let place = std::env::var_os("BYREF_SHARED").map_or_else(here, PathBuf::from).join("oracle");
    if !place.is_dir() {
        eprintln!("not run: no oracle");
        return None;
    }
    Some(place)
}

/// A template as JSON, with the long forms of functions.
fn read(text: &str) -> Value {
    fn long(value: serde_yaml::Value) -> Value {
        match value {
            serde_yaml::Value::Mapping(mapping) => {
                let entry = |(key, value): (serde_yaml::Value, serde_yaml::Value)| {
                    (key.as_str().unwrap().to_owned(), long(value))
                };
                Value::Object(mapping.into_iter().map(entry).collect::<Map<_, _>>())
            }
            serde_yaml::Value::Sequence(items) => Value::Array(items.into_iter().map(long).collect()),
            serde_yaml::Value::Tagged(tagged) => {
                let name = tagged.tag.to_string();
                let name = name.trim_start_matches('!');
                json!({ if name == "Ref" { name.to_owned() } else { format!("Fn::{name}") }: long(tagged.value) })
            }
            other => serde_json::to_value(other).unwrap(),
        }
    }
    long(serde_yaml::from_str(text).unwrap())
}

/// Where a case is deployed.
struct Place {
    region: &'static str,
    partition: &'static str,
}

fn place(case: &str) -> Place {
    match case {
        "aws-cn-partition" => Place { region: "cn-north-1", partition: "aws-cn" },
        "imported-exec-role-immutable" => Place { region: "us-east-1", partition: "aws" },
        _ => Place { region: "us-west-2", partition: "aws" },
    }
}

/// What a value says there, parameters by default.
fn evaluate(value: &Value, template: &Value, place: &Place) -> String {
    let reference = |name: &str| match name {
        "AWS::Region" => place.region.to_owned(),
        "AWS::Partition" => place.partition.to_owned(),
        "AWS::AccountId" => "111122223333".to_owned(),
        other => template["Parameters"][other]["Default"].as_str().unwrap_or(other).to_owned(),
    };
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    if let Some(name) = value["Ref"].as_str() {
        return reference(name);
    }
    if let Some(text) = value["Fn::Sub"].as_str() {
        let mut parts = text.split("${");
        let mut result = parts.next().unwrap().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            result += &(reference(name) + rest);
        }
        return result;
    }
    if let Some(join) = value["Fn::Join"].as_array() {
        let parts: Vec<String> =
            join[1].as_array().unwrap().iter().map(|part| evaluate(part, template, place)).collect();
        return parts.join(join[0].as_str().unwrap());
    }
    value.to_string()
}

const LISTS: [(&str, &str); 6] = [
    ("Environment", "Value"),
    ("Secrets", "ValueFrom"),
    ("RuntimeEnvironmentVariables", "Value"),
    ("RuntimeEnvironmentSecrets", "Value"),
    ("SecretOptions", "ValueFrom"),
    ("EnvironmentVariables", "Value"),
];

fn seen(template: &Value, place: &Place) -> Seen {
    let mut seen = Seen::new();
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let mut open = vec![resource];
        while let Some(value) = open.pop() {
            if let Some(map) = value.as_object() {
                let container = map.get("Name").and_then(Value::as_str).unwrap_or_default();
                for (list, key) in LISTS {
                    for entry in map.get(list).and_then(Value::as_array).into_iter().flatten() {
                        let Some(name) = entry["Name"].as_str() else { continue };
                        let kind = entry["Type"].as_str().filter(|kind| *kind != "PLAINTEXT").unwrap_or_default();
                        let said = format!("{kind}{}", evaluate(&entry[key], template, place));
                        seen.insert((id.clone(), container.to_owned(), list, name.to_owned()), said);
                    }
                }
                open.extend(map.values());
            } else if let Some(items) = value.as_array() {
                open.extend(items);
            }
        }
    }
    seen
}

fn is_reference(list: &str, said: &str) -> bool {
    matches!(list, "Secrets" | "RuntimeEnvironmentSecrets" | "SecretOptions") || said.starts_with("PARAMETER_STORE")
}

/// The lines that a case needs: the references that CDK wrote.
fn config(after: &Seen, place: &Place) -> DeployConfig {
    let mut text = format!(
        "[environments.prod]\naccount = \"111122223333\"\nregions = [\"{}\"]\npartition = \"{}\"\n[apps.app.secrets]\n",
        place.region, place.partition
    );
    let mut lines: BTreeMap<&str, (String, BTreeSet<&str>, bool)> = BTreeMap::new();
    for ((_, container, list, name), said) in after.iter().filter(|((_, _, list, _), said)| is_reference(list, said)) {
        let path = said.trim_start_matches("PARAMETER_STORE");
        let path = path.split_once(":parameter").map_or(path, |(_, path)| path);
        let line = lines.entry(name).or_insert_with(|| (path.to_owned(), BTreeSet::new(), *list == "SecretOptions"));
        line.1.insert(container);
    }
    for (name, (path, _, is_option)) in &lines {
        let option = if *is_option { format!(", log-option = \"{name}\"") } else { String::new() };
        writeln!(text, "{name} = {{ name = \"{path}\", replace-computed = true{option} }}").unwrap();
    }
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", text.as_str());
    let (config, mistakes) = parse(&[ConfigFile { source, text: &text }]);
    config.unwrap_or_else(|| panic!("{mistakes:?}\n{text}"))
}

fn run(config: &DeployConfig, text: &str) -> (Plan, String) {
    let mut sources = Sources::new();
    let source = sources.add("template", text);
    let documents = [Document { source, path: "template".to_owned(), template: Template::parse(text).unwrap() }];
    let environment = &config.environments["prod"];
    let request = Request {
        config,
        app: &config.apps["app"],
        environment,
        region: &environment.regions[0],
        scheme: Scheme::Reference,
        grant: Grant::Never,
        standing_references: StandingReferences::Keep,
        unused_parameters: UnusedParameters::Keep,
    };
    let plan = plan(&request, &documents, &Answers::none());
    let messages: Vec<&String> = plan.diagnostics.iter().map(|diagnostic| &diagnostic.message).collect();
    assert!(!plan.has_errors(), "{messages:?}");
    let output = rewrite(&documents[0], &plan.changes[0]).unwrap().to_string();
    (plan, output)
}

#[test]
fn every_pair_of_cdk_agrees() {
    let Some(folder) = shared() else { return };
    let mut judged = 0;
    let mut verdicts = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let case = entry.unwrap().file_name().to_string_lossy().into_owned();
        for file in ["template.json", "template.yaml", "nested.template.json"] {
            let path = |stem: &str| folder.join(&case).join(format!("{stem}.{file}"));
            let (Ok(before), Ok(after)) =
                (std::fs::read_to_string(path("before")), std::fs::read_to_string(path("after")))
            else {
                continue;
            };
            let place = place(&case);
            let wanted = seen(&read(&after), &place);
            let config = config(&wanted, &place);
            let (_, output) = run(&config, &before);
            assert_eq!(seen(&read(&output), &place), wanted, "{case}/{file}");
            let (plan, unchanged) = run(&config, &after);
            assert_eq!(unchanged, after, "{case}/{file}: CDK's own references change");
            assert!(
                plan.bindings.iter().all(|binding| binding.outcome == Outcome::AlreadyByReference),
                "{case}/{file}"
            );
            for access in &plan.access {
                let is_own = matches!(access.role, RoleReference::InTemplate(_));
                let fits = if is_own {
                    access.verdict == Verdict::Allowed
                } else {
                    matches!(access.verdict, Verdict::Unknown(_))
                };
                assert!(fits, "{case}/{file}: {:?} {}", access.role, access.verdict);
                *verdicts.entry(access.verdict.word()).or_insert(0) += 1;
            }
            judged += 1;
        }
    }
    eprintln!("{judged} pairs agree; verdicts: {verdicts:?}");
    assert!(judged >= 25, "only {judged}");
}
