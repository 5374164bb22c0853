//! The values that references replace: whether they may, and what is remembered of them.

use byref_config::ComputedValues;
use byref_template::{Diagnostic, NodeRef};

use super::decide::Kept;
use super::{Line, Planner, RemovedValue};
use crate::container::{Container, Guard, branches, literal};
use crate::value::{Origin, origin};

impl Planner<'_> {
    /// What the values are today must be something that the store's value may replace.
    pub(super) fn may_move(&mut self, line: &Line<'_>, container: &Container<'_>, kept: &Kept) -> bool {
        let mut may = true;
        for pair in &kept.elsewhere {
            if let Some(value) = container.environment.pairs[*pair].value {
                may &= self.may_replace(line, container.document, value.value);
            }
        }
        may
    }

    /// The same for one value.
    pub(super) fn may_replace(&mut self, line: &Line<'_>, document: usize, value: NodeRef<'_>) -> bool {
        let place = self.documents[document].place(value);
        let name = &line.secret.name;
        if literal(value).is_some_and(|text| line.is_key_of(&text)) {
            let message = format!("the key of `{name}` is the very value that it has in the template");
            self.say(
                Diagnostic::error("pasted-value", message, line.secret.location)
                    .with(place, "the value")
                    .help("write the key under which the value is stored, never the value itself"),
            );
            return false;
        }
        let diagnostic = match origin(value, &self.survey.declarations[document]) {
            Origin::Given => return true,
            Origin::Computed if line.secret.computed == ComputedValues::Replace => return true,
            Origin::Computed => Diagnostic::error(
                "computed-value",
                format!(
                    "the value of `{name}` is computed from resources: the store's value would silently replace it"
                ),
                place,
            )
            .help("store the value first, then say `replace-computed = true` in the line"),
            Origin::Conditional => Diagnostic::error(
                "conditional-value",
                format!(
                    "the value of `{name}` is `AWS::NoValue` in one branch: by reference, that condition would vanish"
                ),
                place,
            )
            .help(
                "put the condition around the whole entry: `!If [Condition, {Name: …, Value: …}, !Ref AWS::NoValue]`",
            ),
        };
        self.say(diagnostic.with(line.secret.name_location, "asked for here"));
        false
    }

    pub(super) fn note_removed_pair(&mut self, line: &Line<'_>, container: &Container<'_>, pair: usize) {
        if let Some(value) = container.environment.pairs[pair].value {
            self.note_removed_value(line, container.document, value.value);
        }
    }

    /// Remembers a value that leaves a template: its copies and its parameters are looked for later.
    pub(super) fn note_removed_value(&mut self, line: &Line<'_>, document: usize, value: NodeRef<'_>) {
        self.removed_uses[document].push(value.id());
        for (node, _) in branches(value, &Guard::default()) {
            if let Some(text) = literal(node) {
                let secret = line.secret.name.clone();
                self.removed_values.push(RemovedValue { document, secret, text, span: value.full_span() });
            }
        }
    }
}
