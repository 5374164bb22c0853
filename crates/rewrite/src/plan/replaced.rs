//! The values that references replace: which of them may be replaced, and the texts that leave the
//! template with them.
//!
//! A deploy that replaces a value by a reference must not change the value that the container gets.
//! For a literal or a parameter the user stores the same value first; a value that AWS computes
//! would silently become another one.

use byref_cloudformation::{
    DYNAMIC_REFERENCE, Declarations, Facts, Guard, Origin, branches, has_no_echo, literal, origin,
    parameters_in, sole_name,
};
use byref_config::ComputedValues;
use byref_template::{Diagnostic, Location, NodeRef, Span};

use super::decisions::{Decider, Holder, RemovedValue};
use super::duplicates::PairSelection;
use super::line::Line;
use crate::container::Container;

impl Decider<'_> {
    /// Returns whether the store's value may replace the values of all pairs that move. Reports
    /// each one that it may not.
    pub(super) fn may_move(
        &mut self,
        line: &Line<'_>,
        container: &Container<'_>,
        pairs: &PairSelection,
    ) -> bool {
        let mut may = true;
        for pair in &pairs.elsewhere {
            if let Some(value) = container.environment.pairs[*pair].value {
                may &= self.may_replace(line, container.document, value.value);
            }
        }
        may
    }

    /// Returns whether the store's value may replace one value of a template. Reports why not: the
    /// line's key is the value itself, or the value is computed, comes from a store already, or is
    /// left out under a condition.
    pub(super) fn may_replace(
        &mut self,
        line: &Line<'_>,
        document: usize,
        value: NodeRef<'_>,
    ) -> bool {
        let place = self.inventory.documents[document].place(value);
        let name = &line.secret.name;
        if literal(value).is_some_and(|text| line.is_key_of(&text)) {
            let message =
                format!("the key of `{name}` is the very value that it has in the template");
            self.report(
                Diagnostic::error("pasted-value", message, line.secret.location)
                    .about(name)
                    .with(place, "the value")
                    .help("write the key under which the value is stored, never the value itself"),
            );
            return false;
        }
        let error = match origin(value, &self.inventory.declarations[document]) {
            Origin::Given => return true,
            Origin::Computed | Origin::Stored
                if line.secret.computed == ComputedValues::Replace =>
            {
                return true;
            }
            Origin::Stored if self.is_own_reference(line, document, value) => return true,
            Origin::Stored => stored_value(name, place),
            Origin::Computed => computed_value(name, place),
            Origin::Conditional => conditional_value(name, place),
        };
        self.report(
            error
                .about(name)
                .with(line.secret.name_location, "asked for here"),
        );
        false
    }

    /// Returns whether a value is a dynamic reference to the very parameter of the line, in each of
    /// its branches. Replacing it changes nothing.
    fn is_own_reference(&self, line: &Line<'_>, document: usize, value: NodeRef<'_>) -> bool {
        let stack = self.inventory.stack_in(self.inventory.request.region);
        let facts = Facts::at(&self.inventory.documents[document].template, &stack);
        branches(value, &Guard::default())
            .into_iter()
            .all(|(node, _)| {
                facts
                    .text(node)
                    .and_then(|text| dynamic_target(&text))
                    .is_some_and(|target| match target {
                        DynamicTarget::Parameter(name) => {
                            line.target.is_same(&self.inventory.request, &name)
                        }
                        DynamicTarget::Secret(arn) => {
                            line.target.evaluated.trim_end_matches(':') == arn.trim_end_matches(':')
                        }
                    })
            })
    }

    /// Records the value of a pair that leaves `Environment`.
    pub(super) fn note_removed_pair(
        &mut self,
        line: &Line<'_>,
        container: &Container<'_>,
        pair: usize,
    ) {
        if let Some(value) = container.environment.pairs[pair].value {
            self.note_removed_value(line, container.document, value.value);
        }
    }

    /// Records a value that leaves a template. Later phases look for its copies, for the parameters
    /// that lose a use, and mask it in all messages.
    pub(super) fn note_removed_value(
        &mut self,
        line: &Line<'_>,
        document: usize,
        value: NodeRef<'_>,
    ) {
        self.decisions.removals.uses[document].push(value.id());
        let template = &self.inventory.documents[document].template;
        let facts = Facts::of(template);
        let told = comment_about(value, &facts);
        if told.is_some() {
            self.decisions.removals.with_comment[document].push(value.id());
        }
        let own_span = Span::new(
            value.full_span().start,
            told.map_or(value.full_span().end, |comment| comment.end),
        );
        for Written { text, declared_at } in
            written_values(value, &facts, &self.inventory.declarations[document])
        {
            if !text.contains(DYNAMIC_REFERENCE) {
                let secret = line.secret.name.clone();
                let (span, by) = declared_at.map_or((own_span, Holder::Value), |span| {
                    (span, Holder::Declaration)
                });
                self.decisions.removals.values.push(RemovedValue {
                    document,
                    secret,
                    text,
                    span,
                    by,
                });
            }
        }
    }
}

/// Returns the error for a value that is a dynamic reference, or a parameter of a type that reads a
/// store.
fn stored_value(name: &str, place: Location) -> Diagnostic {
    let message = format!(
        "the value of `{name}` comes from a store already: the line's parameter would silently replace it"
    );
    Diagnostic::error("computed-value", message, place).help("name what it refers to in the line (`NAME = \"/…\"` or an ARN); or store the value in the line's parameter first, then add `replace-computed = true` to the line")
}

/// Returns the error for a value that the deploy computes.
fn computed_value(name: &str, place: Location) -> Diagnostic {
    let message = format!(
        "the value of `{name}` is computed by the deploy: the store's value would silently replace it"
    );
    Diagnostic::error("computed-value", message, place)
        .help("store the value first, then add `replace-computed = true` to the line")
}

/// Returns the error for a value that is left out in one branch: `ValueFrom` can't be left out, so
/// the condition would be lost.
fn conditional_value(name: &str, place: Location) -> Diagnostic {
    let message = format!(
        "the value of `{name}` is `AWS::NoValue` in one branch: by reference, that condition would vanish"
    );
    Diagnostic::error("conditional-value", message, place)
        .help("put the condition around the whole entry: `!If [Condition, {Name: …, Value: …}, !Ref AWS::NoValue]`")
}

/// One text that a template holds for a value.
pub(super) struct Written {
    pub(super) text: String,
    /// The default or the mapping's entry that holds it; `None` if the value itself does.
    declared_at: Option<Span>,
}

/// Returns all texts that a template holds for a value, in each of its branches: literals, the
/// leaves of mappings, and the defaults of parameters that are the whole value or have `NoEcho`.
pub(super) fn written_values(
    value: NodeRef<'_>,
    facts: &Facts<'_>,
    declarations: &Declarations<'_>,
) -> Vec<Written> {
    let mut written = Vec::new();
    for (node, _) in branches(value, &Guard::default()) {
        written.extend(facts.text(node).map(|text| Written {
            text,
            declared_at: None,
        }));
        // What a mapping gives is written there.
        let call = node.intrinsic().filter(|call| call.name == "FindInMap");
        let leaves = call
            .and_then(|call| facts.leaves(call))
            .into_iter()
            .flatten();
        let leaves = leaves.filter_map(|leaf| {
            Some(Written {
                text: literal(leaf)?,
                declared_at: Some(leaf.full_span()),
            })
        });
        written.extend(leaves);
        // A parameter that is the whole value, or that is told to be a secret, has the secret as
        // its default.
        let is_whole = is_only_a_parameter(node);
        for name in parameters_in(node, declarations) {
            let Some(parameter) = facts.parameter(&name) else {
                continue;
            };
            let default = parameter
                .get("Default")
                .filter(|_| is_whole || has_no_echo(parameter));
            if let Some((default, text)) =
                default.and_then(|default| Some((default, literal(default)?)))
            {
                written.push(Written {
                    text,
                    declared_at: Some(default.full_span()),
                });
            }
        }
    }
    written
}

/// Returns the comment on a value's own line, if it leaves with the value: it repeats the value, or
/// holds a text that looks like a secret. Comments inside brackets are kept, because the line may
/// have several values.
fn comment_about(value: NodeRef<'_>, facts: &Facts<'_>) -> Option<Span> {
    let span = comment_on_line(value)
        .filter(|_| !value.parent().is_some_and(|parent| parent.kind().is_flow()))?;
    let comment = &value.template().text()[span.range()];
    let repeats = |text: String| text.len() > 1 && comment.contains(text.as_str());
    let values = branches(value, &Guard::default());
    let tells = values
        .into_iter()
        .filter_map(|(node, _)| facts.text(node))
        .any(repeats)
        || is_secret_told(comment);
    tells.then_some(span)
}

/// Returns whether the lint finds a secret in a comment: a token of a known vendor, or
/// `password=…`. The comment is judged without a name, so its words alone count.
fn is_secret_told(comment: &str) -> bool {
    let text = comment.trim_start_matches(['#', ' ', '\t']);
    let is_secret = |text: &str| byref_judge::secret_reason("comment", text).is_some();
    let mark = |character: char| matches!(character, '"' | '\'' | '`' | '(' | ')' | ',' | ';');
    is_secret(text)
        || text
            .split_whitespace()
            .any(|word| is_secret(word.trim_matches(mark)))
}

/// Returns the comment behind a value, on the same line.
fn comment_on_line(value: NodeRef<'_>) -> Option<Span> {
    let template = value.template();
    let (text, end) = (template.text(), value.full_span().end);
    let comments = template.comments();
    let comment = comments.get(comments.partition_point(|comment| comment.start < end))?;
    let is_on_line = text[end as usize..comment.start as usize]
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'\t'));
    is_on_line.then_some(*comment)
}

/// Returns whether a value is a parameter and nothing else: `!Ref P` or `!Sub ${P}`.
fn is_only_a_parameter(node: NodeRef<'_>) -> bool {
    let Some(call) = node.intrinsic() else {
        return false;
    };
    call.name == "Ref"
        || (call.name == "Sub"
            && literal(call.argument).is_some_and(|text| sole_name(&text).is_some()))
}

/// The target of a dynamic reference.
enum DynamicTarget {
    /// The name of a parameter.
    Parameter(String),
    /// The ARN of a secret, with key, stage and version as `ValueFrom` has them.
    Secret(String),
}

/// Returns the target of a text that is one dynamic reference and nothing else. The version of a
/// parameter is left out, since `ValueFrom` has none.
///
/// Source: CloudFormation user guide, "Get values stored in other services using dynamic
/// references".
///
/// | text | target |
/// |---|---|
/// | `{{resolve:ssm:/a/b}}` | the parameter `/a/b` |
/// | `{{resolve:ssm-secure:/a/b:3}}` | the parameter `/a/b` |
/// | `{{resolve:secretsmanager:arn:…:db-AbCdEf:SecretString:url}}` | `arn:…:db-AbCdEf:url` |
/// | `{{resolve:secretsmanager:db}}` | none: a name is no ARN |
/// | `x{{resolve:ssm:/a}}` | none: not the whole text |
fn dynamic_target(text: &str) -> Option<DynamicTarget> {
    let inner = text
        .strip_prefix(DYNAMIC_REFERENCE)?
        .strip_suffix("}}")
        .filter(|inner| !inner.contains("}}"))?;
    let (service, rest) = inner.split_once(':')?;
    match service {
        "ssm" | "ssm-secure" => {
            let name = match rest.rsplit_once(':') {
                Some((name, version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => name,
                _ => rest,
            };
            Some(DynamicTarget::Parameter(name.to_owned()))
        }
        "secretsmanager" => {
            let parts: Vec<&str> = rest.split(':').collect();
            let (arn, rest) = parts
                .split_at_checked(7)
                .filter(|_| rest.starts_with("arn:"))?;
            let rest = match rest {
                [] => String::new(),
                ["SecretString", rest @ ..] => rest.join(":"),
                _ => return None,
            };
            Some(DynamicTarget::Secret(format!("{}:{rest}", arn.join(":"))))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dynamic_reference_names_what_it_reads() {
        let read = |text: &str| match dynamic_target(text) {
            Some(DynamicTarget::Parameter(name)) => name,
            Some(DynamicTarget::Secret(arn)) => arn,
            None => "nothing".to_owned(),
        };
        assert_eq!(read("{{resolve:ssm:/a/b}}"), "/a/b");
        assert_eq!(read("{{resolve:ssm-secure:/a/b:3}}"), "/a/b");
        let arn = "arn:aws:secretsmanager:us-west-2:111122223333:secret:db-AbCdEf";
        assert_eq!(
            read(&format!(
                "{{{{resolve:secretsmanager:{arn}:SecretString:url}}}}"
            )),
            format!("{arn}:url")
        );
        assert_eq!(
            read(&format!("{{{{resolve:secretsmanager:{arn}}}}}")),
            format!("{arn}:")
        );
        for other in [
            "{{resolve:ssm:/a}}{{resolve:ssm:/b}}",
            "x{{resolve:ssm:/a}}",
            "{{resolve:secretsmanager:db}}",
            "/a",
        ] {
            assert_eq!(read(other), "nothing");
        }
    }
}
