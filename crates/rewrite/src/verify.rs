//! The proof: an independent parser reads the result and must find the source with exactly the
//! planned changes.
//!
//! The expected tree is the source's tree seen through the changes ([`Expected`]). It drives
//! `serde_yaml` or `serde_json` node by node, so no second tree is built and no information is lost
//! between two representations: kinds, key order, duplicate keys, tags and the text of every scalar
//! are compared.
//!
//! byref's own parser finds the places to edit, so a defect of it could edit the wrong text. The
//! proof does not depend on it: it would have to be wrong in the same way as a parser that others
//! wrote.
//!
//! The proof has two halves, because neither parser tells everything:
//!
//! | | byref's own parser | the independent one |
//! |---|---|---|
//! | structure, keys and their order | yes | yes |
//! | text of scalars | yes | yes |
//! | quotes of scalars | yes | no |
//! | agrees with the parser that found the places | it is the same one | yes |
//!
//! A comparison of two generic values would be shorter. It would lose duplicate keys, the order of
//! keys, and the digits of numbers such as `0123` or `1e3`, which are texts in a template.
//!
//! The cost is one parse by each parser, and one visit of each node by each half.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use byref_template::edit::{Expected, ExpectedKind, apply, render};
use byref_template::{Changes, Diagnostic, Location, Span, Syntax, Template};
use serde::Deserialize as _;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::request::Document;

/// Applies changes to a template and proves the result, which is returned as it was parsed for the
/// proof. Without changes the result is the very same text.
///
/// # Errors
///
/// A place that can't be edited (an anchor, an alias, a merge key, an explicit or duplicate key),
/// or a result that an independent parser does not read as the source with exactly these changes.
///
/// # Examples
///
/// ```
/// use byref_rewrite::{Document, DocumentRole, rewrite};
/// use byref_template::{Build, Changes, Sources, Template};
///
/// let yaml = "Description: old # kept\nResources: {}\n";
/// let mut sources = Sources::new();
/// let document = Document {
///     source: sources.add("web.yaml", yaml),
///     path: "web.yaml".to_owned(),
///     template: Template::parse(yaml)?,
///     role: DocumentRole::Written,
/// };
/// let root = document.template.root().ok_or("an empty template")?;
/// let description = root.get("Description").ok_or("no description")?;
/// let mut changes = Changes::default();
/// changes.replaced.insert(description.id(), Build::Text("new".to_owned()));
///
/// let output = rewrite(&document, &changes).map_err(|error| error.message)?;
/// assert_eq!(&**output.text(), "Description: new # kept\nResources: {}\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn rewrite(document: &Document, changes: &Changes) -> Result<Template, Box<Diagnostic>> {
    let template = &document.template;
    if changes.is_empty() {
        return Ok(template.clone());
    }
    let edits = render(template, changes).map_err(|error| {
        Box::new(
            Diagnostic::error("cannot-edit", error.message, document.location(error.span))
                .help(error.help),
        )
    })?;
    let output = apply(template.text(), &edits);
    prove(template, changes, &output).map_err(|mismatch| {
        let place = document.location(edits.first().map_or(Span::at(0), |edit| edit.span));
        // A template that the independent parser does not read at all, such as one with an alias to
        // nothing.
        let nothing = Changes::default();
        let is_unreadable = prove(template, &nothing, template.text()).is_err();
        Box::new(if is_unreadable {
            unprovable(place)
        } else {
            unproven(&mismatch, place)
        })
    })
}

/// Returns the error for a source that the independent parser does not read.
fn unprovable(place: Location) -> Diagnostic {
    Diagnostic::error(
        "unprovable",
        "the independent parser does not read this template, so no rewrite of it can be proven: nothing is written",
        place,
    )
    .help("see what `cfn-lint` says of it: an alias without its anchor, perhaps")
}

/// Returns the error for a result that is not as planned: a defect of byref.
fn unproven(mismatch: &str, place: Location) -> Diagnostic {
    let message = format!(
        "the rewritten template is not the source with the planned changes ({mismatch}): nothing is written"
    );
    Diagnostic::error("unproven", message, place)
        .help("this is a defect of byref: please report it with a template that shows it; writing the lists in block style may avoid it")
}

/// Proves a result, and returns it parsed.
///
/// The parse by byref's own parser comes first, because it compares what the independent one does
/// not keep. A byte order mark is left out for parsers that do not accept one.
///
/// # Errors
///
/// The part that is not as planned, with its line and column. The text never holds a part of the
/// template: errors of parsers may quote it, so only their places are used.
fn prove(template: &Template, changes: &Changes, output: &Arc<str>) -> Result<Template, String> {
    let result = Template::parse(Arc::clone(output))
        .map_err(|error| format!("byref's parser: {}", error.message))?;
    if result.syntax() != template.syntax() {
        return Err("it is in another language".to_owned());
    }
    let Some(expected) = Expected::root(template, changes) else {
        return Err("it is empty".to_owned());
    };
    prove_text(expected.clone(), &result)?;
    let mismatch = Cell::new(None);
    let text = output.strip_prefix('\u{feff}').unwrap_or(output);
    let read = match template.syntax() {
        Syntax::Yaml => {
            let seed = Seed {
                expected,
                parser: Parser::Yaml,
                mismatch: &mismatch,
            };
            let outcome = seed.deserialize(serde_yaml::Deserializer::from_str(text));
            outcome.map_err(|error| error.location().map(|place| (place.line(), place.column())))
        }
        Syntax::Json => {
            let mut deserializer = serde_json::Deserializer::from_str(text);
            let seed = Seed {
                expected,
                parser: Parser::Json,
                mismatch: &mismatch,
            };
            let outcome = seed
                .deserialize(&mut deserializer)
                .and_then(|()| deserializer.end());
            outcome.map_err(|error| Some((error.line(), error.column())))
        }
    };
    // The text of a parser's error may quote the template: only the place is taken from it.
    read.map(|()| result).map_err(|place| {
        let place = place.map_or_else(String::new, |(line, column)| {
            format!(" at line {line} column {column}")
        });
        match mismatch.get() {
            Some(part) => format!("not as planned: {part}{place}"),
            None => format!("not readable{place}"),
        }
    })
}

/// Compares the tree of byref's own parser: it tells the quotes of scalars, which the independent
/// parser does not. The comparison keeps a list of open nodes instead of recursing.
///
/// # Errors
///
/// The part that is not as planned.
fn prove_text(expected: Expected<'_>, result: &Template) -> Result<(), String> {
    let mut open = vec![(expected, result.root())];
    while let Some((expected, found)) = open.pop() {
        let different = || "not as planned: the structure".to_owned();
        let found = found.ok_or_else(different)?;
        let kind_fits = match expected.kind() {
            ExpectedKind::Mapping => found.kind().is_mapping(),
            ExpectedKind::Sequence => found.kind().is_sequence(),
            ExpectedKind::Scalar => found.kind().is_scalar(),
            ExpectedKind::Alias => found.kind() == byref_template::Kind::Alias,
        };
        if !kind_fits || expected.tag().as_deref() != found.tag() {
            return Err(different());
        }
        match expected.kind() {
            ExpectedKind::Mapping => {
                let entries = expected.entries();
                if entries.len() != found.entries().count() {
                    return Err(different());
                }
                for ((key, value), entry) in entries.into_iter().zip(found.entries()) {
                    open.push((key, Some(entry.key)));
                    open.push((value, Some(entry.value)));
                }
            }
            ExpectedKind::Sequence => {
                let items = expected.items();
                if items.len() != found.items().count() {
                    return Err(different());
                }
                open.extend(items.into_iter().zip(found.items().map(Some)));
            }
            ExpectedKind::Scalar => {
                let fits = expected.text().as_deref() == found.text().as_deref();
                let is_plain = matches!(
                    found.kind(),
                    byref_template::Kind::Plain | byref_template::Kind::Empty
                );
                let style_fits = expected.is_plain().is_none_or(|plain| plain == is_plain);
                if !fits || !style_fits {
                    return Err("not as planned: a scalar".to_owned());
                }
            }
            ExpectedKind::Alias => {}
        }
    }
    Ok(())
}

/// The independent parser, by the language of the template.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parser {
    Yaml,
    Json,
}

/// Reads one node and compares it with the expected one.
#[derive(Clone)]
struct Seed<'t> {
    /// The node that the result must have at this place.
    expected: Expected<'t>,
    parser: Parser,
    /// The part of the result that is not as planned, once one is found.
    mismatch: &'t Cell<Option<&'static str>>,
}

impl<'t> Seed<'t> {
    /// Returns the seed for a node below this one.
    fn next(&self, expected: Expected<'t>) -> Self {
        Self {
            expected,
            parser: self.parser,
            mismatch: self.mismatch,
        }
    }

    /// Records the part that is not as planned, and returns the error that ends the reading.
    fn differs<E: Error>(&self, part: &'static str) -> E {
        self.mismatch.set(Some(part));
        E::custom("not as planned")
    }

    /// Reads the node without its tag.
    ///
    /// The expected kind chooses the method: a parser that is asked for text keeps the digits of a
    /// number as they are written, but does not tell whether they are quoted.
    fn deserialize_untagged<'de, D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<(), D::Error> {
        match self.expected.kind() {
            ExpectedKind::Mapping => deserializer.deserialize_map(self),
            ExpectedKind::Sequence => deserializer.deserialize_seq(self),
            ExpectedKind::Alias => IgnoredAny::deserialize(deserializer).map(drop),
            ExpectedKind::Scalar
                if self.parser == Parser::Json && self.expected.is_plain() == Some(true) =>
            {
                let raw = <&RawValue>::deserialize(deserializer)?;
                if self.expected.text().as_deref() == Some(raw.get()) {
                    Ok(())
                } else {
                    Err(self.differs("a number or word"))
                }
            }
            // A plain scalar may be a number to the parser, whose text would be lost: it is read as
            // text. Whether a scalar that must be text is read as such, only `deserialize_any`
            // shows.
            ExpectedKind::Scalar
                if self.expected.is_plain() == Some(true) || self.has_standard_tag() =>
            {
                deserializer.deserialize_str(self)
            }
            ExpectedKind::Scalar => deserializer.deserialize_any(self),
        }
    }

    /// Returns whether the tag is one of YAML's own, such as `!!str`.
    fn has_standard_tag(&self) -> bool {
        self.expected.tag().is_some_and(|tag| !is_local(&tag))
    }
}

/// Returns whether `serde_yaml` reports a tag: `!Ref`, but not `!!str`.
///
/// `!Ref` and `!Sub` are; `!`, `!!str` and `!<tag:yaml.org,2002:str>` are not.
fn is_local(tag: &str) -> bool {
    tag.len() > 1 && tag.starts_with('!') && !tag.starts_with("!!") && !tag.starts_with("!<")
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let is_tagged = self.expected.kind() != ExpectedKind::Alias
            && self.expected.tag().is_some_and(|tag| is_local(&tag));
        if is_tagged {
            deserializer.deserialize_any(TagVisitor(self))
        } else {
            self.deserialize_untagged(deserializer)
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the planned node")
    }

    fn visit_str<E: Error>(self, found: &str) -> Result<(), E> {
        let fits = self.expected.kind() == ExpectedKind::Scalar
            && self.expected.text().as_deref() == Some(found);
        if fits {
            Ok(())
        } else {
            Err(self.differs("a scalar"))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut found: A) -> Result<(), A::Error> {
        if self.expected.kind() != ExpectedKind::Mapping {
            return Err(self.differs("a mapping"));
        }
        for (key, value) in self.expected.entries() {
            if found.next_key_seed(self.next(key))?.is_none() {
                return Err(self.differs("an entry is missing"));
            }
            found.next_value_seed(self.next(value))?;
        }
        if found.next_key::<IgnoredAny>()?.is_some() {
            Err(self.differs("an entry too many"))
        } else {
            Ok(())
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut found: A) -> Result<(), A::Error> {
        if self.expected.kind() != ExpectedKind::Sequence {
            return Err(self.differs("a sequence"));
        }
        for item in self.expected.items() {
            if found.next_element_seed(self.next(item))?.is_none() {
                return Err(self.differs("an item is missing"));
            }
        }
        if found.next_element::<IgnoredAny>()?.is_some() {
            Err(self.differs("an item too many"))
        } else {
            Ok(())
        }
    }
}

/// Reads a tag, and then the node behind it.
struct TagVisitor<'t>(Seed<'t>);

impl<'de> Visitor<'de> for TagVisitor<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the planned tag")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, found: A) -> Result<(), A::Error> {
        let (tag, content) = found.variant::<String>()?;
        let expected = self.0.expected.tag().unwrap_or_default();
        if expected.strip_prefix('!') != Some(&tag) {
            return Err(self.0.differs("a tag"));
        }
        content.newtype_variant_seed(Untagged(self.0))
    }
}

/// Reads the node behind a tag.
struct Untagged<'t>(Seed<'t>);

impl<'de> DeserializeSeed<'de> for Untagged<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0.expected.kind() {
            ExpectedKind::Scalar => deserializer.deserialize_str(self.0),
            _ => self.0.deserialize_untagged(deserializer),
        }
    }
}
