//! Mappings that name a value: the name and the value are under keys of their own.
//!
//! CloudFormation has dozens of such pairs: `Name` and `Value` of environments, `Key` and `Value`
//! of tags, `ParameterKey` and `ParameterValue` of nested stacks, `OptionName` and `Value` of
//! Elastic Beanstalk, `HeaderName` and `HeaderValue` of `CloudFront`. They are recognised by their
//! keys, whatever the resource type.
//!
//! | keys | value | name |
//! | --- | --- | --- |
//! | `Name`, `Value` | `Value` | `Name` |
//! | `ParameterKey`, `ParameterValue` | `ParameterValue` | `ParameterKey` |
//! | `OptionName`, `Namespace`, `Value` | `Value` | `OptionName` |
//! | `HeaderName`, `Values` | `Values` | `HeaderName` |
//! | `SearchString`, `FieldToMatch` | `SearchString` | the header in `FieldToMatch` |

use std::borrow::Cow;

use byref_judge::HOLE;
use byref_template::NodeRef;

use crate::compose::compose;

/// A mapping that names a value: `Name` and `Value`, `ParameterKey` and `ParameterValue`,
/// `HeaderName` and `Values`, and similar ones.
pub(crate) struct Pair<'k> {
    /// The key of the value.
    pub(crate) value_key: &'k str,
    /// The name, with a space for each computed part.
    pub(crate) name: String,
    /// `true` if the value is the name of a parameter or secret.
    pub(crate) is_reference: bool,
    /// `true` if the name is that of an HTTP header.
    pub(crate) is_header: bool,
}

impl<'k> Pair<'k> {
    /// Returns the name and the key of the value in a mapping with these keys, or `None` if it is
    /// not a pair.
    ///
    /// The key of the value ends with `Value`. The name is under the same stem with `Name` or
    /// `Key`, or else under another key that ends so.
    pub(crate) fn of(node: NodeRef<'_>, keys: &'k [Cow<'_, str>]) -> Option<Self> {
        if let Some(pair) = Self::of_firewall(node, keys) {
            return Some(pair);
        }
        let has_header = keys.iter().any(|key| key.ends_with("HeaderName"));
        let is_value = |key: &&Cow<'_, str>| {
            key.to_ascii_lowercase().ends_with("value") || has_header && key.as_ref() == "Values"
        };
        let value_key = keys.iter().find(is_value)?;
        let stem = if value_key == "Values" {
            ""
        } else {
            &value_key[..value_key.len() - "value".len()]
        };
        let name = name(node, keys, value_key, stem)?;
        let literal = |key: &str| node.get(key).and_then(NodeRef::text);
        let is_kind = literal("Type")
            .is_some_and(|kind| matches!(kind.as_ref(), "PARAMETER_STORE" | "SECRETS_MANAGER"));
        let is_space =
            literal("Namespace").is_some_and(|space| space.ends_with(":environmentsecrets"));
        Some(Self {
            value_key,
            name,
            is_reference: is_kind || is_space,
            is_header: has_header,
        })
    }

    /// Returns the header that a WAF statement inspects, and the key of the text that it looks for.
    ///
    /// Source: CloudFormation's template reference, `AWS::WAFv2::WebACL ByteMatchStatement`.
    fn of_firewall(node: NodeRef<'_>, keys: &'k [Cow<'_, str>]) -> Option<Self> {
        let value_key = keys
            .iter()
            .find(|key| matches!(key.as_ref(), "SearchString" | "SearchStringBase64"))?;
        let header = node.get("FieldToMatch")?.get("SingleHeader")?;
        let name = header.get("Name").or_else(|| header.get("name"))?.text()?;
        Some(Self {
            value_key,
            name: name.into_owned(),
            is_reference: false,
            is_header: true,
        })
    }
}

/// Returns the name in a pair whose value is under `value_key`: the text under the key with the
/// same stem, or else under another key for names.
fn name(node: NodeRef<'_>, keys: &[Cow<'_, str>], value_key: &str, stem: &str) -> Option<String> {
    const OTHERS: [&str; 7] = [
        "OptionName",
        "VariableName",
        "HeaderName",
        "Option",
        "Variable",
        "Field",
        "Id",
    ];
    const ENDS: [&str; 4] = ["Name", "Key", "name", "key"];
    let text = |key: &str| {
        let composed = compose(node.get(key)?)?;
        let text = composed.located.text.replace(HOLE, " ");
        (!text.trim().is_empty()).then_some(text)
    };
    let of_stem = ENDS.map(|end| format!("{stem}{end}"));
    let mut candidates = of_stem.iter().map(String::as_str).chain(ENDS).chain(OTHERS);
    let known = candidates
        .find(|candidate| *candidate != value_key && keys.iter().any(|key| key == candidate));
    known.and_then(text).or_else(|| {
        let ends_like_name = |key: &&Cow<'_, str>| {
            let lower = key.to_ascii_lowercase();
            lower.ends_with("name") || lower.ends_with("key")
        };
        text(keys.iter().find(ends_like_name)?)
    })
}
