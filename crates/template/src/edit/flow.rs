//! Elements of flow collections, including JSON.
//!
//! Elements are separated by commas, so an edit must keep exactly one comma between two elements,
//! and in JSON none after the last. Comments need care as well: a closing bracket must not end up
//! inside one.

use super::block::neighbour_quote;
use super::extent::{Element, elements};
use super::render::{FirstLine, Renderer};
use super::style::{Quote, indentation, is_first_on_line};
use super::{Build, TextEdit};
use crate::span::Span;
use crate::tree::NodeRef;

/// The layout of the elements.
#[derive(Clone, Copy)]
enum Layout {
    /// All on one line, with this separator.
    Line(&'static str),
    /// Each on a line of its own, at this indentation.
    Lines(usize),
}

impl<'t> Renderer<'t> {
    /// Returns the edits of a flow collection that loses or gains elements.
    ///
    /// Every removal ends where the next remaining element begins, so that the separator of the
    /// removed element goes with it. Only the last elements take the separator before them instead:
    ///
    /// - `[a, b, c]` without `a` is `[b, c]`: the bytes `a, ` are removed;
    /// - `[a, b, c]` without `c` is `[a, b]`: the bytes `, c` are removed;
    /// - `[a]` without `a` is `[]`.
    pub(super) fn flow_edits(&self, collection: NodeRef<'t>) -> Vec<TextEdit> {
        let elements = elements(collection);
        if elements.is_empty() {
            return Vec::new();
        }
        let layout = self.layout(&elements);
        let quote = neighbour_quote(&elements);
        let appended = self
            .changes
            .appended
            .get(&collection.id())
            .into_iter()
            .flatten();
        let appended: Vec<String> = appended
            .map(|build| self.flow_element(build, layout, quote))
            .collect();
        let inserted = |element: &Element<'_>| -> Vec<String> {
            let builds = self
                .changes
                .inserted
                .get(&element.node.id())
                .into_iter()
                .flatten();
            builds
                .map(|(key, value)| self.flow_pair(key, value, layout))
                .collect()
        };
        let stays = |element: &Element<'_>| {
            !self.is_removed(element) || self.changes.inserted.contains_key(&element.node.id())
        };
        if !elements.iter().any(stays) {
            return vec![self.all_go(collection, &elements, &appended, layout)];
        }
        let mut edits = Vec::new();
        let mut index = 0;
        while index < elements.len() {
            let element = &elements[index];
            let new = inserted(element);
            if stays(element) {
                match (self.is_removed(element), new.is_empty()) {
                    (true, _) => edits.push(edit(
                        element.start,
                        element.end,
                        new.join(&self.between(layout)),
                    )),
                    (false, false) => {
                        edits.extend(self.after(element, &elements[index + 1..], &new, layout));
                    }
                    (false, true) => {}
                }
                index += 1;
                continue;
            }
            let next = (index..elements.len()).find(|next| stays(&elements[*next]));
            match next {
                Some(next) => edits.push(edit(
                    self.with_comments_above(
                        element,
                        index.checked_sub(1).map(|before| elements[before].end),
                    ),
                    self.token_before(&elements[next], elements[next - 1].end),
                    String::new(),
                )),
                None if appended.is_empty() => edits.extend(self.tail_goes(&elements, index)),
                None => edits.push(self.tail_replaced(&elements, index, &appended, layout)),
            }
            index = next.unwrap_or(elements.len());
        }
        if let Some(last) = elements
            .last()
            .filter(|last| stays(last) && !appended.is_empty())
        {
            edits.extend(self.at_end(last.end, &appended.join(&self.between(layout)), layout));
        }
        edits
    }

    /// Returns the layout of a collection, judging by its last element.
    fn layout(&self, elements: &[Element<'_>]) -> Layout {
        let last = elements
            .last()
            .filter(|last| is_first_on_line(self.template, last.start));
        match last {
            Some(last) => Layout::Lines(indentation(self.template, last.start)),
            None if self.is_minified => Layout::Line(","),
            None => Layout::Line(", "),
        }
    }

    /// Returns the text between two elements.
    fn between(&self, layout: Layout) -> String {
        match layout {
            Layout::Line(separator) => separator.to_owned(),
            Layout::Lines(at) => format!(",{}{}", self.style.newline, self.blanks(at)),
        }
    }

    /// Returns an indentation in the style of the file. JSON may be indented with tabs.
    fn blanks(&self, columns: usize) -> String {
        let with_tabs = self.template.text.contains("\n\t");
        if with_tabs {
            "\t".repeat(columns)
        } else {
            " ".repeat(columns)
        }
    }

    /// Returns the text of a new item.
    fn flow_element(&self, build: &Build, layout: Layout, quote: Quote) -> String {
        match layout {
            Layout::Line(_) => self.write_flow(build, quote),
            Layout::Lines(at) => self.lines_at(&self.write_flow_lines(build, quote), at),
        }
    }

    /// Joins lines at an indentation, converting it to tabs if the file uses them.
    fn lines_at(&self, lines: &[String], at: usize) -> String {
        if !self.template.text.contains("\n\t") {
            return self.joined(lines, at, FirstLine::Inline);
        }
        let tabbed = |line: &String| {
            let text = line.trim_start_matches(' ');
            let levels = (line.len() - text.len()) / self.style.indent.max(1);
            format!("{}{text}", "\t".repeat(levels))
        };
        let lines: Vec<String> = lines.iter().map(tabbed).collect();
        lines.join(&format!("{}{}", self.style.newline, self.blanks(at)))
    }

    /// Returns the text of a new entry, without braces.
    fn flow_pair(&self, key: &str, value: &Build, layout: Layout) -> String {
        match layout {
            Layout::Line(_) => self.flow_entry(key, value, Quote::Plain),
            Layout::Lines(at) => {
                self.lines_at(&self.flow_entry_lines(key, value, Quote::Plain), at)
            }
        }
    }

    /// Returns the offset of the comma between an element and the next one, skipping comments.
    fn comma_after(&self, end: usize) -> Option<usize> {
        let text = &self.template.text;
        let mut position = end;
        loop {
            let rest = &text[position..];
            position += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
            match text.as_bytes().get(position) {
                Some(b',') => return Some(position),
                Some(b'#') => {
                    position = text[position..]
                        .find(['\n', '\r'])
                        .map_or(text.len(), |length| position + length);
                }
                _ => return None,
            }
        }
    }

    /// Returns the start of an element including the comment lines above it. A comment after the
    /// comma of the element before belongs to that element.
    fn with_comments_above(&self, element: &Element<'_>, before: Option<usize>) -> usize {
        let after = before
            .and_then(|end| self.comma_after(end))
            .map(|comma| self.with_comment(comma + 1));
        self.first_comment_after(after.unwrap_or(element.start), element.start)
    }

    /// Returns the start of the next element including its comment lines.
    fn token_before(&self, next: &Element<'_>, before: usize) -> usize {
        let after = self
            .comma_after(before)
            .map_or(before, |comma| self.with_comment(comma + 1));
        self.first_comment_after(after, next.start)
    }

    /// Returns the start of the first comment between two offsets, or the second offset.
    fn first_comment_after(&self, start: usize, end: usize) -> usize {
        let text = self.template.text.get(start..end).unwrap_or_default();
        let blanks = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r', ',']).len();
        if text[blanks..].starts_with('#') {
            start + blanks
        } else {
            end
        }
    }

    /// Returns the edits that remove the last elements, from `index` on, together with the comma
    /// before them. A comment after that comma stays.
    ///
    /// If the closing bracket is on the same line, it would end up in that comment. The line break
    /// before the removed element then stays as well.
    fn tail_goes(&self, elements: &[Element<'_>], index: usize) -> Vec<TextEdit> {
        let last = &elements[elements.len() - 1];
        let start = elements[index - 1].end;
        let end = self.tail_end(last.end);
        let Some(comma) = self
            .comma_after(start)
            .filter(|comma| *comma < elements[index].start)
        else {
            return vec![edit(start, end, String::new())];
        };
        let comment_end = self.with_comment(comma + 1);
        if comment_end > comma + 1 {
            // The closing bracket must not end up in the comment.
            let rest = &self.template.text[end..];
            let is_closed_below = rest
                .trim_start_matches([' ', '\t'])
                .starts_with(['\n', '\r']);
            let from = if is_closed_below {
                comment_end
            } else {
                elements[index].start
            };
            return vec![
                edit(comma, comma + 1, String::new()),
                edit(from, end, String::new()),
            ];
        }
        vec![edit(start, end, String::new())]
    }

    /// Returns the end of the last element including the comment on its line, unless a comma
    /// follows.
    fn tail_end(&self, end: usize) -> usize {
        match self.comma_after(end) {
            Some(_) => end,
            None => self.with_comment(end),
        }
    }

    /// Returns the edit that removes all elements and inserts the new ones.
    fn all_go(
        &self,
        collection: NodeRef<'_>,
        elements: &[Element<'_>],
        appended: &[String],
        layout: Layout,
    ) -> TextEdit {
        let inner = collection.span();
        if appended.is_empty() {
            return edit(
                inner.start as usize + 1,
                inner.end as usize - 1,
                String::new(),
            );
        }
        let (first, last) = (elements[0].start, elements[elements.len() - 1].end);
        edit(
            self.with_comments_above(&elements[0], None).min(first),
            last,
            appended.join(&self.between(layout)),
        )
    }

    /// Returns the edits that insert elements after one that stays.
    fn after(
        &self,
        element: &Element<'_>,
        others: &[Element<'_>],
        new: &[String],
        layout: Layout,
    ) -> Vec<TextEdit> {
        let text = new.join(&self.between(layout));
        if others.is_empty() {
            return self.at_end(element.end, &text, layout);
        }
        let comma = self.comma_after(element.end).unwrap_or(element.end);
        let place = self.with_comment(comma + 1);
        let between = self.between(layout);
        vec![edit(
            place,
            place,
            format!("{}{text},", between.trim_start_matches(',')),
        )]
    }

    /// Returns the edit that replaces the last elements, from `index` on, keeping the comma before
    /// them.
    fn tail_replaced(
        &self,
        elements: &[Element<'_>],
        index: usize,
        new: &[String],
        layout: Layout,
    ) -> TextEdit {
        let before = elements[index - 1].end;
        let place = self
            .comma_after(before)
            .map_or(before, |comma| self.with_comment(comma + 1));
        let between = self.between(layout);
        edit(
            place,
            self.tail_end(elements[elements.len() - 1].end),
            format!("{}{}", between.trim_start_matches(','), new.join(&between)),
        )
    }

    /// Returns the edits that append text after the last element. The new comma goes before the
    /// comment of that element, and the text after it:
    ///
    /// ```yaml
    /// [
    ///   a, # first
    ///   b  # last      -> `b,  # last`, and the new element on the next line
    /// ]
    /// ```
    fn at_end(&self, end: usize, text: &str, layout: Layout) -> Vec<TextEdit> {
        let between = self.between(layout);
        let between = between.trim_start_matches(',');
        if let Some(comma) = self.comma_after(end) {
            let place = self.with_comment(comma + 1);
            return vec![edit(place, place, format!("{between}{text},"))];
        }
        let place = self.with_comment(end);
        if place == end {
            return vec![edit(end, end, format!(",{between}{text}"))];
        }
        vec![
            edit(end, end, ",".to_owned()),
            edit(place, place, format!("{between}{text}")),
        ]
    }
}

/// Creates an edit.
fn edit(start: usize, end: usize, text: String) -> TextEdit {
    TextEdit {
        span: Span::from(start..end),
        text,
    }
}
