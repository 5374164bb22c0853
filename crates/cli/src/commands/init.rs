//! `byref init`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use byref_rewrite::{Candidate, Document, Standing, secret_candidates};
use byref_template::{Sources, Template};

use crate::args::{Common, Init};
use crate::failure::{Failure, Outcome};
use crate::output::{say, write_bytes};
use crate::project::add_document;
use crate::read::read_text;

pub(crate) fn run(common: &Common, options: &Init) -> Result<Outcome, Failure> {
    let mut sources = Sources::new();
    let mut documents = Vec::new();
    let mut mistakes = Vec::new();
    for path in &options.templates {
        if path.as_os_str() == "-" {
            return Err(Failure::usage("`init` needs the paths of templates", "the configuration will name them"));
        }
        let text = read_text(path)?;
        match add_document(&mut sources, path.display().to_string(), &text) {
            Ok(document) => documents.push(document),
            Err(diagnostic) => mistakes.push(*diagnostic),
        }
    }
    if !mistakes.is_empty() {
        return Err(Failure::Mistakes { sources: Box::new(sources), diagnostics: mistakes });
    }
    let (text, count) = configuration(&sources, &documents, options.output.as_deref());
    match &options.output {
        None => write_bytes(&text)?,
        Some(path) => create(path, &text)?,
    }
    if !common.quiet {
        say(&format!("{count} secrets found; fill in `account` and `regions`, then see `byref preview`\n"));
    }
    Ok(Outcome::Done)
}

/// A file that must not be there yet.
fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = match fs_err::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Failure::File {
                action: "write",
                path: path.to_owned(),
                problem: "it exists already".to_owned(),
                help: "name another file, or print to standard output",
            });
        }
        Err(error) => return Err(Failure::file("write", path, &error)),
    };
    file.write_all(text.as_bytes()).map_err(|error| Failure::file("write", path, &error))
}

const HEAD: &str = "\
# Where applications run: fill in your accounts and Regions, the primary Region first.
[environments.production]
account = \"000000000000\"     # fill in
regions = [\"us-east-1\"]      # fill in

# Which scheme an application deploys with: \"value\", or \"reference\" once its secrets are in Parameter Store.
[flag]
default = \"reference\"
";

fn configuration(sources: &Sources, documents: &[Document], output: Option<&Path>) -> (String, usize) {
    let mut text = HEAD.to_owned();
    let mut count = 0;
    let mut names: Vec<String> = Vec::new();
    for group in groups(documents) {
        let mut name = app_name(&documents[group[0]].path);
        while names.contains(&name) {
            name.push_str("-2");
        }
        names.push(name.clone());
        let paths: Vec<String> =
            group.iter().map(|index| toml_string(&relative(&documents[*index].path, output))).collect();
        let _ = write!(text, "\n[apps.{name}]\ntemplates = [{}]\n\n[apps.{name}.secrets]\n", paths.join(", "));
        let lines = secret_lines(sources, documents, &group);
        let width = lines.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
        count += lines.len();
        for (line, comment) in lines {
            let _ = writeln!(text, "{line:width$}  # {comment}");
        }
    }
    (text, count)
}

/// Templates that nest each other are one application.
fn groups(documents: &[Document]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let file_name =
        |path: &str| Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for (index, document) in documents.iter().enumerate() {
        let nests = |other: &usize| {
            mentions(&documents[*other].template, &file_name(&document.path))
                || mentions(&document.template, &file_name(&documents[*other].path))
        };
        match groups.iter_mut().find(|group| group.iter().any(nests)) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

/// Whether a nested stack's location ends with a file's name.
fn mentions(template: &Template, file_name: &str) -> bool {
    let is_location = |node: byref_template::NodeRef<'_>| {
        node.text().is_some_and(|text| matches!(text.as_ref(), "TemplateURL" | "Location"))
    };
    let mut nodes = template.nodes().skip_while(|node| !is_location(*node));
    while let Some(key) = nodes.find(|node| is_location(*node)) {
        let Some(value) = key.parent().and_then(|parent| parent.entries().find(|entry| entry.key.id() == key.id()))
        else {
            continue;
        };
        if value.value.subtree().filter_map(byref_template::NodeRef::text).any(|text| text.ends_with(file_name)) {
            return true;
        }
    }
    false
}

/// A line for each name, in the order in which they are seen, and where that was.
fn secret_lines(sources: &Sources, documents: &[Document], group: &[usize]) -> Vec<(String, String)> {
    let mut order: Vec<(String, Standing)> = Vec::new();
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for document in group.iter().map(|index| &documents[*index]) {
        for Candidate { name, task_definition, container, span, reason, standing } in secret_candidates(document) {
            let place = sources.position(document.location(span));
            if !order.iter().any(|(known, _)| *known == name) {
                order.push((name.clone(), standing));
            }
            let seen = format!("{place}, {task_definition} container {container} ({reason})");
            places.entry(name).or_default().push(seen);
        }
    }
    let line = |(name, standing): (String, Standing)| {
        let seen = places.get(&name).map(|places| places.join("; ")).unwrap_or_default();
        (secret_line(&name, &standing), format!("seen in {seen}"))
    };
    order.into_iter().map(line).collect()
}

/// A reference that stands stays the same; one that can't be repeated is left to the user.
fn secret_line(name: &str, standing: &Standing) -> String {
    let is_bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let shown = if is_bare { name.to_owned() } else { toml_string(name) };
    let is_separator = |character: char| !(character.is_ascii_alphanumeric() || matches!(character, '-' | '.'));
    let key = toml_string(&name.to_ascii_lowercase().replace(is_separator, "-"));
    match standing {
        Standing::Value => format!("{shown} = {key}"),
        Standing::Reference(text) if text.starts_with('/') || text.starts_with("arn:") => {
            format!("{shown} = {}", toml_string(text))
        }
        Standing::Reference(text) => format!("{shown} = {{ name = {} }}", toml_string(text)),
        Standing::ComputedReference => format!("# {shown} = {key}"),
    }
}

fn toml_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A path as the configuration needs it: relative to the folder where it will lie.
fn relative(path: &str, output: Option<&Path>) -> String {
    let folder = output.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    let Some(folder) = folder else { return path.to_owned() };
    let whole = |path: &Path| fs_err::canonicalize(path).ok();
    let relative = whole(Path::new(path))
        .zip(whole(folder))
        .and_then(|(path, folder)| path.strip_prefix(folder).ok().map(Path::to_owned));
    relative.unwrap_or_else(|| PathBuf::from(path)).display().to_string()
}

/// The file's stem, as a part of parameter names.
fn app_name(path: &str) -> String {
    let stem = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default();
    let name: String = stem
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() || character == '_' { character } else { '-' })
        .collect();
    let name = name.trim_matches('-').to_lowercase();
    if name.is_empty() { "app".to_owned() } else { name }
}
