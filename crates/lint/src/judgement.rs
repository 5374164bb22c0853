//! Everything that is thought of one value, once for all rules.

use std::ops::Range;

use crate::place::Place;
use crate::subject::Subject;
use byref_judge::{Embedded, can_be_no_example, find_embedded};
use byref_judge::{NameHint, Shape, Slot, ValueClass, Verdict, classify_name, classify_value, find_shapes, judge};

/// Everything that is thought of one value.
pub(crate) struct Judgement {
    /// By its place and name.
    pub(crate) by_name: Option<Verdict>,
    /// Tokens of vendors, keys, and the like.
    pub(crate) shapes: Vec<Shape>,
    /// Credentials inside it.
    pub(crate) embedded: Vec<Embedded>,
}

/// Longer values have no name that they are judged by: they are texts.
const LONGEST_NAMED: usize = 8192;

impl Judgement {
    pub(crate) fn of(subject: &Subject<'_, '_>) -> Self {
        let text = subject.text();
        let place = subject.place;
        let is_named = place.has_names() && text.len() <= LONGEST_NAMED && !is_structured(text);
        let by_name = if is_named { judge(place.slot(), subject.name, text) } else { None };
        // `NoEcho` says that it is a secret, whatever it is called.
        let is_hidden = is_named && subject.no_echo && place == Place::ParameterDefault && is_no_word(text);
        let by_name = by_name.or_else(|| if is_hidden { judge(Slot::SecretOnly, subject.name, text) } else { None });
        let mut embedded = if place == Place::Reference { Vec::new() } else { find_embedded(text, place.text_kind()) };
        if place == Place::Comment {
            embedded.retain(|embedded| {
                let value = text.get(embedded.range.clone()).unwrap_or_default();
                embedded.verdict == Verdict::Secret && can_be_no_example(embedded.verdict, value)
            });
        }
        Self { by_name, shapes: find_shapes(text), embedded }
    }

    /// The whole of the value without the blanks around it.
    pub(crate) fn whole(subject: &Subject<'_, '_>) -> Range<usize> {
        let text = subject.text();
        let start = text.len() - text.trim_start().len();
        start..text.trim_end().len().max(start)
    }
}

/// JSON: its keys are judged, not the whole.
fn is_structured(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('{') && text.ends_with('}') && text.contains(':') || text.starts_with("[{") && text.ends_with(']')
}

/// `NoEcho` hides user names and hosts as well: what is a word is none of those that must be hidden.
fn is_no_word(text: &str) -> bool {
    matches!(classify_value(text), ValueClass::Mixed | ValueClass::Random)
}

/// Why a value is thought to be a secret, in words.
pub(crate) fn reason(name: &str, value: &str) -> String {
    let by_name = match classify_name(name) {
        NameHint::Password => "the name suggests a password",
        NameHint::Secret => "the name suggests a secret",
        NameHint::Possible | NameHint::Mention => "the name could be that of a secret",
        _ => "this is where a secret belongs",
    };
    let by_value = match classify_value(value.trim()) {
        ValueClass::Random => "the value looks machine-generated",
        ValueClass::Mixed => "the value is not a word, number or reference",
        ValueClass::Weak => "the value is one of the first that an attacker tries",
        ValueClass::Words(_) | ValueClass::Harmless(_) => "the value is a literal",
    };
    format!("{by_name}, and {by_value}")
}
