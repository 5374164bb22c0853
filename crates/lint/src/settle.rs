//! Turns the findings of single rules into those of a text: one for each place, in order, without a
//! value.
//!
//! Rules know nothing of each other, and several find the same password: by its name, by its shape,
//! inside of a URL. The order of [`RULES`] decides which of them is reported, from the most certain
//! to the least.
//!
//! Messages, paths and names are made of the text. Since an author may repeat a secret anywhere in
//! it, also as a logical id or in a description, the last step masks all found values in all
//! findings.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use byref_judge::find_shapes;
use byref_known::KnownValues;
use byref_parameter::MASK;
use byref_template::{Span, Template};

use crate::finding::{Finding, Level};
use crate::rules::{Found, RULES, Rule};

/// A finding of one rule, before it competes with others at its place.
pub(crate) struct Draft {
    /// The rule that found it.
    pub(crate) rule: &'static Rule,
    /// The bytes in the file.
    pub(crate) span: Span,
    /// The path of the value, not masked yet.
    pub(crate) path: String,
    /// The level and the texts of the finding, not masked yet.
    pub(crate) found: Found,
}

/// Returns the findings of a text, ordered by place. Of several at one place, the first rule of
/// [`RULES`] keeps its finding; a value is removed from all messages, paths and names.
///
/// Two drafts overlap if they share a byte; an empty span counts as one byte. Places that are taken
/// are kept in a map, so that the cost is that of sorting the drafts.
pub(crate) fn settle(text: &str, mut drafts: Vec<Draft>) -> Vec<Finding> {
    let order = |rule: &Rule| RULES.iter().position(|known| *known == rule);
    drafts.sort_by_key(|draft| {
        (
            order(draft.rule),
            draft.found.level != Level::Error,
            draft.span,
            draft.path.clone(),
        )
    });
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    let mut findings = Vec::new();
    for draft in drafts {
        let Span { start, end } = draft.span;
        let end = end.max(start + 1);
        let overlaps = taken
            .range(..end)
            .next_back()
            .is_some_and(|(_, until)| *until > start);
        if overlaps {
            continue;
        }
        taken.insert(start, end);
        let Found {
            level,
            name,
            message,
            help,
            ..
        } = draft.found;
        findings.push(Finding {
            rule: draft.rule,
            level,
            span: draft.span,
            path: draft.path,
            name,
            message,
            help: help.to_owned(),
        });
    }
    findings.sort_by_key(|finding| (finding.span, order(finding.rule)));
    hide_values(text, &mut findings);
    findings
}

/// The greatest number of values that are masked in all of their forms. Of more, only short ones
/// are.
const MOST_IN_ALL_FORMS: usize = 1000;

/// The greatest length of a name, in bytes.
const LONGEST_IN_A_NAME: usize = 256;

/// The length of the shortest value that is masked elsewhere in the text, in bytes. Shorter ones
/// occur by accident.
const SHORTEST_HIDDEN: usize = 6;

/// Returns the lines of the findings' values that are long enough to be masked elsewhere.
fn found_values<'t>(text: &'t str, findings: &[Finding]) -> Vec<&'t str> {
    let lines = values_of(text, findings)
        .flat_map(str::lines)
        .map(str::trim);
    lines
        .filter(|value| value.len() >= SHORTEST_HIDDEN)
        .collect()
}

/// Returns the values of findings that reports must mask.
fn values_of<'t>(text: &'t str, findings: &[Finding]) -> impl Iterator<Item = &'t str> {
    let secret = findings
        .iter()
        .filter(|finding| finding.rule.finds.is_secret_value());
    secret.filter_map(|finding| text.get(finding.span.range()))
}

/// The length of a value, in bytes, from which a search of its own is cheaper than a larger
/// automaton.
const LONGEST_TOGETHER: usize = 1024;

/// Returns every place of a text that repeats the value of a finding, also in names and comments. A
/// front end that shows a part of the text masks these places.
/// ```
/// use byref_lint::{Context, lint, places_of_values};
///
/// let template = "# formerly Rocket-1709
/// Resources:
///   Database:
///     Type: AWS::RDS::DBInstance
///     Properties: {MasterUserPassword: Rocket-1709}
/// ";
/// let report = lint(&template.into(), Context::default());
/// let places = places_of_values(template, report.template.as_ref(), &report.findings);
/// assert!(places.iter().any(|span| span.start == 11), "the comment repeats the value");
/// ```
pub fn places_of_values(
    text: &str,
    template: Option<&Template>,
    findings: &[Finding],
) -> Vec<Span> {
    let (long, short): (Vec<&str>, Vec<&str>) = found_values(text, findings)
        .into_iter()
        .partition(|value| value.len() > LONGEST_TOGETHER);
    let Ok(search) = AhoCorasick::new(&short) else {
        return Vec::new();
    };
    let mut places: Vec<Span> = search
        .find_iter(text)
        .map(|found| Span::from(found.range()))
        .collect();
    for value in long {
        let found = memchr::memmem::find_iter(text.as_bytes(), value.as_bytes());
        places.extend(found.map(|start| Span::from(start..start + value.len())));
    }
    places.extend(
        template
            .into_iter()
            .flat_map(|template| known_values(text, findings).places(template)),
    );
    places
}

/// Returns the values of findings in all their forms. Of very many, those are left out that no name
/// can hold.
fn known_values(text: &str, findings: &[Finding]) -> KnownValues {
    let mut values: Vec<&str> = values_of(text, findings).collect();
    values.sort_unstable();
    values.dedup();
    if values.len() > MOST_IN_ALL_FORMS {
        values.retain(|value| value.len() <= LONGEST_IN_A_NAME);
    }
    KnownValues::new(values.iter().copied())
}

/// Masks values in the texts of findings: those of any finding, and anything with the shape of a
/// credential.
fn hide_values(text: &str, findings: &mut [Finding]) {
    let known = known_values(text, findings);
    for finding in findings {
        for text in [&mut finding.message, &mut finding.path]
            .into_iter()
            .chain(&mut finding.name)
        {
            for shaped in find_shapes(text).iter().rev() {
                text.replace_range(shaped.range.clone(), MASK);
            }
        }
        finding.message = known.redacted(&known.masked(&finding.message)).into_owned();
        finding.path = known.masked_path(&finding.path);
        finding.name = finding
            .name
            .take()
            .map(|name| known.shown(&name).to_owned());
    }
}
