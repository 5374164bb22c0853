//! Waivers: findings that the authors of a template accept, with a reason.
//!
//! A waiver is `# byref: allow RULE REASON [until 2027-03-01]` on the line of the value or above
//! it. JSON has no comments; there it is an item of the list `Metadata.byref.allow`, of the
//! template or of a resource: `RULE REASON [until DATE]`. A third form is a table of `deploy.toml`,
//! which a front end reads. A waiver that matches nothing, or has expired, is a finding of its own.
//!
//! ```
//! use byref_lint::waiver::{Waiver, WaiverError};
//!
//! let waiver = Waiver::parse("secret-name the vendor's public demo key until 2027-03-01")?;
//! assert!(waiver.has_expired("2027-03-02"));
//! assert_eq!(Waiver::parse("secret-name"), Err(WaiverError::NoReason));
//! # Ok::<(), WaiverError>(())
//! ```

use byref_template::{NodeRef, Span, Template};

use crate::finding::{Finding, Level};
use crate::rules::{STALE_WAIVER, rule};

/// A waiver as it is written, without its place.
///
/// The reason is required, and not kept: it is for readers of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The id of the rule whose findings it accepts.
    pub rule: String,
    /// The last day on which it holds, as `2027-03-01`; `None` for ever.
    pub until: Option<String>,
}

/// Why a waiver cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaiverError {
    /// No rule has this id.
    #[error("there is no such rule")]
    UnknownRule,
    /// The waiver gives no reason.
    #[error("it gives no reason")]
    NoReason,
    /// The word `until` has no date behind it.
    #[error("`until` needs a date such as `2027-03-01`")]
    BadDate,
}

impl Waiver {
    /// Reads `RULE REASON [until DATE]`.
    ///
    /// # Errors
    ///
    /// Returns an error if the rule is unknown, the reason is missing, or the date is not one.
    pub fn parse(text: &str) -> Result<Self, WaiverError> {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return Err(WaiverError::UnknownRule);
        }
        let id = words.remove(0).trim_end_matches(':');
        let until = match words.iter().rposition(|word| *word == "until") {
            Some(at) if at + 2 == words.len() => {
                let date = words[at + 1].trim_end_matches(['.', ',']).to_owned();
                words.truncate(at);
                Some(date)
            }
            Some(at) if at + 1 == words.len() => return Err(WaiverError::BadDate),
            _ => None,
        };
        Self::new(id, &words.join(" "), until.as_deref())
    }

    /// Returns a waiver from its parts.
    ///
    /// # Errors
    ///
    /// Returns an error if the rule is unknown, the reason is empty, or the date is not one.
    pub fn new(id: &str, reason: &str, until: Option<&str>) -> Result<Self, WaiverError> {
        rule(id).ok_or(WaiverError::UnknownRule)?;
        if reason.trim().is_empty() {
            return Err(WaiverError::NoReason);
        }
        if until.is_some_and(|date| !is_date(date)) {
            return Err(WaiverError::BadDate);
        }
        Ok(Self {
            rule: id.to_owned(),
            until: until.map(str::to_owned),
        })
    }

    /// Returns `true` if the last day is before `today`, which is written as `2026-11-24`.
    ///
    /// Dates are compared as text: their parts have fixed widths.
    pub fn has_expired(&self, today: &str) -> bool {
        self.until.as_deref().is_some_and(|until| until < today)
    }
}

/// Returns `true` for a date such as `2027-03-01`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let widths = [4, 2, 2];
    parts.len() == 3
        && parts.iter().zip(widths).all(|(part, width)| {
            part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit())
        })
        && (1..=12).contains(&parts[1].parse::<u8>().unwrap_or(0))
        && (1..=31).contains(&parts[2].parse::<u8>().unwrap_or(0))
}

/// The scope of a waiver in a file.
#[derive(Debug)]
enum Scope {
    /// The lines from the first to the last, counted from 1.
    Lines(usize, usize),
    /// Everything below a path; the empty path is the whole template.
    Path(String),
}

/// A waiver in a file, with its place.
struct Written {
    /// The waiver, or why it cannot be read.
    waiver: Result<Waiver, WaiverError>,
    /// The bytes of the waiver in the file, for findings about it.
    span: Span,
    /// The scope in which it accepts findings.
    scope: Scope,
    /// `true` once it has accepted a finding.
    is_used: bool,
}

/// The findings of a file after its own waivers.
#[derive(Debug)]
pub struct Waived {
    /// The findings that no waiver accepts, and those about waivers, ordered by place.
    pub findings: Vec<Finding>,
    /// The number of findings that were accepted.
    pub waived: usize,
}

/// Removes the findings that the file itself accepts; `today` is a date such as `2026-11-24`.
///
/// All waivers that match a finding are in use, also if one would be enough. Waivers that are not
/// in use, that have expired or that cannot be read are added as findings.
/// ```
/// use byref_lint::{Context, lint, waiver::waive};
///
/// let template = "Resources:
///   Database:
///     Type: AWS::RDS::DBInstance
///     Properties:
///       MasterUserPassword: Rocket-1709 # byref: allow secret-property only a test stack until 2027-03-01
/// ";
/// let report = lint(&template.into(), Context::default());
/// let waived = waive(template, report.template.as_ref(), report.findings, "2026-11-24");
/// assert_eq!((waived.findings.len(), waived.waived), (0, 1));
/// ```
pub fn waive(
    text: &str,
    template: Option<&Template>,
    findings: Vec<Finding>,
    today: &str,
) -> Waived {
    let mut written = in_comments(text);
    written.extend(
        template
            .and_then(Template::root)
            .map(in_metadata)
            .unwrap_or_default(),
    );
    if written.is_empty() {
        return Waived {
            findings,
            waived: 0,
        };
    }
    let before = findings.len();
    let mut left: Vec<Finding> = Vec::new();
    for finding in findings {
        let lines = line_of(text, finding.span.start)
            ..=line_of(
                text,
                finding.span.end.saturating_sub(1).max(finding.span.start),
            );
        let mut matching = written
            .iter_mut()
            .filter(|written| written.matches(&finding, &lines));
        let is_waived = matching.any(|written| {
            written.is_used = true;
            written
                .waiver
                .as_ref()
                .is_ok_and(|waiver| !waiver.has_expired(today))
        });
        if !is_waived {
            left.push(finding);
        }
    }
    let waived = before - left.len();
    left.extend(
        written
            .iter()
            .filter_map(|written| written.complaint(today)),
    );
    left.sort_by_key(|finding| finding.span);
    Waived {
        findings: left,
        waived,
    }
}

impl Written {
    /// Returns `true` if a waiver accepts a finding, which is on these lines.
    fn matches(&self, finding: &Finding, lines: &std::ops::RangeInclusive<usize>) -> bool {
        if !self
            .waiver
            .as_ref()
            .is_ok_and(|waiver| waiver.rule == finding.rule.id)
        {
            return false;
        }
        match &self.scope {
            Scope::Lines(first, last) => lines.start() <= last && first <= lines.end(),
            Scope::Path(path) => {
                path.is_empty()
                    || finding
                        .path
                        .strip_prefix(path.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            }
        }
    }

    /// Returns the finding about the waiver itself, or `None` if it is in order.
    fn complaint(&self, today: &str) -> Option<Finding> {
        let (message, help) = match &self.waiver {
            Err(error) => (
                format!("this waiver cannot be read: {error}"),
                "write `byref: allow RULE REASON [until 2027-03-01]`",
            ),
            Ok(waiver) if waiver.has_expired(today) => (
                format!("the waiver of `{}` has expired", waiver.rule),
                "migrate the secret, or set a new date",
            ),
            Ok(waiver) if !self.is_used => (
                format!("the waiver of `{}` matches nothing", waiver.rule),
                "remove it",
            ),
            Ok(_) => return None,
        };
        let help = help.to_owned();
        Some(Finding {
            rule: &STALE_WAIVER,
            level: Level::Warning,
            span: self.span,
            path: String::new(),
            name: None,
            message,
            help,
        })
    }
}

/// The words that begin a waiver in a comment.
const MARK: &str = "byref: allow";

/// Returns the waivers in comments, of YAML and of scripts in it.
///
/// A comment on a line of its own applies to the next line that is not a comment. On an item of a
/// list, or the first line of a block of text, it applies to the whole item or block.
fn in_comments(text: &str) -> Vec<Written> {
    if memchr::memmem::find(text.as_bytes(), MARK.as_bytes()).is_none() {
        return Vec::new();
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut written: Vec<Written> = Vec::new();
    let mut waiting: Vec<Written> = Vec::new();
    let mut start = 0;
    for (index, line) in lines.iter().enumerate() {
        let content = line.trim_end();
        let scope = || Scope::Lines(index + 1, end_of_element(&lines, index));
        let mark = content.find(MARK).filter(|at| is_comment(&content[..*at]));
        match mark {
            Some(at) => {
                let waiver = Waiver::parse(&content[at + MARK.len()..]);
                let span = Span::from(start + at..start + content.len());
                let is_alone = content[..at]
                    .trim_matches([' ', '\t', '#', '/', ';'])
                    .trim_end_matches("REM")
                    .is_empty();
                let one = Written {
                    waiver,
                    span,
                    scope: scope(),
                    is_used: false,
                };
                if is_alone {
                    waiting.push(one);
                } else {
                    written.push(one);
                }
            }
            None if content.trim().is_empty() || content.trim_start().starts_with('#') => {}
            None => written.extend(waiting.drain(..).map(|one| Written {
                scope: scope(),
                ..one
            })),
        }
        start += line.len();
    }
    written.extend(waiting);
    written
}

/// Returns `true` if the text before a waiver opens a comment.
fn is_comment(before: &str) -> bool {
    let before = before.trim_end();
    before.ends_with('#')
        || before.ends_with("//")
        || before.ends_with("REM")
        || before.ends_with(';')
}

/// Returns the last line, counted from 1, of the item or block that begins on a line.
///
/// | line | last line |
/// | --- | --- |
/// | `Password: x` | the same |
/// | `- Name: web` | that of the item, by indentation |
/// | `UserData: \|` | that of the block |
fn end_of_element(lines: &[&str], index: usize) -> usize {
    let line = lines[index]
        .split(MARK)
        .next()
        .unwrap_or_default()
        .trim_end_matches([' ', '#', '\n', '\r']);
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let goes_on = line.trim_start().starts_with("- ") || line.ends_with(['|', '>', '-', '+']);
    if !goes_on {
        return index + 1;
    }
    let own = indent(line);
    let is_inside = |line: &&&str| line.trim().is_empty() || indent(line) > own;
    index + 1 + lines[index + 1..].iter().take_while(is_inside).count()
}

/// Returns the waivers in `Metadata.byref.allow`, of the template and of its resources.
fn in_metadata(root: NodeRef<'_>) -> Vec<Written> {
    let mut written = of_metadata(root, "");
    for entry in root.get("Resources").into_iter().flat_map(NodeRef::entries) {
        let Some(id) = entry.key.text() else { continue };
        written.extend(of_metadata(entry.value, &format!("Resources.{id}")));
    }
    written
}

/// Returns the waivers in the metadata of a node, for everything below a path.
fn of_metadata(node: NodeRef<'_>, path: &str) -> Vec<Written> {
    let list = node
        .get("Metadata")
        .and_then(|metadata| metadata.get("byref"))
        .and_then(|own| own.get("allow"));
    let items = list.into_iter().flat_map(|list| {
        if list.kind().is_sequence() {
            list.items().collect()
        } else {
            vec![list]
        }
    });
    let written = items.map(|item| {
        let text = |key: &str| item.get(key).and_then(NodeRef::text).unwrap_or_default();
        let waiver = match item.text() {
            Some(line) => Waiver::parse(&line),
            None => Waiver::new(
                &text("rule"),
                &text("reason"),
                item.get("until").and_then(NodeRef::text).as_deref(),
            ),
        };
        Written {
            waiver,
            span: item.full_span(),
            scope: Scope::Path(path.to_owned()),
            is_used: false,
        }
    });
    written.collect()
}

/// Returns the line of an offset, counted from 1.
fn line_of(text: &str, offset: u32) -> usize {
    let before = &text.as_bytes()[..(offset as usize).min(text.len())];
    memchr::memchr_iter(b'\n', before).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_rule_reason_and_optional_date() {
        let waiver = Waiver::parse("secret-name until the migration until 2027-03-01").unwrap();
        assert_eq!(waiver.until.as_deref(), Some("2027-03-01"));
        assert!(waiver.has_expired("2027-03-02") && !waiver.has_expired("2027-03-01"));
        assert_eq!(Waiver::parse("secret-name"), Err(WaiverError::NoReason));
        assert_eq!(
            Waiver::parse("secret-nam why"),
            Err(WaiverError::UnknownRule)
        );
        assert_eq!(
            Waiver::parse("secret-name why until tomorrow"),
            Err(WaiverError::BadDate)
        );
        assert_eq!(
            Waiver::parse("secret-name why until"),
            Err(WaiverError::BadDate)
        );
    }
}
