//! Masks for the values of secrets, wherever a text repeats them: also in an image, a family, a
//! logical id.

use std::borrow::Cow;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use byref_parameter::MASK;
use byref_template::{Diagnostic, NodeRef, Span, Template};

use crate::form::{decoded, forms, is_distinctive, is_maskable};

/// The values of the secrets of a run: those of declared secrets in its templates, those that a
/// rewrite moves out of them, and those that a store returned.
///
/// A place that holds one of them, in whatever form, is masked as a whole: a mask over a part would
/// reveal where the value is in it, and how long it is. Cloning is cheap.
#[derive(Clone, Default)]
pub struct KnownValues {
    /// All forms of the values, sorted and without duplicates.
    forms: Arc<[String]>,
    /// The search for all forms, for places of names.
    all: Option<AhoCorasick>,
    /// The search for forms that are not everyday words, for any text.
    distinctive: Option<AhoCorasick>,
}

impl KnownValues {
    /// Returns masks for values. Everyday words and numbers are left out, since every template
    /// contains them.
    pub fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        Self::of_forms(
            values
                .into_iter()
                .filter(|value| is_maskable(value))
                .flat_map(forms)
                .collect(),
        )
    }

    /// Returns masks for these values and others.
    #[must_use]
    pub fn joined<'v>(&self, values: impl IntoIterator<Item = &'v str>) -> Self {
        let others = Self::new(values);
        if others.adds_nothing_to(self) {
            return self.clone();
        }
        Self::of_forms(
            self.forms
                .iter()
                .chain(others.forms.iter())
                .cloned()
                .collect(),
        )
    }

    /// Builds the searches from forms in any order.
    fn of_forms(mut all: Vec<String>) -> Self {
        all.sort_unstable();
        all.dedup();
        let distinctive: Vec<&str> = all
            .iter()
            .map(String::as_str)
            .filter(|form| is_distinctive(form))
            .collect();
        Self {
            distinctive: search(&distinctive),
            all: search(&all),
            forms: all.into(),
        }
    }

    /// Returns `true` if the values of `self` are none, or the same as those of `other`.
    pub fn adds_nothing_to(&self, other: &Self) -> bool {
        self.forms.is_empty() || self.forms == other.forms
    }

    /// Returns `true` if a text holds one of the values, as it is or in what it decodes to, up to
    /// two layers deep and in either case.
    pub fn occur_in(&self, text: &str) -> bool {
        let Some(search) = &self.all else {
            return false;
        };
        if search.is_match(text) {
            return true;
        }
        // Any character may be escaped, or be in the other case.
        let mut readings = decoded(text);
        let again: Vec<String> = readings
            .iter()
            .flat_map(|reading| decoded(reading))
            .collect();
        readings.extend(again);
        if !text.is_ascii() {
            readings.push(text.to_lowercase());
        }
        readings.iter().any(|reading| search.is_match(reading))
    }

    /// Returns a name, or the mask if it holds one of the values.
    pub fn shown<'n>(&self, name: &'n str) -> &'n str {
        if self.occur_in(name) { MASK } else { name }
    }

    /// Returns a message with a mask for each part in back-ticks that holds one of the values.
    /// Those parts are names from templates.
    pub fn masked(&self, message: &str) -> String {
        let part = |(index, part)| {
            if index % 2 == 1 {
                self.shown(part)
            } else {
                part
            }
        };
        message
            .split('`')
            .enumerate()
            .map(part)
            .collect::<Vec<_>>()
            .join("`")
    }

    /// Returns a message with a mask for each word that holds one of the values, for messages whose
    /// names are not in back-ticks.
    pub fn masked_words(&self, message: &str) -> String {
        message
            .split(' ')
            .map(|word| self.shown(word))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Masks the names in the texts of a diagnostic, as [`Self::masked`] does.
    pub fn mask(&self, diagnostic: &mut Diagnostic) {
        let labels = std::iter::once(&mut diagnostic.primary).chain(&mut diagnostic.secondary);
        let texts = labels
            .map(|label| &mut label.text)
            .chain(diagnostic.help.as_mut());
        for text in texts.chain([&mut diagnostic.message]) {
            *text = self.masked(text);
        }
    }

    /// Returns a path such as `Resources.Web.Properties` with a mask for each key that holds one of
    /// the values.
    pub fn masked_path(&self, path: &str) -> String {
        let masked = path
            .split('.')
            .map(|key| self.shown(key))
            .collect::<Vec<_>>()
            .join(".");
        self.shown(&masked).to_owned()
    }

    /// Returns any text with a mask for each word that holds one of the values. Values that are
    /// everyday words stay, since they are in texts that have nothing to do with the secret.
    ///
    /// The mask replaces the word, and nothing of the punctuation around it, so that JSON stays
    /// JSON.
    pub fn redacted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(search) = self
            .distinctive
            .as_ref()
            .filter(|search| search.is_match(text))
        else {
            return Cow::Borrowed(text);
        };
        let mut redacted = String::with_capacity(text.len());
        let mut done = 0;
        for hit in search.find_iter(text) {
            let before = word_start(&text[done.min(hit.start())..hit.start()]);
            redacted.push_str(&text[done.min(hit.start())..][..before]);
            if hit.start() >= done {
                redacted.push_str(MASK);
            }
            done = done.max(word_end(text, hit.end()));
        }
        redacted.push_str(&text[done..]);
        Cow::Owned(redacted)
    }

    /// Returns the scalars and keys of a template that hold one of the values, as written or as
    /// parsed, ordered by place.
    pub fn places(&self, template: &Template) -> Vec<Span> {
        if self.all.is_none() {
            return Vec::new();
        }
        let holds = |node: &NodeRef<'_>| {
            let raw = node.raw();
            // Most scalars are written as they are parsed.
            let says_more = || {
                node.text()
                    .is_some_and(|text| text != raw && self.occur_in(&text))
            };
            node.kind().is_scalar() && (self.occur_in(raw) || says_more())
        };
        template.nodes().filter(holds).map(NodeRef::span).collect()
    }
}

/// Builds a search, or returns `None` for no forms. Building fails only beyond 2^31 states.
fn search<T: AsRef<[u8]>>(forms: &[T]) -> Option<AhoCorasick> {
    let mut builder = AhoCorasickBuilder::new();
    builder
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest);
    builder.kind(Some(AhoCorasickKind::ContiguousNFA));
    if forms.is_empty() {
        None
    } else {
        builder.build(forms).ok()
    }
}

/// Returns `true` for characters that belong to a word rather than to the punctuation around it.
fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || "-_.:/@+=%~".contains(character)
}

/// Returns where the word begins that ends a text. Behind a backslash or a bracket, the word may be
/// an escape sequence, and stays whole.
fn word_start(text: &str) -> usize {
    let word = text
        .char_indices()
        .rev()
        .take_while(|(_, character)| is_of_word(*character))
        .last();
    let start = word.map_or(text.len(), |(start, _)| start);
    if text[..start].ends_with(['\\', '[']) {
        text.len()
    } else {
        start
    }
}

/// Returns where the word ends that goes on at a byte.
fn word_end(text: &str, from: usize) -> usize {
    from + text[from..]
        .find(|character| !is_of_word(character))
        .unwrap_or(text.len() - from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redacted_masks_whole_words() {
        let known = KnownValues::new(["zebra7-crossing", "production", "two words 9\nmore"]);
        assert_eq!(
            known.redacted("a x/ZEBRA7-crossing:1, `zebra7-crossing`"),
            format!("a {MASK}, `{MASK}`")
        );
        assert_eq!(
            known.redacted("in production: two words 9"),
            format!("in production: {MASK}")
        );
        assert_eq!(
            known.redacted(r#"{"a": "\nzebra7-crossing\n"}"#),
            format!(r#"{{"a": "\n{MASK}\n"}}"#)
        );
        assert_eq!(
            known.redacted("\u{1b}[1mzebra7-crossing\u{1b}[0m"),
            format!("\u{1b}[1m{MASK}\u{1b}[0m")
        );
        assert_eq!(
            known.redacted("zebra7-crossing/zebra7-crossing zebra7-crossing"),
            format!("{MASK} {MASK}")
        );
        assert_eq!(known.shown("production-web"), MASK);
        assert_eq!(known.shown("web"), "web");
        assert_eq!(
            known.masked("the `Production` of production"),
            format!("the `{MASK}` of production")
        );
    }

    #[test]
    fn everyday_words_and_numbers_are_not_masked() {
        for word in ["true", "null", "", "abc", "1234", "80"] {
            assert!(
                !KnownValues::new([word]).occur_in(&format!("x {word}")),
                "{word}"
            );
        }
    }
}
