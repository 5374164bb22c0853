//! Replacement of a value by another one, with the comment on its line.
//!
//! The old and the new value may differ in shape: a text on the line of its key may become lines
//! below it, and lines may become a text. The comment stays on the line of the key in either case.

use super::extent::text_end;
use super::render::{FirstLine, Renderer};
use super::style::{Quote, column, indentation};
use super::write::Written;
use super::{Build, TextEdit};
use crate::span::Span;
use crate::tree::{Kind, NodeRef};

impl<'t> Renderer<'t> {
    /// Returns the edit that replaces a value.
    ///
    /// A value may move to the lines below its key, or up to the line of the key. The comment on
    /// that line stays there:
    ///
    /// ```yaml
    /// Value: x # why      Value: !Sub # why      Value: # why
    ///                       - a                     Ref: X
    /// ```
    pub(super) fn replacement(&self, value: NodeRef<'_>, build: &Build) -> TextEdit {
        let quote = match value.kind() {
            Kind::SingleQuoted => Quote::Single,
            Kind::DoubleQuoted => Quote::Double,
            _ => Quote::Plain,
        };
        let span = value.full_span();
        let is_in_flow = value.parent().is_some_and(|parent| parent.kind().is_flow());
        let is_empty = span.is_empty();
        if is_in_flow {
            let has_lines = value
                .parent()
                .is_some_and(|parent| parent.raw().contains('\n'));
            let text = if has_lines && matches!(build, Build::Sequence(_) | Build::Mapping(_)) {
                self.joined(
                    &self.write_flow_lines(build, quote),
                    indentation(self.template, span.start as usize),
                    FirstLine::Inline,
                )
            } else {
                self.write_flow(build, quote)
            };
            let prefix = match (is_empty, value.indicator()) {
                (true, Some(_)) => " ",
                (true, None) if !is_item(value) => ": ",
                _ => "",
            };
            return TextEdit {
                span,
                text: format!("{prefix}{text}"),
            };
        }
        let after_indicator = value
            .indicator()
            .map_or(span.start, |indicator| indicator + 1);
        let between = &self.template.text[after_indicator as usize..span.start as usize];
        let is_inline = !is_empty && !between.contains(['\n', '\r']);
        let text_end = if is_empty {
            after_indicator as usize
        } else {
            text_end(value)
        };
        let (end, comment) = self.end_and_comment(value, text_end);
        let written = self.write_block(build, quote);
        let (prefix, start) = if is_inline {
            ("", span.start)
        } else {
            (" ", after_indicator)
        };
        match written {
            Written::Inline(text) => {
                // The comment stays where it is.
                let end = end - u32::try_from(comment.len()).unwrap_or(0);
                TextEdit {
                    span: Span::new(start, end),
                    text: format!("{prefix}{text}"),
                }
            }
            Written::Tagged(tag, lines) => {
                let below =
                    self.joined(&lines, self.column_below(value, build), FirstLine::Indented);
                let text = format!("{prefix}{tag}{comment}{}{below}", self.style.newline);
                TextEdit {
                    span: Span::new(start, end),
                    text,
                }
            }
            Written::Lines(lines) if is_item(value) => {
                let column = if is_inline {
                    column(self.template, span.start as usize)
                } else {
                    self.column_below(value, build)
                };
                TextEdit {
                    span: Span::new(start, end),
                    text: format!("{prefix}{}", self.joined(&lines, column, FirstLine::Inline)),
                }
            }
            Written::Lines(lines) => {
                let below =
                    self.joined(&lines, self.column_below(value, build), FirstLine::Indented);
                let text = format!("{comment}{}{below}", self.style.newline);
                TextEdit {
                    span: Span::new(after_indicator, end),
                    text,
                }
            }
        }
    }

    /// Returns the end of a value to replace, including the comment on its line, and that comment
    /// with the spaces before it if it stays.
    fn end_and_comment(&self, value: NodeRef<'_>, text_end: usize) -> (u32, &'t str) {
        let end = self.with_comment(text_end);
        // The comment on the last line of a collection belongs to its last element.
        let is_of_element =
            !value.kind().is_scalar() && value.raw().trim_end().contains(['\n', '\r']);
        let goes = is_of_element || self.changes.uncommented.contains(&value.id());
        let comment = if goes {
            ""
        } else {
            &self.template.text[text_end..end]
        };
        (u32::try_from(end).unwrap_or(value.full_span().end), comment)
    }

    /// Returns the column of lines below a key or a dash.
    fn column_below(&self, value: NodeRef<'_>, build: &Build) -> usize {
        let outer = value.parent().map_or(0, |parent| {
            column(self.template, parent.span().start as usize)
        });
        let deeper = if is_item(value) {
            2
        } else if matches!(build, Build::Sequence(_)) {
            self.style.list_indent
        } else {
            self.style.indent
        };
        outer + deeper
    }
}

/// Returns `true` if a value is an item of a sequence.
fn is_item(value: NodeRef<'_>) -> bool {
    value
        .parent()
        .is_some_and(|parent| parent.kind().is_sequence())
}
