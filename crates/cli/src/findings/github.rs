//! Annotations of GitHub Actions: workflow commands on standard output.
//!
//! Source of the escapes: `@actions/core`, `command.ts`.

use std::fmt::Write as _;

use super::Run;

pub(crate) fn report(run: &Run) -> String {
    let mut text = String::new();
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
        let _ = writeln!(text, "::{} {place},title={title}::{message}", finding.level.word());
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
