//! The judgement of a value or a text, made once for all rules.

use std::ops::Range;

use byref_judge::{
    Embedded, Shape, Slot, TextKind, ValueClass, Verdict, can_be_no_example, classify_value,
    find_embedded, find_shapes, judge,
};

use crate::line::pairs;
use crate::place::Place;
use crate::subject::Subject;

/// The judgement of one value in its place.
pub(crate) struct Judgement {
    /// The verdict of its place, its name and its value together; `None` if the value is not a
    /// secret by its name.
    pub(crate) by_name: Option<Verdict>,
    /// Vendors' tokens, private keys and other credentials with a shape of their own.
    pub(crate) shapes: Vec<Shape>,
    /// Credentials inside the value.
    pub(crate) embedded: Vec<Embedded>,
}

/// Values longer than this, in bytes, are texts, and are not judged by the name of the whole.
const LONGEST_NAMED: usize = 8192;

impl Judgement {
    /// Judges a value.
    ///
    /// The three judgements are independent: a token in a URL has a shape, is embedded, and may
    /// have a name. Rules choose among them, and the order of rules decides between findings.
    pub(crate) fn of(subject: &Subject<'_, '_>) -> Self {
        let text = subject.text();
        Self {
            by_name: by_name(subject),
            shapes: find_shapes(text),
            embedded: embedded(text, subject.place),
        }
    }
}

/// Judges a value by its place and its name.
fn by_name(subject: &Subject<'_, '_>) -> Option<Verdict> {
    let (text, place) = (subject.text(), subject.place);
    if !place.has_names() || text.len() > LONGEST_NAMED || is_structured(text) {
        return None;
    }
    // `NoEcho` declares a secret under any name, but hides user names and hosts as well: those are
    // words.
    let is_hidden = || {
        subject.no_echo
            && place == Place::ParameterDefault
            && matches!(classify_value(text), ValueClass::Mixed | ValueClass::Random)
    };
    judge(place.slot(), subject.name, text).or_else(|| {
        if is_hidden() {
            judge(Slot::SecretOnly, subject.name, text)
        } else {
            None
        }
    })
}

/// Returns the credentials inside a value. In comments, only those that cannot be examples are
/// kept.
fn embedded(text: &str, place: Place) -> Vec<Embedded> {
    if place == Place::Reference {
        return Vec::new();
    }
    let mut found = find_embedded(text, place.text_kind());
    if place == Place::Comment {
        found.retain(|embedded| {
            let value = text.get(embedded.range.clone()).unwrap_or_default();
            embedded.verdict == Verdict::Secret && can_be_no_example(embedded.verdict, value)
        });
    }
    found
}

/// Returns `true` for a JSON document: its keys are judged, not the whole.
fn is_structured(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('{') && text.ends_with('}') && text.contains(':')
        || text.starts_with("[{") && text.ends_with(']')
}

/// The judgement of a text that is not a template, or cannot be read as one.
pub(crate) struct TextJudgement<'t> {
    /// The text.
    pub(crate) text: &'t str,
    /// Credentials with a shape of their own.
    pub(crate) shapes: Vec<Shape>,
    /// Credentials in lines that are read as those of a script.
    pub(crate) embedded: Vec<Embedded>,
    /// Values that a line below names: `Name: X`, then `Value: Y`.
    pub(crate) named: Vec<NamedValue<'t>>,
}

/// A value that another line of a text gives a name.
pub(crate) struct NamedValue<'t> {
    /// The name, as it is in the text.
    pub(crate) name: &'t str,
    /// The value's bytes in the text.
    pub(crate) range: Range<usize>,
    /// The verdict on the value under this name.
    pub(crate) verdict: Verdict,
}

impl<'t> TextJudgement<'t> {
    /// Judges a text by its lines and by pairs of lines.
    pub(crate) fn of(text: &'t str) -> Self {
        let named = pairs(text).into_iter().filter_map(|(name, range)| {
            let verdict = judge(Slot::Named, name, &text[range.clone()])?;
            Some(NamedValue {
                name,
                range,
                verdict,
            })
        });
        Self {
            text,
            shapes: find_shapes(text),
            embedded: find_embedded(text, TextKind::Script),
            named: named.collect(),
        }
    }
}
