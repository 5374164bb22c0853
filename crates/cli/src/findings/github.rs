//! Annotations of GitHub Actions: workflow commands on standard output.
//!
//! Source of the escapes: `@actions/core`, `command.ts`.

use std::fmt::Write as _;

use super::{Run, note_of};
use byref::render::escape::one_line;

pub(crate) fn report(run: &Run) -> String {
    let mut text = String::new();
    for file in &run.files {
        if let Some(note) = note_of(file) {
            let _ = writeln!(text, "::notice file={},title=byref::{}", property(&file.path), data(&note));
        }
    }
    for (file, located) in run.findings() {
        let (finding, region) = (&located.finding, located.region);
        let place = format!(
            "file={},line={},endLine={},col={},endColumn={}",
            property(&file.path),
            region.line,
            region.end_line,
            region.column,
            region.end_column
        );
        let title = property(&format!("byref {}", finding.rule.id));
        let message = data(&format!("{}. {}", finding.message, finding.help));
        let _ = writeln!(text, "::{} {place},title={title}::{message}", finding.level.as_str());
    }
    text
}

fn data(text: &str) -> String {
    one_line(text).replace('%', "%25")
}

/// What ends a property is escaped as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        assert_eq!(data("100%\r\n::error::x, y"), "100%25\\r\\n::error::x, y");
        assert_eq!(property("a%,b:c\n.yaml"), "a%25%2Cb%3Ac\\n.yaml");
    }
}
