//! Text to tree: strict JSON where the text is that, else YAML as CloudFormation reads it.
//!
//! Three parts share one [`build::Builder`]: the block parser goes line by line with a stack of open
//! collections, the flow parser goes from token to token with the same stack, and the JSON parser is strict.
//! None of them recurses, and each byte is looked at a bounded number of times.

mod block;
mod build;
mod flow;
mod json;
mod scan;
mod text_block;
mod value;

use std::sync::Arc;

use crate::span::Span;
use crate::tree::{Syntax, Template};
use build::Builder;
pub(crate) use scan::hexadecimal;

/// More text than this is refused, so that offsets fit into 32 bits with room to spare.
const MAX_BYTES: usize = 1 << 30;

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// Where.
    pub span: Span,
    /// What is wrong, in one line; holds nothing of the text.
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
}

impl ParseError {
    fn at(offset: usize, message: &'static str, help: &'static str) -> Self {
        Self { span: Span::from(offset..offset), message, help }
    }
}

pub(crate) fn parse(text: Arc<str>) -> Result<Template, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::at(
            0,
            "the text is larger than 1 GiB",
            "CloudFormation takes templates of up to 1,000,000 bytes",
        ));
    }
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let begins_like_json = text[start..].trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{');
    if !begins_like_json {
        return yaml(&text, start).map(|builder| builder.finish(Arc::clone(&text), Syntax::Yaml));
    }
    let strict = json::parse(&text, start);
    let error = match strict {
        Ok(builder) => return Ok(builder.finish(text, Syntax::Json)),
        Err(error) => error,
    };
    // Comments, trailing commas or plain keys: CloudFormation reads this as YAML.
    match yaml(&text, start) {
        Ok(builder) => Ok(builder.finish(text, Syntax::Yaml)),
        // Whichever reading got further is the one that was meant.
        Err(yaml_error) if yaml_error.span.start > error.span.start => Err(yaml_error),
        Err(_) => Err(error),
    }
}

fn yaml(text: &str, start: usize) -> Result<Builder, ParseError> {
    scan::check_characters(text, start)?;
    let parsed = block::parse(text, start);
    parsed.map_err(|error| templating(text, error))
}

/// A template of a templating engine explains most errors that it causes.
fn templating(text: &str, error: ParseError) -> ParseError {
    let before_and_line = {
        let offset = error.span.start as usize;
        let end = text[offset..].find('\n').map_or(text.len(), |length| offset + length);
        &text[..end]
    };
    let is_templating =
        before_and_line.contains("{%") || before_and_line.contains("{{") && !before_and_line.contains("{{resolve:");
    if !is_templating {
        return error;
    }
    ParseError {
        help: "this looks like a template of an engine such as Jinja or Go templates: render it first",
        ..error
    }
}
