//! AWS CDK's own output, where this machine has it: each template with plaintext environment is
//! rewritten, and every container must see the same secrets as in CDK's template with references;
//! in that one every role must be found to be allowed what CDK granted it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails where it can't go on"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use byref_config::{ConfigFile, DeployConfig, Grant, parse};
use byref_harness::ignore;
use byref_rewrite::{
    Answers, Document, MissingRoles, Outcome, Plan, Request, RoleReference, Survey, Verdict,
    rewrite,
};
use byref_template::{Sources, Template};
use serde_json::{Map, Value, json};

byref_harness::tests![every_pair_of_cdk_agrees,];

fn main() -> std::process::ExitCode {
    byref_harness::run(&[TESTS])
}

/// What a container gets, by resource, container, list and name.
type Seen = BTreeMap<(String, String, &'static str, String), String>;

fn shared() -> PathBuf {
    let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let place = std::env::var_os("BYREF_SHARED")
        .map_or_else(here, PathBuf::from)
        .join("oracle");
    if !place.is_dir() {
        ignore("no templates of AWS CDK: `BYREF_SHARED` names a folder with `oracle/`");
    }
    place
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
            serde_yaml::Value::Sequence(items) => {
                Value::Array(items.into_iter().map(long).collect())
            }
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
    /// The environment's customer-managed key.
    key: Option<&'static str>,
}

fn place(case: &str) -> Place {
    match case {
        "aws-cn-partition" => Place {
            region: "cn-north-1",
            partition: "aws-cn",
            key: None,
        },
        "imported-exec-role-immutable" => Place {
            region: "us-east-1",
            partition: "aws",
            key: None,
        },
        "customer-kms-alias" => Place {
            region: "us-west-2",
            partition: "aws",
            key: Some("alias/secrets"),
        },
        _ => Place {
            region: "us-west-2",
            partition: "aws",
            key: None,
        },
    }
}

/// What a value says there, parameters by default.
fn evaluate(value: &Value, template: &Value, place: &Place) -> String {
    let reference = |name: &str| match name {
        "AWS::Region" => place.region.to_owned(),
        "AWS::Partition" => place.partition.to_owned(),
        "AWS::AccountId" => "111122223333".to_owned(),
        other => template["Parameters"][other]["Default"]
            .as_str()
            .unwrap_or(other)
            .to_owned(),
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
        let parts: Vec<String> = join[1]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| evaluate(part, template, place))
            .collect();
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
                    for entry in map
                        .get(list)
                        .and_then(Value::as_array)
                        .into_iter()
                        .flatten()
                    {
                        let Some(name) = entry["Name"].as_str() else {
                            continue;
                        };
                        let kind = entry["Type"]
                            .as_str()
                            .filter(|kind| *kind != "PLAINTEXT")
                            .unwrap_or_default();
                        let said = format!("{kind}{}", evaluate(&entry[key], template, place));
                        seen.insert(
                            (id.clone(), container.to_owned(), list, name.to_owned()),
                            said,
                        );
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
    matches!(
        list,
        "Secrets" | "RuntimeEnvironmentSecrets" | "SecretOptions"
    ) || said.starts_with("PARAMETER_STORE")
}

/// The lines that a case needs: the references that CDK wrote.
fn config(after: &Seen, place: &Place) -> DeployConfig {
    let mut text = format!(
        "[environments.prod]\naccount = \"111122223333\"\nregions = [\"{}\"]\npartition = \"{}\"\n{}\n[apps.app.secrets]\n",
        place.region,
        place.partition,
        place
            .key
            .map(|key| format!("kms-key = {key:?}"))
            .unwrap_or_default()
    );
    let mut lines: BTreeMap<&str, (String, BTreeSet<&str>, bool)> = BTreeMap::new();
    for ((_, container, list, name), said) in after
        .iter()
        .filter(|((_, _, list, _), said)| is_reference(list, said))
    {
        let path = said.trim_start_matches("PARAMETER_STORE");
        let path = path.split_once(":parameter").map_or(path, |(_, path)| path);
        let line = lines
            .entry(name)
            .or_insert_with(|| (path.to_owned(), BTreeSet::new(), *list == "SecretOptions"));
        line.1.insert(container);
    }
    for (name, (path, _, is_option)) in &lines {
        let option = if *is_option {
            format!(", log-option = \"{name}\"")
        } else {
            String::new()
        };
        writeln!(
            text,
            "{name} = {{ name = \"{path}\", replace-computed = true{option} }}"
        )
        .unwrap();
    }
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", text.as_str());
    let (config, mistakes) = parse(&[ConfigFile {
        source,
        text: &text,
    }]);
    config.unwrap_or_else(|| panic!("{mistakes:?}\n{text}"))
}

fn run(config: &DeployConfig, text: &str, grant: Grant) -> (Plan, String) {
    let mut sources = Sources::new();
    let source = sources.add("template", text);
    let documents = [Document {
        source,
        path: "template".to_owned(),
        template: Template::parse(text).unwrap(),
        role: byref_rewrite::DocumentRole::Written,
    }];
    let environment = &config.environments["prod"];
    let request = Request {
        grant,
        missing_roles: if grant == Grant::Auto {
            MissingRoles::Create
        } else {
            MissingRoles::Report
        },
        ..Request::new(config, &config.apps["app"], environment)
    };
    let plan = Survey::new(request, &documents).plan(&Answers::none());
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

/// What a role may do: pairs of action and resource, with the text of what can't be evaluated.
type Rights = BTreeSet<(String, String)>;

fn list(value: &Value) -> Vec<&Value> {
    value
        .as_array()
        .map_or_else(|| vec![value], |items| items.iter().collect())
}

/// The rights of every role by its own and attached policies.
fn rights(template: &Value, place: &Place) -> BTreeMap<String, Rights> {
    let mut found: BTreeMap<String, Rights> = BTreeMap::new();
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let properties = &resource["Properties"];
        let (roles, documents): (Vec<String>, Vec<&Value>) =
            match resource["Type"].as_str().unwrap() {
                "AWS::IAM::Role" => {
                    let policies = properties["Policies"].as_array().into_iter().flatten();
                    (
                        vec![id.clone()],
                        policies.map(|policy| &policy["PolicyDocument"]).collect(),
                    )
                }
                "AWS::IAM::Policy" => {
                    let roles = properties["Roles"].as_array().into_iter().flatten();
                    let roles = roles
                        .filter_map(|role| role["Ref"].as_str())
                        .map(str::to_owned);
                    (roles.collect(), vec![&properties["PolicyDocument"]])
                }
                _ => continue,
            };
        for document in documents {
            for statement in list(&document["Statement"]) {
                assert_eq!(statement["Effect"], "Allow");
                for (action, resource) in
                    list(&statement["Action"]).into_iter().flat_map(|action| {
                        list(&statement["Resource"])
                            .into_iter()
                            .map(move |resource| (action, resource))
                    })
                {
                    let right = (
                        action.as_str().unwrap().to_owned(),
                        evaluate(resource, template, place),
                    );
                    for role in &roles {
                        found.entry(role.clone()).or_default().insert(right.clone());
                    }
                }
            }
        }
    }
    found
}

/// The role that reads for a resource, by either form of `Fn::GetAtt`.
fn role_of(resource: &Value) -> Option<String> {
    let mut open = vec![resource];
    while let Some(value) = open.pop() {
        for key in ["ExecutionRoleArn", "InstanceRoleArn", "ServiceRole"] {
            let target = &value[key]["Fn::GetAtt"];
            if let Some(id) = target[0]
                .as_str()
                .or(target.as_str().and_then(|text| text.strip_suffix(".Arn")))
            {
                return Some(id.to_owned());
            }
        }
        open.extend(value.as_object().into_iter().flat_map(|map| map.values()));
        open.extend(value.as_array().into_iter().flatten());
    }
    None
}

/// The roles that read for a resource, with the ARNs of all references in it.
fn needs(template: &Value, place: &Place) -> BTreeMap<String, BTreeSet<String>> {
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let seen = seen(template, place);
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let Some(role) = role_of(resource) else {
            continue;
        };
        let own = seen
            .iter()
            .filter(|((of, _, list, _), said)| of == id && is_reference(list, said));
        let arn = |said: &String| match said.strip_prefix("PARAMETER_STORE") {
            Some(name) => {
                format!(
                    "arn:{}:ssm:{}:111122223333:parameter{name}",
                    place.partition, place.region
                )
            }
            None => said.clone(),
        };
        needs
            .entry(role)
            .or_default()
            .extend(own.map(|(_, said)| arn(said)));
    }
    needs
}

/// Every role got exactly what its services need and it did not have: `ssm:GetParameters` on each
/// ARN, and nothing more.
fn judge_rights(before: &Value, output: &Value, place: &Place) -> usize {
    let (had, has, needs) = (
        rights(before, place),
        rights(output, place),
        needs(output, place),
    );
    let mut count = 0;
    let none = Rights::new();
    for role in has
        .keys()
        .chain(had.keys())
        .chain(needs.keys())
        .collect::<BTreeSet<_>>()
    {
        let had = had.get(role).unwrap_or(&none);
        let needed = needs
            .get(role)
            .into_iter()
            .flatten()
            .map(|arn| ("ssm:GetParameters".to_owned(), arn.clone()));
        let mut expected: Rights = had.iter().cloned().chain(needed).collect();
        if place.key.is_some() && expected.len() > had.len() {
            let keys = format!(
                "arn:{}:kms:{}:111122223333:key/*",
                place.partition, place.region
            );
            expected.insert(("kms:Decrypt".to_owned(), keys));
        }
        assert_eq!(has.get(role).unwrap_or(&none), &expected, "{role}");
        count += expected.len() - had.len();
    }
    count
}

fn every_pair_of_cdk_agrees() {
    let folder = shared();
    let (mut judged, mut granted) = (0, 0);
    let mut verdicts = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let case = entry.unwrap().file_name().to_string_lossy().into_owned();
        for file in ["template.json", "template.yaml", "nested.template.json"] {
            let path = |stem: &str| folder.join(&case).join(format!("{stem}.{file}"));
            let (Ok(before), Ok(after)) = (
                std::fs::read_to_string(path("before")),
                std::fs::read_to_string(path("after")),
            ) else {
                continue;
            };
            let place = place(&case);
            let wanted = seen(&read(&after), &place);
            let config = config(&wanted, &place);
            let (_, output) = run(&config, &before, Grant::Auto);
            assert_eq!(seen(&read(&output), &place), wanted, "{case}/{file}");
            assert_eq!(
                run(&config, &output, Grant::Auto).1,
                output,
                "{case}/{file}: a second run changes something"
            );
            let has_alias =
                output.contains("kms:ResourceAliases") && output.contains("alias/secrets");
            assert_eq!(has_alias, place.key.is_some(), "{case}/{file}");
            granted += judge_rights(&read(&before), &read(&output), &place);
            // CDK forgets the grant on a key that is imported by its alias.
            let is_forgotten = place.key.is_some();
            let grant = if is_forgotten {
                Grant::Never
            } else {
                Grant::Auto
            };
            let (plan, unchanged) = run(&config, &after, grant);
            assert_eq!(
                unchanged, after,
                "{case}/{file}: CDK's own references change"
            );
            assert!(
                plan.bindings
                    .iter()
                    .all(|binding| binding.outcome == Outcome::AlreadyByReference),
                "{case}/{file}"
            );
            for access in &plan.access {
                let is_own = matches!(access.role, RoleReference::InTemplate(_));
                let fits = if is_forgotten && access.action == "kms:Decrypt" {
                    matches!(access.verdict, Verdict::NotAllowed(_))
                } else if is_own {
                    access.verdict == Verdict::Allowed
                } else {
                    matches!(access.verdict, Verdict::Unknown(_))
                };
                assert!(fits, "{case}/{file}: {:?} {}", access.role, access.verdict);
                *verdicts.entry(access.verdict.as_str()).or_insert(0) += 1;
            }
            judged += 1;
        }
    }
    eprintln!("{judged} pairs agree; verdicts: {verdicts:?}");
    assert!(judged >= 25, "only {judged}");
    assert!(granted >= 20, "only {granted} rights");
}
