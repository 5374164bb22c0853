//! byref's own JSON: the serialised report. Keys are in alphabetical order, and are only ever
//! added.
//!
//! | key | content |
//! | --- | --- |
//! | `version` | 1 |
//! | `findings` | a row for each finding: its place (`file`, `line`, `column`, `end-line`, `end-column`), `rule`, `level`, `path` of the property, `name`, `message`, `help`, `fingerprint` |
//! | `files` | a row for each judged file: `file`, `read-as`, and `why` it was not read as a template |
//! | `summary` | numbers of `errors`, `warnings`, `accepted` findings and `passed-over` files; `searched` for stored values; `unread` files with reasons |
//!
//! Each row borrows from the report: the text is written without a tree of JSON values in between.

use byref_lint::{Level, Reading};
use serde::ser::{Serialize, SerializeSeq as _, Serializer};

use crate::linting::report::{JudgedFile, LintReport, LocatedFinding};

/// Returns the report as JSON text.
///
/// Indented, so that it can be read and compared by line.
pub(super) fn text(report: &LintReport) -> String {
    // Maps with keys other than strings are the only reason to fail, and there is none.
    serde_json::to_string_pretty(report)
        .map(|text| text + "\n")
        .unwrap_or_default()
}

/// The report. The fields of all structs are in the order of the keys.
///
/// The order of the keys does not change with a new field, so a stored report can be compared with
/// a new one as text.
#[derive(serde::Serialize)]
struct Whole<'r> {
    files: Vec<File<'r>>,
    findings: Findings<'r>,
    summary: Summary,
    version: u64,
}

/// A judged file.
///
/// | `read-as` | `why` | the file |
/// | --- | --- | --- |
/// | `template` | none | a template of CloudFormation |
/// | `task-definition`, `parameter-file`, `serverless` | none | another known form |
/// | `without-templating` | none | read after its templating was taken out |
/// | `repaired` | reason | read after a repair |
/// | `lines` | reason | only searched, line by line |
/// | `passed-over` | none | not one of these |
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct File<'r> {
    #[serde(rename = "file")]
    path: &'r str,
    read_as: &'static str,
    why: Option<&'static str>,
}

/// The rows of all findings, each made when it is written.
struct Findings<'r>(&'r LintReport);

/// A finding.
///
/// Lines and columns count from 1; columns count characters. `name` is missing in findings that are
/// about no single name.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'r> {
    column: usize,
    end_column: usize,
    end_line: usize,
    file: &'r str,
    fingerprint: &'r str,
    help: &'r str,
    level: &'static str,
    line: usize,
    message: &'r str,
    name: Option<&'r str>,
    path: &'r str,
    rule: &'static str,
}

/// The numbers of a run.
///
/// `searched` is `null` if the run searched for no stored values.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Summary {
    accepted: usize,
    errors: usize,
    passed_over: usize,
    searched: Option<Search>,
    unread: Vec<String>,
    warnings: usize,
}

/// The numbers of a search for stored values.
///
/// `found` counts findings, `stored-values` the values that were searched for.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Search {
    files: usize,
    found: usize,
    stored_values: usize,
}

impl Serialize for LintReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let searched = self.searched.map(|searched| Search {
            files: searched.files,
            found: self.stored_values_found(),
            stored_values: searched.values,
        });
        let summary = Summary {
            accepted: self.accepted,
            errors: self.count(Level::Error),
            passed_over: self.passed_over,
            searched,
            unread: self.unread.iter().map(ToString::to_string).collect(),
            warnings: self.count(Level::Warning),
        };
        let files = self.files().map(File::of).collect();
        Whole {
            files,
            findings: Findings(self),
            summary,
            version: 1,
        }
        .serialize(serializer)
    }
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        for (file, located) in self.0.findings() {
            rows.serialize_element(&Row::of(file, located))?;
        }
        rows.end()
    }
}

impl<'r> Row<'r> {
    fn of(
        file: &'r JudgedFile,
        LocatedFinding {
            finding,
            lines,
            fingerprint,
        }: &'r LocatedFinding,
    ) -> Self {
        Self {
            column: lines.column,
            end_column: lines.end_column,
            end_line: lines.end_line,
            file: &file.path,
            fingerprint,
            help: &finding.help,
            level: finding.level.as_str(),
            line: lines.line,
            message: &finding.message,
            name: finding.name.as_deref(),
            path: &finding.path,
            rule: finding.rule.id,
        }
    }
}

impl<'r> File<'r> {
    fn of(file: &'r JudgedFile) -> Self {
        let (read_as, why) = match file.reading {
            Reading::Template => ("template", None),
            Reading::TaskDefinition => ("task-definition", None),
            Reading::ParameterFile => ("parameter-file", None),
            Reading::Serverless => ("serverless", None),
            Reading::Templated => ("without-templating", None),
            Reading::Repaired(why) => ("repaired", Some(why)),
            Reading::Lines(why) => ("lines", Some(why)),
            Reading::PassedOver => ("passed-over", None),
        };
        Self {
            path: &file.path,
            read_as,
            why,
        }
    }
}
