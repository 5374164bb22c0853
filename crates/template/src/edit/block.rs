//! Elements of block collections.
//!
//! A block element occupies whole lines, so removing and adding one means removing and adding
//! lines. Three places need care:
//!
//! - the first element of a mapping in a sequence shares its line with the dash;
//! - a text without a final line break has no line end to insert after;
//! - blank lines after a block scalar would become part of its text.

use super::extent::{Element, First, elements, line_extent, without_double_blank};
use super::render::{FirstLine, Renderer};
use super::style::{Quote, column, indentation, is_first_on_line, line_start};
use super::write::indented;
use super::{Build, TextEdit};
use crate::span::Span;
use crate::tree::{Kind, NodeRef};

impl<'t> Renderer<'t> {
    /// Returns the edits of a block collection that loses or gains elements.
    ///
    /// Consecutive removals become one edit, so that edits never touch each other:
    ///
    /// ```yaml
    /// Environment:
    /// - Name: HOST       # stays
    ///   Value: db
    /// # the old one
    /// - Name: TOKEN      # removed with the comment line above
    ///   Value: x
    ///
    /// - Name: KEY        # removed in the same edit
    ///   Value: y
    /// ```
    pub(super) fn block_edits(&self, collection: NodeRef<'t>) -> Vec<TextEdit> {
        let elements = elements(collection);
        let Some(first) = elements.first() else {
            return Vec::new();
        };
        let floor = self.floor(Some(collection));
        let extents: Vec<(usize, usize)> = elements
            .iter()
            .map(|element| self.extent(element, floor))
            .collect();
        let at = column(self.template, first.start);
        let quote = neighbour_quote(&elements);
        let is_spaced = is_spaced(&self.template.text, &elements, &extents);
        let new_lines = |element: &Element<'_>| -> Vec<String> {
            let mut lines = Vec::new();
            for (key, value) in self
                .changes
                .inserted
                .get(&element.node.id())
                .into_iter()
                .flatten()
            {
                if is_spaced && matches!(value, Build::Mapping(_)) && !self.is_removed(element) {
                    lines.push(String::new());
                }
                lines.extend(self.entry_lines(key, value, entry_quote(value, quote)));
            }
            lines
        };
        let appended: Vec<String> = self.appended_lines(collection, &elements, quote);
        let kept = elements.iter().position(|element| {
            !self.is_removed(element) || self.changes.inserted.contains_key(&element.node.id())
        });
        let mut edits = Vec::new();
        let mut next = 0;
        if !is_first_on_line(self.template, first.start)
            && self.is_removed(first)
            && kept != Some(0)
        {
            let Some(kept) = kept else {
                return vec![self.replace_compact(first, &extents, &appended, at)];
            };
            // The next remaining element moves up to the dash.
            let start = extents[kept].0;
            edits.push(edit(
                first.start,
                start + indentation(self.template, start),
                String::new(),
            ));
            next = kept;
        }
        if kept.is_none() && appended.is_empty() {
            return vec![self.emptied(collection, &extents)];
        }
        while next < elements.len() {
            let (index, element, (start, end)) = (next, &elements[next], extents[next]);
            let lines = new_lines(element);
            next += 1;
            match (self.is_removed(element), lines.is_empty()) {
                (true, true) => {
                    let mut end = end;
                    while next < elements.len()
                        && self.goes_with(&elements[next], end, extents[next].0)
                    {
                        end = extents[next].1;
                        next += 1;
                    }
                    // Blank lines after a block scalar would become part of its text.
                    let before_ends_in_block = index
                        .checked_sub(1)
                        .is_some_and(|before| ends_in_text_block(&elements[before]));
                    let is_first = if index == 0 || before_ends_in_block {
                        First::Yes
                    } else {
                        First::No
                    };
                    let has_next = next < elements.len();
                    let end = if has_next {
                        without_double_blank(self.template, start, end, is_first)
                    } else {
                        end
                    };
                    let before = index.checked_sub(1).map(|before| &elements[before]);
                    edits.push(self.without_lines(before, start, end));
                }
                (true, false)
                    if start == element.start && !is_first_on_line(self.template, start) =>
                {
                    edits.push(edit(
                        start,
                        self.with_comment(element.end),
                        self.joined(&lines, at, FirstLine::Inline),
                    ));
                }
                (true, false) => edits.push(edit(start, end, self.full_lines(&lines, at, end))),
                (false, false) => edits.push(self.with_lines(end, &lines, at)),
                (false, true) => {}
            }
        }
        if let Some(last) = extents.last().filter(|_| !appended.is_empty()) {
            edits.push(self.with_lines(last.1, &appended, at));
        }
        edits
    }

    /// Returns the lines of an element, without the comment lines above it that must stay.
    fn extent(&self, element: &Element<'_>, floor: Option<usize>) -> (usize, usize) {
        let (start, end) = line_extent(self.template, element, floor);
        let stays = self.changes.headed.contains(&element.node.id())
            && is_first_on_line(self.template, element.start);
        (
            if stays {
                line_start(self.template, element.start)
            } else {
                start
            },
            end,
        )
    }

    /// Returns `true` if an element is removed together with the one before it, with only blank
    /// lines between them. Their lines are then removed in one edit.
    fn goes_with(&self, element: &Element<'_>, end: usize, start: usize) -> bool {
        let is_removed =
            self.is_removed(element) && !self.changes.inserted.contains_key(&element.node.id());
        is_removed
            && self.template.text[end..start]
                .bytes()
                .all(|byte| byte.is_ascii_whitespace())
    }

    /// Joins lines for a place that ends where a line ends.
    fn full_lines(&self, lines: &[String], at: usize, end: usize) -> String {
        let ends_with_break = self.template.text[..end].ends_with(['\n', '\r']);
        let last_break = if ends_with_break {
            self.style.newline
        } else {
            ""
        };
        format!(
            "{}{last_break}",
            self.joined(lines, at, FirstLine::Indented)
        )
    }

    /// Returns the edit that inserts lines at the start of a line, or at the end of a text without
    /// a final line break.
    fn with_lines(&self, position: usize, lines: &[String], at: usize) -> TextEdit {
        let is_at_line_start = self.template.text[..position].ends_with(['\n', '\r']);
        let text = self.joined(lines, at, FirstLine::Indented);
        let newline = self.style.newline;
        edit(
            position,
            position,
            if is_at_line_start {
                format!("{text}{newline}")
            } else {
                format!("{newline}{text}")
            },
        )
    }

    /// Returns the edit that removes lines. At the end of a text without a final line break, it
    /// removes the break before them instead, unless that break belongs to a block scalar.
    fn without_lines(&self, before: Option<&Element<'_>>, start: usize, end: usize) -> TextEdit {
        let text = &self.template.text;
        let follows_text_block = before.is_some_and(ends_in_text_block);
        if follows_text_block || end < text.len() || text.ends_with(['\n', '\r']) || start == 0 {
            return edit(start, end, String::new());
        }
        let before = text[..start]
            .strip_suffix("\r\n")
            .or_else(|| text[..start].strip_suffix(['\n', '\r']));
        edit(before.map_or(start, str::len), end, String::new())
    }

    /// Returns the edit for a collection that begins after a dash and loses all of its elements:
    /// new elements, or an empty collection, take their place.
    ///
    /// `- Name: TOKEN` becomes `- {}`, since a bare dash would be a null item.
    fn replace_compact(
        &self,
        first: &Element<'_>,
        extents: &[(usize, usize)],
        appended: &[String],
        at: usize,
    ) -> TextEdit {
        let end = extents.last().map_or(first.end, |extent| extent.1);
        let end = self.template.text[..end]
            .trim_end_matches(['\n', '\r'])
            .len();
        let empty = if first
            .node
            .parent()
            .is_some_and(|parent| parent.kind().is_mapping())
        {
            "{}"
        } else {
            "[]"
        };
        let text = if appended.is_empty() {
            empty.to_owned()
        } else {
            self.joined(appended, at, FirstLine::Inline)
        };
        edit(first.start, end, text)
    }

    /// Returns the edit for a collection that loses all of its elements and gains none: its key
    /// gets an empty collection.
    ///
    /// `Secrets:` with a list below becomes `Secrets: []`. A bare `Secrets:` would be null, which
    /// CloudFormation rejects in a property.
    fn emptied(&self, collection: NodeRef<'_>, extents: &[(usize, usize)]) -> TextEdit {
        let empty = if collection.kind().is_mapping() {
            " {}"
        } else {
            " []"
        };
        let (start, end) = (
            extents.first().map_or(0, |extent| extent.0),
            extents.last().map_or(0, |extent| extent.1),
        );
        let from = collection
            .tag_span()
            .map(|tag| tag.end)
            .or(collection.indicator().map(|indicator| indicator + 1));
        let Some(from) = from.map(|from| from as usize).filter(|from| *from <= start) else {
            return edit(start, end, empty.trim_start().to_owned());
        };
        // A comment on the line of the key stays with the key.
        let between = &self.template.text[from..start];
        let ends = self.template.text[..end].ends_with(['\n', '\r']);
        let between = if ends {
            between
        } else {
            between.trim_end_matches(['\n', '\r'])
        };
        edit(from, end, format!("{empty}{between}"))
    }

    /// Returns the lines of the elements to append. Mappings follow the layout of the last item.
    fn appended_lines(
        &self,
        collection: NodeRef<'t>,
        elements: &[Element<'_>],
        quote: Quote,
    ) -> Vec<String> {
        let Some(builds) = self.changes.appended.get(&collection.id()) else {
            return Vec::new();
        };
        let model = elements
            .iter()
            .rev()
            .map(|element| element.node)
            .find(|item| item.kind().is_mapping());
        let mut lines = Vec::new();
        for build in builds {
            match (build, model) {
                (Build::Mapping(_), Some(model)) if model.kind() == Kind::FlowMapping => {
                    let text = self.write_flow(build, quote);
                    let has_inner_blanks = model.raw().starts_with("{ ");
                    let inner = text.trim_start_matches('{').trim_end_matches('}');
                    lines.push(if has_inner_blanks {
                        format!("- {{ {inner} }}")
                    } else {
                        format!("- {text}")
                    });
                }
                (Build::Mapping(_), Some(model)) => {
                    lines.extend(self.like(model, self.item_lines(build, quote)));
                }
                _ => lines.extend(self.item_lines(build, quote)),
            }
        }
        lines
    }

    /// Reformats lines so that the distance between dash and key equals that of a neighbour: `-
    /// Name` below `-   Name`, and a dash on a line of its own below one.
    fn like(&self, model: NodeRef<'_>, lines: Vec<String>) -> Vec<String> {
        let Some(dash) = model.indicator().map(|dash| dash as usize) else {
            return lines;
        };
        let start = model.span().start as usize;
        let is_alone = self.template.text[dash..start].contains(['\n', '\r']);
        let (dash_column, key_column) = (column(self.template, dash), column(self.template, start));
        let offset = key_column.saturating_sub(dash_column).max(2);
        let content = lines
            .into_iter()
            .map(|line| line.get(2..).unwrap_or_default().to_owned());
        if is_alone {
            return std::iter::once("-".to_owned())
                .chain(content.map(|line| indented(&line, offset)))
                .collect();
        }
        let place = |(index, line): (usize, String)| {
            if index == 0 {
                format!("-{}", indented(&line, offset - 1))
            } else {
                indented(&line, offset)
            }
        };
        content.enumerate().map(place).collect()
    }
}

/// Returns `true` if all elements of a collection are separated by blank lines, like the resources
/// of many templates.
fn is_spaced(text: &str, elements: &[Element<'_>], extents: &[(usize, usize)]) -> bool {
    let is_blank = |pair: &[(usize, usize)]| {
        text[pair[0].1..pair[1].0]
            .trim_matches([' ', '\t'])
            .starts_with(['\n', '\r'])
    };
    elements.len() > 1 && extents.windows(2).all(is_blank)
}

/// Returns `true` if the last line of an element belongs to a block scalar.
fn ends_in_text_block(element: &Element<'_>) -> bool {
    element.value.span().end as usize > element.end
}

/// Returns the quotes of the last quoted or plain scalar in the neighbourhood.
pub(super) fn neighbour_quote(elements: &[Element<'_>]) -> Quote {
    let scalars = elements.iter().rev().flat_map(|element| {
        let inner: Vec<NodeRef<'_>> = element.value.entries().map(|entry| entry.value).collect();
        inner.into_iter().rev()
    });
    let kinds = scalars
        .map(NodeRef::kind)
        .find(|kind| matches!(kind, Kind::Plain | Kind::SingleQuoted | Kind::DoubleQuoted));
    match kinds {
        Some(Kind::SingleQuoted) => Quote::Single,
        Some(Kind::DoubleQuoted) => Quote::Double,
        _ => Quote::Plain,
    }
}

/// Returns the quotes for a new entry. Lists are quoted like their own moved texts, not like other
/// properties.
fn entry_quote(value: &Build, quote: Quote) -> Quote {
    if matches!(value, Build::Text(_)) {
        quote
    } else {
        Quote::Plain
    }
}

/// Creates an edit.
fn edit(start: usize, end: usize, text: String) -> TextEdit {
    TextEdit {
        span: Span::from(start..end),
        text,
    }
}
