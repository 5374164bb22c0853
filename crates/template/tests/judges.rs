//! Two more judges: granit-parser, which shares no code with libyaml, and `serde_json` for JSON.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

mod judge;

use std::path::Path;

use byref_harness::ignore;
use byref_template::{Kind, NodeRef, Syntax, Template};
use granit_parser::{Event, Options, Parser, StructureStyle};
use judge::{shared, texts};
use proptest::prelude::*;

byref_harness::tests![
    granit_agrees,
    serde_json_agrees,
    serde_json_agrees_on_the_corpus,
    any_text_has_an_end,
    what_looks_like_yaml_nests,
    what_looks_like_json_is_judged_alike,
];

fn main() -> std::process::ExitCode {
    byref_harness::run(&[TESTS])
}

/// What granit reads: nesting, styles of collections, and the text of every scalar.
fn granit_events(text: &str) -> Option<Vec<String>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut events = Vec::new();
    for next in Parser::new_from_str_with_options(text, options) {
        let flow = |style: StructureStyle| {
            if style == StructureStyle::Flow {
                "flow"
            } else {
                "block"
            }
        };
        events.push(match next.ok()?.0 {
            Event::Scalar(text, ..) => format!("={text:?}"),
            Event::SequenceStart(style, ..) => format!("+seq {}", flow(style)),
            Event::MappingStart(style, ..) => format!("+map {}", flow(style)),
            Event::SequenceEnd | Event::MappingEnd => "-".to_owned(),
            Event::Alias(_) => "*".to_owned(),
            _ => continue,
        });
    }
    Some(events)
}

/// The same of our tree. What granit calls `~` for nothing is the empty text here.
fn our_events(template: &Template) -> Vec<String> {
    let mut events = Vec::new();
    let mut open: Vec<NodeRef<'_>> = Vec::new();
    for node in template.nodes() {
        while open
            .last()
            .is_some_and(|last| Some(last.id()) != node.parent().map(NodeRef::id))
        {
            events.push("-".to_owned());
            open.pop();
        }
        let kind = node.kind();
        let style = if kind.is_flow() { "flow" } else { "block" };
        events.push(match kind {
            Kind::Alias => "*".to_owned(),
            _ if kind.is_mapping() => format!("+map {style}"),
            _ if kind.is_sequence() => format!("+seq {style}"),
            Kind::Empty if node.tag().is_none() => "=\"~\"".to_owned(),
            _ => format!("={:?}", node.text().unwrap()),
        });
        if kind.is_mapping() || kind.is_sequence() {
            open.push(node);
        }
    }
    events.extend(open.iter().map(|_| "-".to_owned()));
    events
}

fn granit_agrees() {
    let cases = include_str!("cases.txt")
        .split("\n=====\n")
        .filter(|case| !case.contains("<no newline>"));
    let mut files: Vec<(String, String)> = cases
        .map(|case| (format!("{case:?}"), format!("{case}\n")))
        .collect();
    let fixtures = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures"));
    files.extend(
        fixtures
            .into_iter()
            .filter(|(path, _)| path.ends_with("template.yaml")),
    );
    if let Some(shared) = shared() {
        files.extend(texts(&shared.join("corpus")));
    }
    let (mut judged, mut wrong) = (0, Vec::new());
    for (name, text) in files.iter().filter(|(_, text)| text.ends_with('\n')) {
        let (Some(theirs), Ok(template)) = (granit_events(text), Template::parse(text.as_str()))
        else {
            continue;
        };
        judged += 1;
        let ours = our_events(&template);
        let place = theirs
            .iter()
            .zip(&ours)
            .position(|(theirs, ours)| theirs != ours);
        if let Some(place) =
            place.or((theirs.len() != ours.len()).then_some(theirs.len().min(ours.len())))
        {
            wrong.push(format!(
                "{name}: granit {:?}, byref {:?}",
                theirs.get(place),
                ours.get(place)
            ));
        }
    }
    assert!(judged > 50, "only {judged}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Our tree as a JSON value; the last of duplicate keys wins, as it does for `serde_json`.
fn value(node: NodeRef<'_>) -> serde_json::Value {
    match node.kind() {
        Kind::FlowMapping => {
            let entries = node
                .entries()
                .map(|entry| (entry.key.text().unwrap().into_owned(), value(entry.value)));
            serde_json::Value::Object(entries.collect())
        }
        Kind::FlowSequence => serde_json::Value::Array(node.items().map(value).collect()),
        Kind::DoubleQuoted => serde_json::Value::String(node.text().unwrap().into_owned()),
        _ => serde_json::from_str(node.raw()).unwrap(),
    }
}

/// Whether `serde_json` and we agree on a text that begins with a brace.
fn agrees_on_json(text: &str) -> bool {
    let theirs =
        serde_json::from_str::<serde_json::Value>(text.strip_prefix('\u{feff}').unwrap_or(text));
    let ours = Template::parse(text)
        .ok()
        .filter(|template| template.syntax() == Syntax::Json);
    match (theirs, ours) {
        (Ok(theirs), Some(ours)) => value(ours.root().unwrap()) == theirs,
        // Numbers beyond what serde_json holds are JSON all the same.
        (Err(error), Some(_)) => error.to_string().contains("number out of range"),
        (Ok(_), None) => false,
        (Err(_), None) => true,
    }
}

fn serde_json_agrees() {
    let cases = [
        "{}",
        "{\"a\":[],\"b\":{}}",
        "{\"a\":1.50e+3,\"b\":-0,\"c\":\"\\u00e9\\ud83d\\ude00\\/\\n\"}",
        "{\"a\":01}",
        "{\"a\":1,}",
        "{\"a\":[1,]}",
        "{\"a\":\"\\ud83d\"}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"tab\there\"}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":+1}",
        "{\"a\":nul}",
        "{\"a\":truex}",
        "{\"a\":1}}",
        "{\"a\":1} x",
        "{\"a\":\"\u{2028}\u{7f}\"}",
    ];
    for case in cases {
        assert!(agrees_on_json(case), "{case}");
    }
}

fn serde_json_agrees_on_the_corpus() {
    let Some(shared) = shared() else {
        ignore("no public templates: `BYREF_SHARED` names a folder with `corpus/`")
    };
    let mut judged = 0;
    for (path, text) in texts(&shared.join("corpus"))
        .into_iter()
        .chain(texts(&shared.join("oracle")))
    {
        if text
            .trim_start_matches('\u{feff}')
            .trim_start()
            .starts_with('{')
        {
            judged += 1;
            assert!(agrees_on_json(&text), "{path}");
        }
    }
    assert!(judged > 20, "only {judged}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    fn any_text_has_an_end(text in "\\PC{0,80}") {
        let _ = Template::parse(text.as_str());
    }

    fn what_looks_like_yaml_nests(text in "([a-c]{1,3}|[ \\n]|: |- |[\\[\\]{},#'\"|>&*!?]){0,60}") {
        if let Ok(template) = Template::parse(text.as_str()) {
            for node in template.nodes() {
                prop_assert!(node.parent().is_none_or(|parent| parent.span().contains(node.span())));
                prop_assert_eq!(node.text().is_some(), node.kind().is_scalar());
            }
            prop_assert!(judge::libyaml_events(&text).is_ok() || template.syntax() == Syntax::Json);
        }
    }

    fn what_looks_like_json_is_judged_alike(text in "\\{\"a\":([0-9.eE+-]{1,5}|\"[a\\\\u0-9]{0,8}\"|\\[[1, ]{0,6}\\]|true|null)\\}") {
        prop_assert!(agrees_on_json(&text));
    }
}
