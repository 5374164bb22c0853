//! The answers of the evaluator, and the questions that it asks.
//!
//! A [`Value`] lists the [`Text`]s that a node may evaluate to, each in [`Piece`]s. An evaluation
//! with [`Names`] asks these for the values of names, for the sides of conditions and for the leaves
//! of mappings, and knows nothing else of a stack.
//!
//! # Bounds
//!
//! A value has at most 64 texts, since each call that has several texts multiplies those around it.
//! The usual call has one, and is put together in place.

use std::borrow::Cow;
use std::collections::BTreeSet;

use byref_template::{Intrinsic, NodeRef};

/// A part of a text.
#[derive(Clone, Debug)]
pub enum Piece<'t> {
    /// A text that is certain.
    Known {
        /// The text.
        text: Cow<'t, str>,
        /// The node that it comes from.
        node: NodeRef<'t>,
        /// Its first byte in the text of that node. None where the text is not written there
        /// itself, such as the value of a name or the delimiter of `Fn::Join`.
        offset: Option<usize>,
    },
    /// A text that is not known.
    Unknown {
        /// The node that makes it.
        node: NodeRef<'t>,
        /// The name that it is the value of, if it is one.
        name: Option<String>,
        /// The fact that it depends on, as a noun phrase for messages. It repeats names of the
        /// template alone.
        reason: String,
    },
}

/// One text that a node may evaluate to.
#[derive(Clone, Debug, Default)]
pub struct Text<'t> {
    /// Its parts, in order.
    pub pieces: Vec<Piece<'t>>,
}

impl<'t> Text<'t> {
    /// Returns the text, or the first fact that it depends on.
    ///
    /// # Errors
    ///
    /// A part is not known.
    pub fn known(&self) -> Result<String, String> {
        let parts = self.pieces.iter().map(|piece| match piece {
            Piece::Known { text, .. } => Ok(text.as_ref()),
            Piece::Unknown { reason, .. } => Err(reason.clone()),
        });
        parts.collect()
    }

    /// Returns the text with something else for each part that is not known.
    pub fn with(&self, mut unknown: impl FnMut(&Piece<'t>) -> String) -> String {
        let parts = self.pieces.iter().map(|piece| match piece {
            Piece::Known { text, .. } => Cow::Borrowed(text.as_ref()),
            Piece::Unknown { .. } => Cow::Owned(unknown(piece)),
        });
        parts.collect()
    }

    /// Returns a text of one part.
    pub(crate) fn of(piece: Piece<'t>) -> Self {
        Self {
            pieces: vec![piece],
        }
    }
}

/// The texts that a node may evaluate to: at least one, each once.
#[derive(Clone, Debug)]
pub struct Value<'t> {
    /// The texts, in no particular order.
    pub texts: Vec<Text<'t>>,
}

/// A value with more possible texts than this counts as unknown.
const MOST_TEXTS: usize = 64;

impl<'t> Value<'t> {
    /// Returns a value of one text.
    pub(crate) fn known(text: Cow<'t, str>, node: NodeRef<'t>, offset: Option<usize>) -> Self {
        Self {
            texts: vec![Text::of(Piece::Known { text, node, offset })],
        }
    }

    /// Returns a value of which nothing is known.
    pub(crate) fn unknown(node: NodeRef<'t>, reason: impl Into<String>) -> Self {
        Self {
            texts: vec![Text::of(Piece::Unknown {
                node,
                name: None,
                reason: reason.into(),
            })],
        }
    }

    /// Returns the one text, if there is only one.
    pub fn only(&self) -> Option<&Text<'t>> {
        if let [text] = self.texts.as_slice() {
            Some(text)
        } else {
            None
        }
    }

    /// Joins the alternatives of several values for one node; unknown as a whole where they are too
    /// many.
    pub(crate) fn any(values: impl IntoIterator<Item = Value<'t>>, node: NodeRef<'t>) -> Self {
        let mut seen = BTreeSet::new();
        let mut texts = Vec::new();
        for text in values.into_iter().flat_map(|value| value.texts) {
            if text.known().map_or(true, |known| seen.insert(known)) {
                texts.push(text);
            }
            if texts.len() > MOST_TEXTS {
                return Self::unknown(node, TOO_MANY);
            }
        }
        if texts.is_empty() {
            Self::unknown(node, TOO_MANY)
        } else {
            Self { texts }
        }
    }

    /// Appends a part: every text with every text of the part behind it.
    pub(crate) fn push(&mut self, part: Value<'t>, node: NodeRef<'t>) {
        if let ([text], [_]) = (self.texts.as_mut_slice(), part.texts.as_slice()) {
            // The usual case appends in place: a text may have thousands of parts.
            text.pieces
                .extend(part.texts.into_iter().flat_map(|text| text.pieces));
            return;
        }
        if self.texts.len().saturating_mul(part.texts.len()) > MOST_TEXTS {
            *self = Self::unknown(node, TOO_MANY);
            return;
        }
        let joined = |head: &Text<'t>, tail: &Text<'t>| Text {
            pieces: [&*head.pieces, &*tail.pieces].concat(),
        };
        self.texts = self
            .texts
            .iter()
            .flat_map(|head| part.texts.iter().map(move |tail| joined(head, tail)))
            .collect();
    }
}

/// The reason why a value with too many texts is unknown.
pub(crate) const TOO_MANY: &str = "too many conditions";

/// The value of a name.
#[derive(Clone, Debug)]
pub enum Lookup<'t> {
    /// One of these texts, at least one.
    Texts(Vec<String>),
    /// The text that a node elsewhere in the template evaluates to.
    Node(NodeRef<'t>),
    /// It depends on this.
    Unknown(String),
}

/// The answer to which branch of an `Fn::If` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// One branch: the first if true.
    One(bool),
    /// Either of them.
    Either,
    /// The caller looks at values without conditions.
    Unknown,
}

/// The evaluation of an argument, with the names of the call.
pub type Evaluate<'e, 't> = &'e dyn Fn(NodeRef<'t>) -> Value<'t>;

/// The values of names during an evaluation.
pub trait Names<'t> {
    /// Looks up a name of `Ref`, or one in `${}`, which may have an attribute (`Role.Arn`).
    fn name(&self, name: &str) -> Lookup<'t>;

    /// Looks up the branches of an `Fn::If` that may count.
    fn side(&self, condition: &str) -> Side;

    /// Returns the values of mappings that a call of `Fn::FindInMap` may return, at least one.
    /// `evaluate` evaluates its keys.
    ///
    /// # Errors
    ///
    /// The fact that the call depends on.
    fn mapped(
        &self,
        call: Intrinsic<'t>,
        evaluate: Evaluate<'_, 't>,
    ) -> Result<Vec<NodeRef<'t>>, String>;

    /// Returns whether texts are taken as the template has them, for a reader of the template:
    /// `${}` stays, and so does the argument of `Fn::Base64`.
    fn is_written(&self) -> bool {
        false
    }
}

/// The names of a template as it is written: they have no values, and `${Name}` is text.
#[derive(Clone, Copy, Debug)]
pub struct Written;

impl<'t> Names<'t> for Written {
    fn name(&self, name: &str) -> Lookup<'t> {
        Lookup::Unknown(format!("`{name}`"))
    }

    fn side(&self, _: &str) -> Side {
        Side::Unknown
    }

    fn mapped(&self, _: Intrinsic<'t>, _: Evaluate<'_, 't>) -> Result<Vec<NodeRef<'t>>, String> {
        Err("`Fn::FindInMap`".to_owned())
    }

    fn is_written(&self) -> bool {
        true
    }
}
