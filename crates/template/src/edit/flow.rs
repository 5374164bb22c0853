//! Elements of flow collections, JSON among them: commas come and go with them.

use super::block::neighbour_quote;
use super::extent::{Element, elements};
use super::render::{FirstLine, Renderer};
use super::style::{Quote, indentation, is_first_on_line};
use super::{Build, TextEdit};
use crate::span::Span;
use crate::tree::NodeRef;

/// How the elements are laid out.
#[derive(Clone, Copy)]
enum Layout {
    /// On one line, with this between them.
    Line(&'static str),
    /// Each on lines of its own, at this indentation.
    Lines(usize),
}

impl<'t> Renderer<'t> {
    /// The edits of a flow collection that loses or gets elements.
    pub(super) fn flow_edits(&self, collection: NodeRef<'t>) -> Vec<TextEdit> {
        let elements = elements(collection);
        if elements.is_empty() {
            return Vec::new();
        }
        let layout = self.layout(&elements);
        let quote = neighbour_quote(&elements);
        let appended = self.changes.appended.get(&collection.id()).into_iter().flatten();
        let appended: Vec<String> = appended.map(|build| self.flow_element(build, layout, quote)).collect();
        let inserted = |element: &Element<'_>| -> Vec<String> {
            let builds = self.changes.inserted.get(&element.node.id()).into_iter().flatten();
            builds.map(|(key, value)| self.flow_pair(key, value, layout)).collect()
        };
        let stays =
            |element: &Element<'_>| !self.is_removed(element) || self.changes.inserted.contains_key(&element.node.id());
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
                    (true, _) => edits.push(edit(element.start, element.end, new.join(&self.between(layout)))),
                    (false, false) => edits.extend(self.after(element, &elements[index + 1..], &new, layout)),
                    (false, true) => {}
                }
                index += 1;
                continue;
            }
            let next = (index..elements.len()).find(|next| stays(&elements[*next]));
            match next {
                Some(next) => edits.push(edit(
                    self.with_comments_above(element, index.checked_sub(1).map(|before| elements[before].end)),
                    self.token_before(&elements[next], elements[next - 1].end),
                    String::new(),
                )),
                None if appended.is_empty() => edits.extend(self.tail_goes(&elements, index)),
                None => edits.push(self.tail_replaced(&elements, index, &appended, layout)),
            }
            index = next.unwrap_or(elements.len());
        }
        if let Some(last) = elements.last().filter(|last| stays(last) && !appended.is_empty()) {
            edits.extend(self.at_end(last.end, &appended.join(&self.between(layout)), layout));
        }
        edits
    }

    fn layout(&self, elements: &[Element<'_>]) -> Layout {
        let last = elements.last().filter(|last| is_first_on_line(self.template, last.start));
        match last {
            Some(last) => Layout::Lines(indentation(self.template, last.start)),
            None if self.is_minified => Layout::Line(","),
            None => Layout::Line(", "),
        }
    }

    fn between(&self, layout: Layout) -> String {
        match layout {
            Layout::Line(separator) => separator.to_owned(),
            Layout::Lines(at) => format!(",{}{}", self.style.newline, self.blanks(at)),
        }
    }

    /// Indentation as the file has it: JSON may be indented with tabs.
    fn blanks(&self, columns: usize) -> String {
        let with_tabs = self.template.text.contains("\n\t");
        if with_tabs { "\t".repeat(columns) } else { " ".repeat(columns) }
    }

    fn flow_element(&self, build: &Build, layout: Layout, quote: Quote) -> String {
        match layout {
            Layout::Line(_) => self.write_flow(build, quote),
            Layout::Lines(at) => self.lines_at(&self.write_flow_lines(build, quote), at),
        }
    }

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

    fn flow_pair(&self, key: &str, value: &Build, layout: Layout) -> String {
        match layout {
            Layout::Line(_) => {
                let mapping = Build::Mapping(vec![(key.to_owned(), value.clone())]);
                let text = self.write_flow(&mapping, Quote::Plain);
                text[1..text.len() - 1].to_owned()
            }
            Layout::Lines(at) => self.lines_at(&self.flow_entry_lines(key, value, Quote::Plain), at),
        }
    }

    /// The comma after an element, where there is one before the next element.
    fn comma_after(&self, end: usize) -> Option<usize> {
        let text = &self.template.text;
        let mut position = end;
        loop {
            let rest = &text[position..];
            position += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
            match text.as_bytes().get(position) {
                Some(b',') => return Some(position),
                Some(b'#') => {
                    position = text[position..].find(['\n', '\r']).map_or(text.len(), |length| position + length);
                }
                _ => return None,
            }
        }
    }

    /// Where an element with the comment lines directly above it begins; comments behind the comma before belong
    /// to the element before.
    fn with_comments_above(&self, element: &Element<'_>, before: Option<usize>) -> usize {
        let after = before.and_then(|end| self.comma_after(end)).map(|comma| self.with_comment(comma + 1));
        self.first_comment_after(after.unwrap_or(element.start), element.start)
    }

    /// Where the next element's text begins, with its comment lines: after the comma of the one before and the
    /// comment on that line.
    fn token_before(&self, next: &Element<'_>, before: usize) -> usize {
        let after = self.comma_after(before).map_or(before, |comma| self.with_comment(comma + 1));
        self.first_comment_after(after, next.start)
    }

    /// The first comment between two places, or the second place.
    fn first_comment_after(&self, start: usize, end: usize) -> usize {
        let text = self.template.text.get(start..end).unwrap_or_default();
        let blanks = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r', ',']).len();
        if text[blanks..].starts_with('#') { start + blanks } else { end }
    }

    /// The last elements go, from `index` on: the comma before them goes too, a comment behind it stays.
    fn tail_goes(&self, elements: &[Element<'_>], index: usize) -> Vec<TextEdit> {
        let last = &elements[elements.len() - 1];
        let start = elements[index - 1].end;
        let end = self.tail_end(last.end);
        let Some(comma) = self.comma_after(start).filter(|comma| *comma < elements[index].start) else {
            return vec![edit(start, end, String::new())];
        };
        let comment_end = self.with_comment(comma + 1);
        if comment_end > comma + 1 {
            // The closing bracket must not end up in the comment.
            let rest = &self.template.text[end..];
            let is_closed_below = rest.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']);
            let from = if is_closed_below { comment_end } else { elements[index].start };
            return vec![edit(comma, comma + 1, String::new()), edit(from, end, String::new())];
        }
        vec![edit(start, end, String::new())]
    }

    /// The end of the last element with the comment on its line; a comma behind it stays.
    fn tail_end(&self, end: usize) -> usize {
        match self.comma_after(end) {
            Some(_) => end,
            None => self.with_comment(end),
        }
    }

    fn all_go(
        &self,
        collection: NodeRef<'_>,
        elements: &[Element<'_>],
        appended: &[String],
        layout: Layout,
    ) -> TextEdit {
        let inner = collection.span();
        if appended.is_empty() {
            return edit(inner.start as usize + 1, inner.end as usize - 1, String::new());
        }
        let (first, last) = (elements[0].start, elements[elements.len() - 1].end);
        edit(self.with_comments_above(&elements[0], None).min(first), last, appended.join(&self.between(layout)))
    }

    /// New elements after one that stays, with others behind it.
    fn after(&self, element: &Element<'_>, others: &[Element<'_>], new: &[String], layout: Layout) -> Vec<TextEdit> {
        let text = new.join(&self.between(layout));
        if others.is_empty() {
            return self.at_end(element.end, &text, layout);
        }
        let comma = self.comma_after(element.end).unwrap_or(element.end);
        let place = self.with_comment(comma + 1);
        let between = self.between(layout);
        vec![edit(place, place, format!("{}{text},", between.trim_start_matches(',')))]
    }

    /// The last elements go, from `index` on, and new ones come: the comma before them stays.
    fn tail_replaced(&self, elements: &[Element<'_>], index: usize, new: &[String], layout: Layout) -> TextEdit {
        let before = elements[index - 1].end;
        let place = self.comma_after(before).map_or(before, |comma| self.with_comment(comma + 1));
        let between = self.between(layout);
        edit(
            place,
            self.tail_end(elements[elements.len() - 1].end),
            format!("{}{}", between.trim_start_matches(','), new.join(&between)),
        )
    }

    /// After the last element: before its comment goes the comma, behind it the new text.
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
        vec![edit(end, end, ",".to_owned()), edit(place, place, format!("{between}{text}"))]
    }
}

fn edit(start: usize, end: usize, text: String) -> TextEdit {
    TextEdit { span: Span::from(start..end), text }
}
