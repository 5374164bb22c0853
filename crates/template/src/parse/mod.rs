//! Parsing of text into a tree: strict JSON if the text is that, otherwise YAML as CloudFormation
//! reads it.
//!
//! Three parsers share one [`build::Builder`], which owns the arena and the stack of open
//! collections:
//!
//! - the block parser (`block`, `value`, `text_block`) works line by line;
//! - the flow parser (`flow`) works token by token within brackets;
//! - the JSON parser (`json`) is strict and needs no look-ahead.
//!
//! None of them recurses, and each byte is read a bounded number of times, so that a hostile text
//! costs no more than an honest one of the same size. Scalars are only delimited here. Their
//! meaning is computed by `scalar` when it is asked for.

mod block;
mod build;
mod characters;
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

/// The maximum size of a text, so that offsets fit into 32 bits with room to spare.
const MAX_BYTES: usize = 1 << 30;

/// The first error in a text that is not a valid template.
///
/// Messages never contain a part of the text, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// The position of the error, often an empty span.
    pub span: Span,
    /// The problem, in one line.
    pub message: &'static str,
    /// The solution, as an instruction.
    pub help: &'static str,
}

impl ParseError {
    /// Creates an error at an offset.
    fn at(offset: usize, message: &'static str, help: &'static str) -> Self {
        Self {
            span: Span::from(offset..offset),
            message,
            help,
        }
    }
}

/// Parses a text; see [`Template::parse`].
pub(crate) fn parse(text: Arc<str>) -> Result<Template, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::at(
            0,
            "the text is larger than 1 GiB",
            "CloudFormation takes templates of up to 1,000,000 bytes",
        ));
    }
    let start = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let begins_like_json = text[start..]
        .trim_start_matches([' ', '\t', '\r', '\n'])
        .starts_with('{');
    if !begins_like_json {
        return yaml(&text, start).map(|builder| builder.finish(Arc::clone(&text), Syntax::Yaml));
    }
    let strict = json::parse(&text, start);
    let error = match strict {
        Ok(builder) => return Ok(builder.finish(text, Syntax::Json)),
        Err(error) => error,
    };
    // Comments, trailing commas or plain keys make this YAML, which CloudFormation reads too.
    match yaml(&text, start) {
        Ok(builder) => Ok(builder.finish(text, Syntax::Yaml)),
        // Report the error of the parser that got further: it is the more likely language.
        Err(yaml_error) if yaml_error.span.start > error.span.start => Err(yaml_error),
        Err(_) => Err(error),
    }
}

/// Parses a text as YAML.
fn yaml(text: &str, start: usize) -> Result<Builder, ParseError> {
    characters::check(text, start)?;
    let parsed = block::parse(text, start);
    parsed.map_err(|error| templating(text, error))
}

/// Replaces the help of an error if the text looks like the source of a templating engine, which
/// explains most errors in such a text.
fn templating(text: &str, error: ParseError) -> ParseError {
    let before_and_line = {
        let offset = error.span.start as usize;
        let end = text[offset..]
            .find('\n')
            .map_or(text.len(), |length| offset + length);
        &text[..end]
    };
    let is_templating = before_and_line.contains("{%")
        || before_and_line.contains("{{") && !before_and_line.contains("{{resolve:");
    if !is_templating {
        return error;
    }
    ParseError {
        help: "this looks like a template of an engine such as Jinja or Go templates: render it first",
        ..error
    }
}
