//! The message of a service about a template, without the parts of the template that it may quote.
//!
//! A word is shown if it belongs to the language of CloudFormation's messages, or if the template
//! shows it anyway (keys, names, types). Everything else becomes a mask, and masks that follow each
//! other one.
//!
//! A list of allowed words, and not a search for the values: CloudFormation may quote a part of a
//! value, which a search for whole ones does not find. A message that loses a harmless word is
//! still understood by its words and its line and column.

use std::collections::BTreeSet;

use byref_parameter::{MASK, SecretValue};
use byref_rewrite::hidden_spans;
use byref_template::Template;

/// The words of CloudFormation's messages.
const WORDS: &str = "\
    a action all allowed an and any are at attribute be block body bytes can cannot character characters \
    circular column condition conditions contain contains declaration default defined definition \
    dependencies dependency depends description does doesn duplicate each either element elements empty \
    encountered error every exceed exceeds exist expected failed field find following for format formed \
    found function functions greater has have id identifiers if in include incorrect instance instances \
    integer intrinsic invalid is it its json key keys least length less limit line list logical macro \
    map mapping mappings maximum member metadata missing more must name names no non not null number \
    object of on one only or output outputs parameter parameters parse pattern policy properties \
    property provided ref reference references region requires resource resources rule rules satisfy \
    section shorter should size string strings supported syntax t template than that the there to \
    transform type types unable undefined unrecognized unresolved unsupported uses valid value values \
    version was well when with yaml";

/// A message of CloudFormation about a template, of one line.
///
/// White space is reduced to single blanks. A number is shown only after `line` or `column`.
///
/// ```
/// use byref::SecretValue;
/// use byref::render::service_message::masked_message;
///
/// let masked = |text: &str| masked_message(&SecretValue::new(text.to_owned()), None);
/// assert_eq!(masked("Invalid value xK9-not-a-secret"), "Invalid value ******");
/// assert_eq!(
///     masked("Template format error: YAML not well-formed. (line 3, column 5)"),
///     "Template format error: YAML not well-formed. (line 3, column 5)"
/// );
/// ```
pub fn masked_message(message: &SecretValue, template: Option<&Template>) -> String {
    let shown = template.map(shown_words).unwrap_or_default();
    let mut parts: Vec<String> = Vec::new();
    let mut before = String::new();
    for word in message.expose().split_whitespace() {
        let core = word.trim_matches(|character: char| !character.is_alphanumeric());
        let is_place = core.bytes().all(|byte| byte.is_ascii_digit())
            && ["line", "column"].contains(&before.as_str());
        let is_punctuation = core.is_empty() && word.len() <= 2;
        let is_known = !core.is_empty() && words(core).all(|part| is_shown(part, &shown));
        let part = if is_place || is_punctuation || is_known {
            word.to_owned()
        } else {
            MASK.to_owned()
        };
        if part != MASK || parts.last().is_none_or(|last| last != MASK) {
            parts.push(part);
        }
        before = core.to_lowercase();
    }
    parts.join(" ")
}

/// Words of the language are compared without regard to case, words of the template exactly.
fn is_shown(word: &str, shown: &BTreeSet<String>) -> bool {
    let lower = word.to_lowercase();
    WORDS.split(' ').any(|known| known == lower) || shown.contains(word)
}

/// The parts of a text that are made of letters and digits.
///
/// `AWS::ECS::Service` → `AWS`, `ECS`, `Service`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Returns the words of a template that no mask covers.
fn shown_words(template: &Template) -> BTreeSet<String> {
    let hidden = hidden_spans(template);
    let is_hidden = |start: u32, end: u32| {
        hidden
            .iter()
            .any(|span| span.start < end && start < span.end)
    };
    let mut found = BTreeSet::new();
    for node in template.nodes() {
        if let Some(text) = node
            .text()
            .filter(|_| !is_hidden(node.span().start, node.span().end))
        {
            found.extend(words(&text).map(str::to_owned));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_language_of_messages_and_names_are_shown() {
        let template = Template::parse(
            "Resources:\n  Web: {Type: 'AWS::ECS::TaskDefinition', Properties: {Environment: [{Name: A, Value: CANARY}]}}\n",
        )
        .unwrap();
        let masked =
            |text: &str| masked_message(&SecretValue::new(text.to_owned()), Some(&template));
        for text in [
            "Template format error: Unresolved resource dependencies [Web] in the Resources block of the template",
            "Template format error: YAML not well-formed. (line 3, column 17)",
            "Invalid template resource property 'Environment' of AWS::ECS::TaskDefinition",
        ] {
            assert_eq!(masked(text), text);
        }
        assert_eq!(
            masked("value 'CANARY and CANARY-2' at 12345"),
            "value ****** and ****** at ******"
        );
        assert_eq!(masked("error: xCANARYx CANARY p@ss 77"), "error: ******");
        assert_eq!(masked("!!!! ++"), "****** ++");
    }
}
