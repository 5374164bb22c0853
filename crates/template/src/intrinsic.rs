//! CloudFormation's intrinsic functions: `!Ref X` and `Ref: X` are one thing.

use crate::span::Span;
use crate::tree::{Kind, NodeRef};

/// A call of an intrinsic function, in short or long form.
///
/// Source of the names: the CloudFormation template reference, "Intrinsic function reference".
#[derive(Clone, Copy, Debug)]
pub struct Intrinsic<'t> {
    /// The function's name without `!` and `Fn::`: `Ref`, `GetAtt`, `Sub`, `If`, `Condition`, …
    pub name: &'t str,
    /// What it is called with. In short form it is the tagged node itself, shown without its tag.
    pub argument: NodeRef<'t>,
    /// The whole call: tag and value, or the mapping of one entry.
    pub span: Span,
    /// Whether it is written with a tag.
    pub is_short: bool,
}

impl<'t> Intrinsic<'t> {
    pub(crate) fn of(node: NodeRef<'t>) -> Option<Self> {
        if let Some(tag) = node.tag() {
            let name = tag.strip_prefix('!').filter(|name| !name.is_empty() && !name.starts_with(['!', '<']))?;
            return Some(Self { name, argument: node.without_tag(), span: node.full_span(), is_short: true });
        }
        let mut entries = node.entries();
        let entry = entries.next()?;
        if entries.next().is_some() || !entry.key.kind().is_scalar() || entry.key.tag().is_some() {
            return None;
        }
        let raw = match entry.key.kind() {
            Kind::Plain => entry.key.raw(),
            Kind::SingleQuoted | Kind::DoubleQuoted => {
                let quoted = entry.key.raw();
                quoted.get(1..quoted.len().saturating_sub(1))?
            }
            _ => return None,
        };
        let name = match raw {
            "Ref" => raw,
            "Condition" if entry.value.kind().is_scalar() => raw,
            _ => raw.strip_prefix("Fn::")?,
        };
        Some(Self { name, argument: entry.value, span: node.full_span(), is_short: false })
    }

    /// The logical id of `Ref`, or of `GetAtt` in any of its forms, with the attribute in the latter case.
    pub fn target(self) -> Option<(String, Option<String>)> {
        match self.name {
            "Ref" => Some((self.argument.text()?.into_owned(), None)),
            "GetAtt" if self.argument.kind().is_scalar() => {
                let text = self.argument.text()?;
                let (id, attribute) = text.split_once('.')?;
                Some((id.to_owned(), Some(attribute.to_owned())))
            }
            "GetAtt" => {
                let mut parts = self.argument.items();
                let id = parts.next()?.text()?.into_owned();
                let attribute: Option<Vec<String>> = parts.map(|part| Some(part.text()?.into_owned())).collect();
                Some((id, Some(attribute?.join("."))))
            }
            _ => None,
        }
    }

    /// `!Ref AWS::NoValue`: the property is as if it were not there.
    pub fn is_no_value(self) -> bool {
        self.name == "Ref" && self.argument.text().as_deref() == Some("AWS::NoValue")
    }
}
