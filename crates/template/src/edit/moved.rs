//! The text of items that move to another place.
//!
//! A moved item keeps the bytes of the source, with the changes inside it. Only its indentation is
//! adjusted to the new place, and an item that moves from lines into brackets is written anew (see
//! `reflow`).

use super::extent::{Element, line_extent, text_end};
use super::reflow;
use super::render::Renderer;
use super::style::{column, indentation, is_first_on_line};
use super::write::{dedent, indented};
use crate::tree::NodeRef;

impl<'t> Renderer<'t> {
    /// Returns the lines of a moved item, from its comments to its end, with its dash and relative
    /// to its column.
    pub(super) fn moved_lines(&self, item: NodeRef<'t>) -> Vec<String> {
        let Some(dash) = item
            .indicator()
            .filter(|_| item.parent().is_some_and(|parent| !parent.kind().is_flow()))
        else {
            let mut lines = self.moved_flow_lines(item);
            for line in lines.iter_mut().skip(1) {
                *line = indented(line, 2);
            }
            if let Some(first) = lines.first_mut() {
                *first = format!("- {first}");
            }
            return lines;
        };
        let element = Element {
            node: item,
            value: item,
            start: dash as usize,
            end: text_end(item).max(dash as usize + 1),
        };
        let (start, end) = line_extent(self.template, &element, self.floor(item.parent()));
        let column = column(self.template, element.start);
        let starts_line = start != element.start || is_first_on_line(self.template, start);
        let text = self.part(item, start, end);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let lines = text.split('\n').map(|line| self.without_return(line));
        let relative = |(index, line): (usize, &str)| {
            if index == 0 && !starts_line {
                line.to_owned()
            } else {
                dedent(line, column)
            }
        };
        lines.enumerate().map(relative).collect()
    }

    /// Returns a line without the carriage return that the line ends of the file will add again.
    /// Other carriage returns are part of the text.
    fn without_return<'l>(&self, line: &'l str) -> &'l str {
        if self.style.newline == "\r\n" {
            line.strip_suffix('\r').unwrap_or(line)
        } else {
            line
        }
    }

    /// Returns a moved item inside brackets on one line.
    pub(super) fn moved_flow(&self, item: NodeRef<'t>) -> String {
        let span = item.full_span().range();
        let is_one_line = !self.template.text[span.clone()].contains(['\n', '\r']);
        let is_flow =
            item.kind().is_flow() || item.parent().is_some_and(|parent| parent.kind().is_flow());
        if is_flow && is_one_line {
            self.part(item, span.start, span.end)
        } else {
            reflow::flow_text(&self.expected_of(item))
        }
    }

    /// Returns a moved item inside brackets with its own lines, relative to the indentation of the
    /// first.
    pub(super) fn moved_flow_lines(&self, item: NodeRef<'t>) -> Vec<String> {
        let span = item.full_span().range();
        if !item.kind().is_flow() && !item.parent().is_some_and(|parent| parent.kind().is_flow()) {
            return vec![reflow::flow_text(&self.expected_of(item))];
        }
        let columns = indentation(self.template, span.start);
        let text = self.part(item, span.start, span.end);
        let lines = text.split('\n').map(|line| self.without_return(line));
        lines
            .enumerate()
            .map(|(index, line)| {
                if index == 0 {
                    line.to_owned()
                } else {
                    dedent_any(line, columns)
                }
            })
            .collect()
    }
}

/// Removes up to `columns` leading spaces or tabs. JSON is often indented with tabs.
fn dedent_any(line: &str, columns: usize) -> String {
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    line[blanks.min(columns)..].to_owned()
}
