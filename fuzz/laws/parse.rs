//! What must hold for every text that is parsed.

use byref_template::{Syntax, Template};

/// Every scalar has a text, spans nest, parents stand before their children; what byref reads as
/// YAML, libyaml reads too.
pub(crate) fn parse(data: &[u8], libyaml_accepts: fn(&str) -> bool) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(template) = Template::parse(text) else {
        return;
    };
    for node in template.nodes() {
        assert_eq!(node.text().is_some(), node.kind().is_scalar());
        if let Some(parent) = node.parent() {
            assert!(
                parent.id() < node.id() && parent.span().contains(node.span()),
                "{parent:?} holds {node:?}"
            );
        }
        assert!(node.full_span().contains(node.span()));
        let _ = node.intrinsic().and_then(byref_template::Intrinsic::target);
    }
    assert!(template.comments().is_sorted());
    assert!(
        template.syntax() == Syntax::Json || libyaml_accepts(text),
        "libyaml refuses this"
    );
}
