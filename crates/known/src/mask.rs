//! Values that are known to be secret, wherever they stand: also as an image, a family, a logical id.

use std::borrow::Cow;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use byref_parameter::MASK;
use byref_template::{Diagnostic, NodeRef, Span, Template};

use crate::form::{decoded, forms, is_distinctive, is_maskable};

/// The values of secrets in a run: those of declared secrets in its templates, those that leave them, and those that a store
/// gave. A place that holds one, in whatever form, is hidden as a whole: a mark under a part of it would say which.
#[derive(Clone, Default)]
pub struct KnownValues {
    /// In order.
    forms: Arc<[String]>,
    /// All of them, for places where names stand.
    all: Option<AhoCorasick>,
    /// Those that are no words, for any text.
    distinctive: Option<AhoCorasick>,
}

impl KnownValues {
    /// Learns values; everyday words and numbers are left out.
    pub fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        Self::of_forms(values.into_iter().filter(|value| is_maskable(value)).flat_map(forms).collect())
    }

    /// These and others.
    #[must_use]
    pub fn joined<'v>(&self, values: impl IntoIterator<Item = &'v str>) -> Self {
        let others = Self::new(values);
        if others.adds_nothing_to(self) {
            return self.clone();
        }
        Self::of_forms(self.forms.iter().chain(others.forms.iter()).cloned().collect())
    }

    fn of_forms(mut all: Vec<String>) -> Self {
        all.sort_unstable();
        all.dedup();
        let distinctive: Vec<&str> = all.iter().map(String::as_str).filter(|form| is_distinctive(form)).collect();
        Self { distinctive: search(&distinctive), all: search(&all), forms: all.into() }
    }

    /// Whether these are the same values, or none.
    pub fn adds_nothing_to(&self, other: &Self) -> bool {
        self.forms.is_empty() || self.forms == other.forms
    }

    /// Whether a text holds one of the values, as it is or in what it says when it is decoded.
    pub fn occur_in(&self, text: &str) -> bool {
        let Some(search) = &self.all else { return false };
        if search.is_match(text) {
            return true;
        }
        // Any character may be escaped, or in the other case.
        let mut readings = decoded(text);
        let again: Vec<String> = readings.iter().flat_map(|reading| decoded(reading)).collect();
        readings.extend(again);
        if !text.is_ascii() {
            readings.push(text.to_lowercase());
        }
        readings.iter().any(|reading| search.is_match(reading))
    }

    /// A name, or the mask where it holds one of the values.
    pub fn shown<'n>(&self, name: &'n str) -> &'n str {
        if self.occur_in(name) { MASK } else { name }
    }

    /// A message with a mask for each part in back-ticks that holds one of the values: those parts are names of templates.
    pub fn masked(&self, message: &str) -> String {
        let part = |(index, part)| if index % 2 == 1 { self.shown(part) } else { part };
        message.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
    }

    /// A message with a mask for each word that holds one of the values: for one whose names are in no back-ticks.
    pub fn masked_words(&self, message: &str) -> String {
        message.split(' ').map(|word| self.shown(word)).collect::<Vec<_>>().join(" ")
    }

    /// Masks the names in a diagnostic's texts, as [`Self::masked`].
    pub fn mask(&self, diagnostic: &mut Diagnostic) {
        let labels = std::iter::once(&mut diagnostic.primary).chain(&mut diagnostic.secondary);
        let texts = labels.map(|label| &mut label.text).chain(diagnostic.help.as_mut());
        for text in texts.chain([&mut diagnostic.message]) {
            *text = self.masked(text);
        }
    }

    /// A path such as `Resources.Web.Properties`, with a mask for each key that holds one of the values.
    pub fn masked_path(&self, path: &str) -> String {
        let masked = path.split('.').map(|key| self.shown(key)).collect::<Vec<_>>().join(".");
        self.shown(&masked).to_owned()
    }

    /// Any text with a mask for each word that holds one of the values, but for values that are words themselves: those
    /// are in texts that have nothing to do with them. JSON stays JSON.
    pub fn redacted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(search) = self.distinctive.as_ref().filter(|search| search.is_match(text)) else {
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

    /// The scalars and keys of a template that hold one of the values, as it is written or as it is read, in order.
    pub fn places(&self, template: &Template) -> Vec<Span> {
        if self.all.is_none() {
            return Vec::new();
        }
        let holds = |node: &NodeRef<'_>| {
            let raw = node.raw();
            // Most scalars say what is written.
            let says_more = || node.text().is_some_and(|text| text != raw && self.occur_in(&text));
            node.kind().is_scalar() && (self.occur_in(raw) || says_more())
        };
        template.nodes().filter(holds).map(NodeRef::span).collect()
    }
}

/// Building fails only beyond 2^31 states.
fn search<T: AsRef<[u8]>>(forms: &[T]) -> Option<AhoCorasick> {
    let mut builder = AhoCorasickBuilder::new();
    builder.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest);
    builder.kind(Some(AhoCorasickKind::ContiguousNFA));
    if forms.is_empty() { None } else { builder.build(forms).ok() }
}

/// Whether a character is a part of a word, rather than a mark around it.
fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || "-_.:/@+=%~".contains(character)
}

/// Where the word begins that a text ends with. Behind a backslash or a bracket it may be an escape: that stays whole.
fn word_start(text: &str) -> usize {
    let word = text.char_indices().rev().take_while(|(_, character)| is_of_word(*character)).last();
    let start = word.map_or(text.len(), |(start, _)| start);
    if text[..start].ends_with(['\\', '[']) { text.len() } else { start }
}

/// Where the word ends that goes on at a byte.
fn word_end(text: &str, from: usize) -> usize {
    from + text[from..].find(|character| !is_of_word(character)).unwrap_or(text.len() - from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_hold_a_value_are_masked() {
        let known = KnownValues::new(["zebra7-crossing", "production", "two words 9\nmore"]);
        assert_eq!(known.redacted("a x/ZEBRA7-crossing:1, `zebra7-crossing`"), format!("a {MASK}, `{MASK}`"));
        assert_eq!(known.redacted("in production: two words 9"), format!("in production: {MASK}"));
        assert_eq!(known.redacted(r#"{"a": "\nzebra7-crossing\n"}"#), format!(r#"{{"a": "\n{MASK}\n"}}"#));
        assert_eq!(known.redacted("\u{1b}[1mzebra7-crossing\u{1b}[0m"), format!("\u{1b}[1m{MASK}\u{1b}[0m"));
        assert_eq!(known.redacted("zebra7-crossing/zebra7-crossing zebra7-crossing"), format!("{MASK} {MASK}"));
        assert_eq!(known.shown("production-web"), MASK);
        assert_eq!(known.shown("web"), "web");
        assert_eq!(known.masked("the `Production` of production"), format!("the `{MASK}` of production"));
    }

    #[test]
    fn everyday_words_and_numbers_are_no_values() {
        for word in ["true", "null", "", "abc", "1234", "80"] {
            assert!(!KnownValues::new([word]).occur_in(&format!("x {word}")), "{word}");
        }
    }
}
