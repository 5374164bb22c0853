//! Masks of texts that could not be parsed.

use byref_template::Span;

/// Returns the parts of a text that is not a template which may be secret, in order: everything but
/// indentation, dashes, keys with their colons, and punctuation.
pub fn hidden_in_unparsed(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let body = content.trim_start_matches([' ', '\t', '-']);
        let body_start = content.len() - body.len();
        let key_end = [": ", ":\t", "\": "]
            .iter()
            .filter_map(|colon| body.find(colon).map(|at| at + colon.len()))
            .min();
        let is_key = |key: &str| {
            key.len() <= 130
                && key
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_:.\"'<? ".contains(&byte))
                && !key.trim().contains(' ')
        };
        let from = match key_end {
            Some(end) if is_key(&body[..end]) => body_start + end,
            None if body.ends_with(':') && is_key(body) => content.len(),
            _ => body_start,
        };
        let is_punctuation = content[from..]
            .bytes()
            .all(|byte| byte.is_ascii_punctuation() || byte == b' ');
        if !is_punctuation {
            spans.push(Span::from(start + from..start + content.len()));
        }
        start += line.len();
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_text_shows_only_its_keys() {
        let text = "Environment:\n  - Name: CANARY\n    Value: \"CANARY\n  CANARY\n  ]\n";
        let mut shown = text.to_owned();
        for span in hidden_in_unparsed(text).iter().rev() {
            shown.replace_range(span.range(), "******");
        }
        assert_eq!(
            shown,
            "Environment:\n  - Name: ******\n    Value: ******\n  ******\n  ]\n"
        );
    }
}
