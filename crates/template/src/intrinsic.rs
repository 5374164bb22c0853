//! CloudFormation's intrinsic functions. `!Ref X` and `Ref: X` are the same call.

use crate::span::Span;
use crate::tree::{Kind, NodeRef};

/// A call of an intrinsic function, in short or long form.
///
/// A mapping with a single key `Ref`, `Condition` or `Fn::…` is a call, and so is any node with a
/// tag `!Name`. Unknown names are calls too: CloudFormation adds functions over time.
///
/// ```
/// use byref_template::Template;
///
/// for text in ["Key: !GetAtt Role.Arn\n", "Key: {Fn::GetAtt: [Role, Arn]}\n"] {
///     let template = Template::parse(text)?;
///     let call = template.root().and_then(|root| root.get("Key")?.intrinsic()).unwrap();
///     assert_eq!(call.name, "GetAtt");
///     assert_eq!(call.target(), Some(("Role".to_owned(), Some("Arn".to_owned()))));
/// }
/// # Ok::<(), byref_template::ParseError>(())
/// ```
///
/// Source: CloudFormation template reference, "Intrinsic function reference".
#[derive(Clone, Copy, Debug)]
pub struct Intrinsic<'t> {
    /// The name of the function without `!` and `Fn::`: `Ref`, `GetAtt`, `Sub`, `If`, `Condition`,
    /// …
    pub name: &'t str,
    /// The argument. In short form it is the tagged node itself, viewed without its tag.
    pub argument: NodeRef<'t>,
    /// The whole call: tag and value, or the mapping with its one entry.
    pub span: Span,
    /// The call is written with a tag.
    pub is_short: bool,
}

impl<'t> Intrinsic<'t> {
    /// Returns the call that a node is, or `None` if it is a plain value.
    pub(crate) fn of(node: NodeRef<'t>) -> Option<Self> {
        if let Some(tag) = node.tag() {
            let name = tag
                .strip_prefix('!')
                .filter(|name| !name.is_empty() && !name.starts_with(['!', '<']))?;
            return Some(Self {
                name,
                argument: node.without_tag(),
                span: node.full_span(),
                is_short: true,
            });
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
        Some(Self {
            name,
            argument: entry.value,
            span: node.full_span(),
            is_short: false,
        })
    }

    /// Returns the logical id that `Ref` or `GetAtt` refers to, for `GetAtt` with the attribute.
    ///
    /// `GetAtt` is understood in all of its forms: `Role.Arn`, `[Role, Arn]`, and an attribute with
    /// dots. Returns `None` for other functions and for arguments that are not literal.
    ///
    /// | Call | Result |
    /// | --- | --- |
    /// | `!Ref X` | `X` |
    /// | `!GetAtt Role.Arn`, `!GetAtt [Role, Arn]` | `Role` and `Arn` |
    /// | `!GetAtt Nested.Outputs.Url` | `Nested` and `Outputs.Url` |
    /// | `!GetAtt Role`, `!Sub ${X}` | none |
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
                let attribute: Option<Vec<String>> =
                    parts.map(|part| Some(part.text()?.into_owned())).collect();
                Some((id, Some(attribute?.join("."))))
            }
            _ => None,
        }
    }

    /// Returns `true` for `!Ref AWS::NoValue`, which removes the property that has it as its value.
    ///
    /// Source: CloudFormation template reference, "Pseudo parameters reference".
    pub fn is_no_value(self) -> bool {
        self.name == "Ref" && self.argument.text().as_deref() == Some("AWS::NoValue")
    }
}
