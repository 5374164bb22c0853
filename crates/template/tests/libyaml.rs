//! libyaml as the judge of structure, tags, anchors, styles and scalar values.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

mod judge;

use std::collections::BTreeMap;
use std::path::Path;

use byref_harness::ignore;
use byref_template::{Syntax, Template};
use judge::{libyaml_events, our_events, shared, texts};

byref_harness::tests![
    agrees_on_the_corpus_in_every_line_end,
    agrees_on_shared_quirks,
    agrees_on_own_cases,
    json_is_recognised,
];

fn main() -> std::process::ExitCode {
    byref_harness::run(&[TESTS])
}

/// The first difference between what libyaml and we read, if there is one.
fn difference(text: &str) -> Option<String> {
    match (libyaml_events(text), Template::parse(text)) {
        (Err(_), Err(_)) => None,
        (Ok(_), Err(error)) => Some(format!(
            "libyaml accepts, byref refuses at {}: {error}",
            error.span.start
        )),
        (Err(error), Ok(_)) => Some(format!("byref accepts, libyaml refuses: {error}")),
        (Ok(theirs), Ok(template)) => {
            let ours = our_events(&template);
            let place = theirs
                .iter()
                .zip(&ours)
                .position(|(theirs, ours)| theirs != ours);
            let place =
                place.or((theirs.len() != ours.len()).then(|| theirs.len().min(ours.len())));
            place.map(|place| {
                format!(
                    "event {place}: libyaml {:?}, byref {:?}",
                    theirs.get(place),
                    ours.get(place)
                )
            })
        }
    }
}

fn is_template(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| {
        ["yaml", "yml", "json", "template"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// `é日😀` where it changes no meaning: in comments, and in texts of descriptions.
fn with_multi_byte_text(text: &str) -> String {
    let place = |line: &str| {
        let is_comment = line.trim_start().starts_with("# ");
        let is_description = line.trim_start().starts_with("Description: ")
            && line
                .trim_end()
                .ends_with(|last: char| last.is_ascii_alphanumeric());
        if is_comment || is_description {
            format!("{}é日😀", line.trim_end())
        } else {
            line.to_owned()
        }
    };
    text.split('\n').map(place).collect::<Vec<_>>().join("\n")
}

fn agrees_on_the_corpus_in_every_line_end() {
    let Some(shared) = shared() else {
        ignore("no public templates: `BYREF_SHARED` names a folder with `corpus/`")
    };
    let mut judged = 0;
    let mut wrong = Vec::new();
    for (path, text) in texts(&shared.join("corpus"))
        .into_iter()
        .filter(|(path, _)| is_template(path))
    {
        let variants = [
            text.clone(),
            text.replace("\r\n", "\n").replace('\n', "\r\n"),
            with_multi_byte_text(&text),
        ];
        for (index, variant) in variants.iter().enumerate() {
            if libyaml_events(variant).is_err() {
                continue;
            }
            judged += 1;
            wrong.extend(
                difference(variant)
                    .map(|difference| format!("{path} variant {index}: {difference}")),
            );
        }
    }
    assert!(judged > 1000, "only {judged} texts were judged");
    assert!(
        wrong.is_empty(),
        "{} of {judged}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The files on which we differ from libyaml on purpose, with the reason for each.
fn listed() -> BTreeMap<String, String> {
    let list = include_str!("quirks-disagreements.txt");
    let lines = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(file, reason)| (file.to_owned(), reason.to_owned()))
        .collect()
}

fn judge_quirks(folder: &Path, wrong: &mut Vec<String>) -> usize {
    let listed = listed();
    let files = texts(folder);
    for (path, text) in &files {
        let name = Path::new(path)
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        match (difference(text), listed.get(&name)) {
            (Some(difference), None) => wrong.push(format!("{name}: {difference}")),
            (None, Some(_)) => wrong.push(format!("{name}: is listed, but agrees")),
            _ => {}
        }
    }
    files.len()
}

fn agrees_on_shared_quirks() {
    let Some(shared) = shared() else {
        ignore("no public templates: `BYREF_SHARED` names a folder with `corpus/`")
    };
    let mut wrong = Vec::new();
    let judged = judge_quirks(&shared.join("quirks"), &mut wrong);
    assert!(judged > 100);
    assert!(
        wrong.is_empty(),
        "{} of {judged}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn agrees_on_own_cases() {
    let mut wrong = Vec::new();
    let cases = include_str!("cases.txt").split("\n=====\n");
    let mut judged = 0;
    for case in cases {
        let text = case.strip_suffix("<no newline>").unwrap_or(case);
        if let Some(text) = text.strip_prefix("#! refused\n") {
            assert!(
                libyaml_events(text).is_ok() && Template::parse(text).is_err(),
                "{text:?} is no refusal"
            );
            continue;
        }
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            judged += 1;
            wrong.extend(difference(&text).map(|difference| format!("{text:?}: {difference}")));
        }
    }
    assert!(judged > 100, "only {judged}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

fn json_is_recognised() {
    let syntax = |text: &str| Template::parse(text).unwrap().syntax();
    assert_eq!(
        syntax("\u{feff} {\"a\": [1, -2.5e3, true, null, \"\\ud83d\\ude00\"]}\n"),
        Syntax::Json
    );
    assert_eq!(syntax("{\"a\": 1} # a comment\n"), Syntax::Yaml);
    assert_eq!(syntax("{\"a\": 1,}"), Syntax::Yaml);
    assert_eq!(syntax("a: {\"b\": 1}"), Syntax::Yaml);
}
