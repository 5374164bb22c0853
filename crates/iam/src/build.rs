//! Values of policies, for the template crate to write: mappings in the order of IAM's own
//! examples.

use byref_template::Build;

/// Returns a text that may refer to pseudo parameters and parameters of the template: with
/// `Fn::Sub` if it does.
pub fn text(text: &str) -> Build {
    let literal = literal(text);
    if text.contains("${") {
        Build::Call("Sub", Box::new(literal))
    } else {
        literal
    }
}

/// Returns a text without functions.
pub fn literal(text: &str) -> Build {
    Build::Text(text.to_owned())
}

/// Returns a mapping with its entries in the given order.
pub fn mapping(entries: Vec<(&str, Build)>) -> Build {
    Build::Mapping(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

/// Returns a policy document of statements, in the current version of the policy language.
///
/// Source: IAM user guide, "IAM JSON policy elements: Version".
pub fn document(statements: Vec<Build>) -> Build {
    mapping(vec![
        ("Version", literal("2012-10-17")),
        ("Statement", Build::Sequence(statements)),
    ])
}

/// Returns a call of `Ref`.
pub(crate) fn reference(name: &str) -> Build {
    Build::Call("Ref", Box::new(literal(name)))
}
