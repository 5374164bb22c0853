//! For humans: the lines with their findings, every value masked.

use byref_lint::Level;
use byref_template::{Diagnostic, Location, Severity, Sources};

use super::{JudgedFile, Run, note_of};
use byref::render::diagnostic::render;
use byref::render::escape::line;

pub(crate) fn report(run: &Run) -> String {
    let mut text = String::new();
    for file in &run.files {
        text.push_str(&of_file(file));
    }
    text.push_str(&run.summary());
    text.push('\n');
    text
}

fn of_file(file: &JudgedFile) -> String {
    let mut text = String::new();
    if let Some(how) = note_of(file) {
        line!(text, "note: {}: {how}", file.path);
        text.push('\n');
    }
    if file.findings.is_empty() {
        return text;
    }
    if file.text.is_empty() {
        // A file that was only searched: there are no lines of it.
        for located in &file.findings {
            let (finding, region) = (&located.finding, located.region);
            let place = format!("{}:{}:{}", file.path, region.line, region.column);
            line!(text, "{}[{}]: {}", finding.level.as_str(), finding.rule.id, finding.message);
            line!(text, " --> {place}");
            line!(text, "  = help: {}", finding.help);
            text.push('\n');
        }
        return text;
    }
    let mut sources = Sources::new();
    let source = sources.add(file.path.clone(), file.text.clone());
    sources.hide_only(source, file.hidden.iter().copied());
    for located in &file.findings {
        let finding = &located.finding;
        let severity = if finding.level == Level::Error { Severity::Error } else { Severity::Warning };
        let location = Location { source, span: finding.span };
        let diagnostic = Diagnostic::new(severity, finding.rule.id, &finding.message, location)
            .labelled(&finding.path)
            .help(&finding.help);
        text.push_str(&render(&sources, &diagnostic));
    }
    text
}
