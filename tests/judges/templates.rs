//! cfn-lint and CloudFormation's own validator as the judges of what is written: no error and no
//! warning that the source did not have.
//!
//! Both are in virtual environments, pinned by `tests/requirements.txt` and
//! `tests/requirements-validate.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use byref_harness::ignore;
use byref_support::{byref, config, fixtures, folder, repository, stderr};
use byref_template::{NodeRef, Template};

byref_harness::tests![
    cfn_lint_finds_nothing_new,
    the_validator_finds_nothing_new,
    cfn_lint_finds_nothing_new_in_public_templates,
];

/// How often each rule speaks, by file.
type Found = BTreeMap<PathBuf, BTreeMap<String, usize>>;

/// What byref reports itself unless it removes it: parameters, conditions and mappings without a
/// use.
const UNUSED: [(&str, &str); 3] = [
    ("W2001", "[unused-parameter]"),
    ("W8001", "[unused-condition]"),
    ("W7001", "[unused-mapping]"),
];

/// A source with one of its rewritten forms.
struct Pair {
    source: PathBuf,
    output: PathBuf,
    /// How many parameters, conditions and mappings without a use byref has reported, and left
    /// where they are.
    left: BTreeMap<&'static str, usize>,
}

fn read(output: &[u8], errors: &[u8]) -> Found {
    let list: serde_json::Value = serde_json::from_slice(output)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(errors)));
    let mut found = Found::new();
    for finding in list.as_array().unwrap() {
        let file = PathBuf::from(finding["Filename"].as_str().unwrap());
        let rule = finding["Rule"]["Id"].as_str().unwrap().to_owned();
        *found.entry(file).or_default().entry(rule).or_default() += 1;
    }
    found
}

fn cfn_lint(python: &Path, files: &BTreeSet<&PathBuf>) -> Found {
    let mut command = Command::new(python.join("bin/cfn-lint"));
    let output = command
        .args(["--format", "json", "--"])
        .args(files)
        .output()
        .unwrap();
    read(&output.stdout, &output.stderr)
}

fn validator(python: &Path, files: &BTreeSet<&PathBuf>) -> Found {
    let script = repository().join("tests/validate.py");
    let mut command = Command::new(python.join("bin/python"));
    command
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let names: String = files
        .iter()
        .flat_map(|file| [file.to_str().unwrap(), "\n"])
        .collect();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(names.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    read(&output.stdout, &output.stderr)
}

/// The fixtures, and CDK's templates where this machine has them, with their configurations.
fn own_sources() -> Vec<(PathBuf, String)> {
    let mut sources: Vec<(PathBuf, String)> = Vec::new();
    let folders = |path: PathBuf| {
        let paths = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        paths.filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    for case in folders(fixtures()).into_iter().flat_map(folders) {
        let template = ["yaml", "json"]
            .iter()
            .map(|extension| case.join(format!("template.{extension}")));
        let config = std::fs::read_to_string(case.join("deploy.toml"));
        sources.extend(template.filter(|path| path.exists()).zip(config));
    }
    if shared().join("oracle").is_dir() {
        for case in std::fs::read_dir(shared().join("oracle"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            sources.push((
                case.join("before.template.yaml"),
                config("DB_PASSWORD = true\nAPI_KEY = true\n"),
            ));
        }
    }
    sources.sort();
    sources
}

fn shared() -> PathBuf {
    std::env::var_os("BYREF_SHARED").map_or_else(|| repository().join("../shared"), PathBuf::from)
}

/// Public templates where this machine has them; every entry of theirs is a secret, but for those
/// that byref refuses.
fn public_sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![shared().join("corpus")];
    while let Some(open) = folders.pop() {
        for path in std::fs::read_dir(open)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
        {
            let is_template = path.extension().is_some_and(|kind| {
                ["yaml", "yml", "json", "template"].contains(&kind.to_str().unwrap())
            });
            if path.is_dir() {
                folders.push(path);
            } else if is_template && let Some(config) = working_config(folder, &path) {
                sources.push((path, config));
            }
        }
    }
    sources.sort();
    sources
}

/// The secret lines of all names of a template, or of those that can be rewritten one by one.
fn working_config(folder: &Path, template: &Path) -> Option<String> {
    let lines: Vec<String> = names(&std::fs::read_to_string(template).ok()?)
        .iter()
        .enumerate()
        .map(|(index, name)| {
            format!("{name:?} = {{ key = \"key-{index}\", replace-computed = true }}\n")
        })
        .collect();
    let works = |lines: &[String]| {
        let config = config(&lines.concat());
        std::fs::write(folder.join("deploy.toml"), &config).unwrap();
        let output = byref(folder)
            .args(["rewrite", "-q", "--create-execution-role", "-o", "tried"])
            .arg(template)
            .output()
            .unwrap();
        (!lines.is_empty() && output.status.success()).then_some(config)
    };
    works(&lines).or_else(|| {
        let alone: Vec<String> = lines
            .iter()
            .filter(|line| works(std::slice::from_ref(*line)).is_some())
            .cloned()
            .collect();
        works(&alone)
    })
}

/// The names of the entries in all lists of all resources that take references.
fn names(text: &str) -> BTreeSet<String> {
    let lists = [
        "Environment",
        "Secrets",
        "RuntimeEnvironmentVariables",
        "RuntimeEnvironmentSecrets",
        "EnvironmentVariables",
    ];
    let types = [
        "AWS::ECS::",
        "AWS::Batch::JobDefinition",
        "AWS::AppRunner::Service",
        "AWS::CodeBuild::Project",
    ];
    let mut names = BTreeSet::new();
    let Ok(template) = Template::parse(text) else {
        return names;
    };
    let resources = template.root().and_then(|root| root.get("Resources"));
    for resource in resources.into_iter().flat_map(NodeRef::entries) {
        let kind = resource.value.get("Type").and_then(NodeRef::text);
        if !kind.is_some_and(|kind| types.iter().any(|known| kind.starts_with(known))) {
            continue;
        }
        for list in resource
            .value
            .subtree()
            .flat_map(|node| lists.iter().filter_map(move |list| node.get(list)))
        {
            for node in list.subtree().filter(|node| node.kind().is_mapping()) {
                let has_value = node.get("Value").is_some() || node.get("ValueFrom").is_some();
                let name = node
                    .get("Name")
                    .and_then(NodeRef::text)
                    .filter(|_| has_value);
                names.extend(name.map(std::borrow::Cow::into_owned));
            }
        }
    }
    names
}

/// The rewritten forms of sources: roles left alone, roles granted what they lack, and that with
/// what is unused removed.
fn pairs(folder: &Path, sources: Vec<(PathBuf, String)>) -> Vec<Pair> {
    let granted = "--create-execution-role";
    let forms = [
        ("never", &["--grant", "never"][..]),
        ("granted", &[granted]),
        ("pruned", &[granted, "--prune-parameters"]),
    ];
    let mut pairs = Vec::new();
    for (index, (source, config)) in sources.into_iter().enumerate() {
        let extension = source.extension().unwrap().to_string_lossy().into_owned();
        std::fs::write(folder.join("deploy.toml"), config).unwrap();
        for (name, arguments) in forms {
            let output = folder.join(format!("{index}-{name}.{extension}"));
            let mut command = byref(folder);
            command
                .args(["rewrite", "-e", "production", "-o"])
                .arg(&output)
                .arg(&source)
                .args(arguments);
            let run = command.output().unwrap();
            if run.status.success() {
                let is_left =
                    |line: &&str| line.starts_with("note") && !line.ends_with(": removed");
                let said = stderr(&run);
                let count = |code: &str| {
                    said.lines()
                        .filter(is_left)
                        .filter(|line| line.contains(code))
                        .count()
                };
                let left = UNUSED
                    .iter()
                    .map(|(rule, code)| (*rule, count(code)))
                    .collect();
                pairs.push(Pair {
                    source: source.clone(),
                    output,
                    left,
                });
            }
        }
    }
    pairs
}

fn judge(judge: impl Fn(&BTreeSet<&PathBuf>) -> Found, pairs: &[Pair]) {
    let files: BTreeSet<&PathBuf> = pairs
        .iter()
        .flat_map(|pair| [&pair.source, &pair.output])
        .collect();
    let found = judge(&files);
    let nothing = BTreeMap::new();
    let mut wrong = Vec::new();
    for pair in pairs {
        let before = found.get(&pair.source).unwrap_or(&nothing);
        for (rule, count) in found.get(&pair.output).unwrap_or(&nothing) {
            let known = before.get(rule).unwrap_or(&0) + pair.left.get(rule.as_str()).unwrap_or(&0);
            if *count > known && !rule.starts_with('I') {
                wrong.push(format!(
                    "{}: {rule} ({})",
                    pair.source.display(),
                    pair.output.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn cfn_lint_finds_nothing_new() {
    let python = byref_emulator::venv("requirements.txt");
    let folder = folder(&[]);
    let pairs = pairs(folder.path(), own_sources());
    assert!(pairs.len() >= 150, "only {} templates", pairs.len());
    judge(|files| cfn_lint(&python, files), &pairs);
}

fn the_validator_finds_nothing_new() {
    let python = byref_emulator::venv("requirements-validate.txt");
    let folder = folder(&[]);
    let mut sources = own_sources();
    sources.extend(public_sources(folder.path()));
    let pairs = pairs(folder.path(), sources);
    assert!(pairs.len() >= 150, "only {} templates", pairs.len());
    judge(|files| validator(&python, files), &pairs);
}

/// Takes half an hour, so only `BYREF_SWEEP=full` runs it.
fn cfn_lint_finds_nothing_new_in_public_templates() {
    if std::env::var("BYREF_SWEEP").as_deref() != Ok("full") {
        ignore("half an hour: `BYREF_SWEEP=full` runs it");
    }
    let python = byref_emulator::venv("requirements.txt");
    let folder = folder(&[]);
    let sources = public_sources(folder.path());
    if sources.is_empty() {
        ignore("no public templates: `BYREF_SHARED` names a folder with `corpus/`");
    }
    let pairs = pairs(folder.path(), sources);
    judge(|files| cfn_lint(&python, files), &pairs);
}
