//! The judges: the events that libyaml reads in a text, and the same of our tree.
#![expect(
    unsafe_code,
    clippy::unwrap_used,
    reason = "libyaml's interface is C's, and a test may stop"
)]
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test and benchmark uses a part"
)]

use std::ffi::CStr;
use std::fmt::Write as _;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};

use byref_template::{Kind, NodeRef, Template};
use libyaml_rs as sys;

/// One line an event: `+MAP`, `-SEQ`, `=VAL "text" '`, `=ALI`, with tag and anchor.
pub(crate) fn libyaml_events(text: &str) -> Result<Vec<String>, String> {
    let text = without_mark(text);
    let mut events = Vec::new();
    // SAFETY: the parser is initialised before use and deleted after it, events are deleted once
    // each, and the input outlives the parser.
    unsafe {
        let mut parser = MaybeUninit::<sys::yaml_parser_t>::uninit();
        let parser = parser.as_mut_ptr();
        assert!(sys::yaml_parser_initialize(parser).ok, "no memory");
        sys::yaml_parser_set_encoding(parser, sys::YAML_UTF8_ENCODING);
        sys::yaml_parser_set_input_string(parser, text.as_ptr(), text.len() as u64);
        let mut documents = 0;
        let result = loop {
            let mut event = MaybeUninit::<sys::yaml_event_t>::uninit();
            let event = event.as_mut_ptr();
            if sys::yaml_parser_parse(parser, event).fail {
                let parser = &*parser;
                let problem = parser.problem;
                let problem = if problem.is_null() {
                    String::new()
                } else {
                    CStr::from_ptr(problem.cast())
                        .to_string_lossy()
                        .into_owned()
                };
                break Err(format!(
                    "{problem} at line {} column {}",
                    parser.problem_mark.line + 1,
                    parser.problem_mark.column + 1
                ));
            }
            let kind = (*event).type_;
            if let Some(line) = describe(&*event) {
                events.push(line);
            }
            documents += u32::from(kind == sys::YAML_DOCUMENT_START_EVENT);
            sys::yaml_event_delete(event);
            if documents > 1 {
                break Err("several documents".to_owned());
            }
            if kind == sys::YAML_STREAM_END_EVENT {
                break Ok(());
            }
        };
        sys::yaml_parser_delete(parser);
        result.map(|()| events)
    }
}

/// Where the encoding is given, libyaml counts a byte-order mark as a column of the first line.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

unsafe fn string(pointer: *const u8) -> Option<String> {
    // SAFETY: libyaml ends its strings with NUL.
    (!pointer.is_null()).then(|| {
        unsafe { CStr::from_ptr(pointer.cast()) }
            .to_string_lossy()
            .into_owned()
    })
}

unsafe fn describe(event: &sys::yaml_event_t) -> Option<String> {
    // SAFETY: the fields of the union are read as the type of the event says.
    unsafe {
        Some(match event.type_ {
            sys::YAML_SCALAR_EVENT => {
                let scalar = &event.data.scalar;
                let value = std::slice::from_raw_parts(
                    scalar.value,
                    usize::try_from(scalar.length).unwrap(),
                );
                let value = String::from_utf8_lossy(value);
                let style = match scalar.style {
                    sys::YAML_SINGLE_QUOTED_SCALAR_STYLE => '\'',
                    sys::YAML_DOUBLE_QUOTED_SCALAR_STYLE => '"',
                    sys::YAML_LITERAL_SCALAR_STYLE => '|',
                    sys::YAML_FOLDED_SCALAR_STYLE => '>',
                    _ => ':',
                };
                line(
                    "=VAL",
                    string(scalar.anchor),
                    string(scalar.tag),
                    Some((style, &value)),
                )
            }
            sys::YAML_SEQUENCE_START_EVENT => {
                let sequence = &event.data.sequence_start;
                let name = if sequence.style == sys::YAML_FLOW_SEQUENCE_STYLE {
                    "+SEQ []"
                } else {
                    "+SEQ"
                };
                line(name, string(sequence.anchor), string(sequence.tag), None)
            }
            sys::YAML_MAPPING_START_EVENT => {
                let mapping = &event.data.mapping_start;
                let name = if mapping.style == sys::YAML_FLOW_MAPPING_STYLE {
                    "+MAP {}"
                } else {
                    "+MAP"
                };
                line(name, string(mapping.anchor), string(mapping.tag), None)
            }
            sys::YAML_SEQUENCE_END_EVENT => "-SEQ".to_owned(),
            sys::YAML_MAPPING_END_EVENT => "-MAP".to_owned(),
            sys::YAML_ALIAS_EVENT => format!(
                "=ALI *{}",
                string(event.data.alias.anchor).unwrap_or_default()
            ),
            _ => return None,
        })
    }
}

fn line(
    name: &str,
    anchor: Option<String>,
    tag: Option<String>,
    scalar: Option<(char, &str)>,
) -> String {
    let mut line = name.to_owned();
    if let Some(anchor) = anchor {
        let _ = write!(line, " &{anchor}");
    }
    if let Some(tag) = tag {
        let _ = write!(line, " <{}>", tag.replace("tag:yaml.org,2002:", "!!"));
    }
    if let Some((style, text)) = scalar {
        let _ = write!(line, " {text:?} {style}");
    }
    line
}

/// The events of our tree. Styles of empty nodes are those of libyaml: plain.
pub(crate) fn our_events(template: &Template) -> Vec<String> {
    our_events_by_node(template).0
}

/// The events of our tree, and which of them are each node's: the first, and the one after the
/// last.
pub(crate) fn our_events_by_node(template: &Template) -> (Vec<String>, Vec<(usize, usize)>) {
    let mut events = Vec::new();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    let mut open: Vec<(NodeRef<'_>, usize)> = Vec::new();
    for node in template.nodes() {
        while let Some((innermost, index)) = open
            .last()
            .copied()
            .filter(|(innermost, _)| Some(innermost.id()) != node.parent().map(NodeRef::id))
        {
            events.push(
                if innermost.kind().is_mapping() {
                    "-MAP"
                } else {
                    "-SEQ"
                }
                .to_owned(),
            );
            ranges[index].1 = events.len();
            open.pop();
        }
        let anchor = node.anchor().map(|anchor| anchor[1..].to_owned());
        let tag = node.tag().map(|tag| {
            tag.strip_prefix("!<")
                .and_then(|tag| tag.strip_suffix('>'))
                .unwrap_or(tag)
                .to_owned()
        });
        let text = node.text();
        let scalar = |style| text.as_deref().map(|text| (style, text));
        events.push(match node.kind() {
            Kind::Empty | Kind::Plain => line("=VAL", anchor, tag, scalar(':')),
            Kind::SingleQuoted => line("=VAL", anchor, tag, scalar('\'')),
            Kind::DoubleQuoted => line("=VAL", anchor, tag, scalar('"')),
            Kind::Literal => line("=VAL", anchor, tag, scalar('|')),
            Kind::Folded => line("=VAL", anchor, tag, scalar('>')),
            Kind::BlockMapping => line("+MAP", anchor, tag, None),
            Kind::BlockSequence => line("+SEQ", anchor, tag, None),
            Kind::FlowMapping => line("+MAP {}", anchor, tag, None),
            Kind::FlowSequence => line("+SEQ []", anchor, tag, None),
            Kind::Alias => format!("=ALI {}", node.raw()),
        });
        ranges.push((events.len() - 1, events.len()));
        if node.kind().is_mapping() || node.kind().is_sequence() {
            open.push((node, ranges.len() - 1));
        }
    }
    while let Some((node, index)) = open.pop() {
        events.push(
            if node.kind().is_mapping() {
                "-MAP"
            } else {
                "-SEQ"
            }
            .to_owned(),
        );
        ranges[index].1 = events.len();
    }
    (events, ranges)
}

/// The folder of shared test material, where this machine has one.
pub(crate) fn shared() -> Option<PathBuf> {
    let place = std::env::var_os("BYREF_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    place.join("corpus").is_dir().then_some(place)
}

/// Every file below a folder, sorted, with its text where it is UTF-8.
pub(crate) fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

/// How many events libyaml reads, for measuring: nothing is kept of them.
pub(crate) fn count_libyaml_events(text: &str) -> Result<usize, ()> {
    let text = without_mark(text);
    // SAFETY: as in `libyaml_events`.
    unsafe {
        let mut parser = MaybeUninit::<sys::yaml_parser_t>::uninit();
        let parser = parser.as_mut_ptr();
        assert!(sys::yaml_parser_initialize(parser).ok, "no memory");
        sys::yaml_parser_set_encoding(parser, sys::YAML_UTF8_ENCODING);
        sys::yaml_parser_set_input_string(parser, text.as_ptr(), text.len() as u64);
        let mut count = 0;
        let result = loop {
            let mut event = MaybeUninit::<sys::yaml_event_t>::uninit();
            let event = event.as_mut_ptr();
            if sys::yaml_parser_parse(parser, event).fail {
                break Err(());
            }
            count += 1;
            let kind = (*event).type_;
            sys::yaml_event_delete(event);
            if kind == sys::YAML_STREAM_END_EVENT {
                break Ok(count);
            }
        };
        sys::yaml_parser_delete(parser);
        result
    }
}
