//! The secret lines of a first configuration: one for each name that the containers of a group of templates have.

use byref_config::{derived_key, shown_name, toml_key, toml_string};
use byref_rewrite::{Candidate, Document, Standing, secret_candidates};
use byref_template::Sources;

use crate::render::escape::{one_line, page};

/// A line of `[apps.….secrets]`, or a comment in its place.
pub(super) struct Line {
    /// The name of the environment variable.
    pub(super) name: String,
    /// `DB_PASSWORD = "db-password"`, on one line.
    pub(super) text: String,
    /// Where the name is in the templates.
    seen: Vec<String>,
    /// Why the line is commented out.
    pub(super) reason: Option<String>,
    standing: Standing,
}

impl Line {
    /// The line as it is written, padded so that the comments are below each other.
    pub(super) fn written(&self, width: usize) -> String {
        let seen = comment(&self.seen.join("; "));
        match &self.reason {
            None => format!("{:width$}  # seen in {seen}\n", self.text),
            Some(reason) => {
                format!("# {}  # seen in {seen}\n#   not active: {}\n", self.text, comment(reason))
            }
        }
    }

    fn new(name: &str, standing: Standing) -> Self {
        let (text, reason) = line(name, &standing);
        Self { name: name.to_owned(), text, seen: Vec::new(), reason, standing }
    }
}

/// A text as it can be in a comment, and printed.
fn comment(text: &str) -> String {
    page(&one_line(text)).into_owned()
}

/// Returns a line for each name, in the order in which they are seen. A name that is a value in one container and a
/// reference in another one gets the line that repeats the reference.
pub(super) fn lines(sources: &Sources, documents: &[&Document]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for document in documents {
        for Candidate { name, task_definition, container, span, reason, standing } in secret_candidates(document) {
            let place = sources.position(document.location(span));
            let index = lines.iter().position(|line| line.name == name).unwrap_or_else(|| {
                lines.push(Line::new(&name, standing.clone()));
                lines.len() - 1
            });
            if lines[index].standing == Standing::Value && standing != Standing::Value {
                lines[index] = Line { seen: std::mem::take(&mut lines[index].seen), ..Line::new(&name, standing) };
            }
            lines[index].seen.push(format!("{place}, {task_definition} container {container} ({reason})"));
        }
    }
    lines
}

/// A reference is repeated as it is; one that can't be repeated is left to the user.
fn line(name: &str, standing: &Standing) -> (String, Option<String>) {
    let shown = toml_key(name);
    let derived = format!("{shown} = {}", toml_string(&derived_key(name)));
    match standing {
        Standing::Value => (derived, None),
        Standing::Reference(text) if !is_plainly_a_name(name, text) => {
            let reason = "the reference in the template looks like a plaintext value: a task would fail to start";
            (derived, Some(reason.to_owned()))
        }
        Standing::Reference(text) if text.starts_with('/') || text.starts_with("arn:") => {
            (format!("{shown} = {}", toml_string(text)), None)
        }
        Standing::Reference(text) => (format!("{shown} = {{ name = {} }}", toml_string(text)), None),
        Standing::ComputedReference => {
            (derived, Some("its reference in the template is computed: write the parameter's name here".to_owned()))
        }
    }
}

/// Whether the text of a reference is surely a parameter's name or an ARN, and not a value that was pasted there.
fn is_plainly_a_name(name: &str, text: &str) -> bool {
    let is_shown = shown_name(text) == text;
    let is_whole = text.starts_with('/') || text.starts_with("arn:");
    is_shown && (is_whole || byref_lint::secret_reason(name, text).is_none() && text.contains(['-', '.', '_', '/']))
}
