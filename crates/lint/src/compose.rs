//! The literal text of a value, put together through `Fn::Sub`, `Fn::Join` and their kin.
//!
//! | call | text | holes |
//! | --- | --- | --- |
//! | `!Join ['-', [a, !Ref B]]` | `a-` and a hole | `!Ref B` |
//! | `!Sub 'db-${Stage}'` | `db-${Stage}` | none |
//! | `!Select [1, [a, b]]` | `b` | none |
//! | `!GetAtt Db.Arn` | none | none |
//!
//! `${Stage}` stays, since the judgement knows it as a placeholder, and a finding can then be
//! located in the text as it is written.

use byref_cloudformation::{Piece, Written, evaluate};
use byref_template::NodeRef;

use crate::located::Located;

/// A value with its literal parts in one text, holes in between, and the nodes behind the holes.
pub(crate) struct Composed<'t> {
    pub(crate) located: Located<'t>,
    /// Calls that could not be put in, each to be looked at by itself.
    pub(crate) holes: Vec<NodeRef<'t>>,
}

/// Returns the literal text of a scalar or a call; none where nothing of it is literal. `${X}`
/// stays as it is written, but for variables of the call's own map.
pub(crate) fn compose(node: NodeRef<'_>) -> Option<Composed<'_>> {
    if node.intrinsic().is_none() {
        let located = Located::scalar(node).filter(|_| node.kind().is_scalar())?;
        return Some(Composed {
            located,
            holes: Vec::new(),
        });
    }
    let value = evaluate(&Written, node);
    let text = value.only()?;
    if matches!(text.pieces.as_slice(), [Piece::Unknown { node: unknown, .. }] if unknown.id() == node.id())
    {
        return None;
    }
    let mut composed = Composed {
        located: Located::default(),
        holes: Vec::new(),
    };
    for piece in &text.pieces {
        match piece {
            Piece::Known {
                text,
                node,
                offset: Some(offset),
            } => composed.located.push_piece(text, *node, *offset),
            Piece::Known {
                text,
                node,
                offset: None,
            } => composed.located.push_between(text, *node),
            Piece::Unknown { node, .. } => {
                composed.located.push_hole(*node);
                // The variables of `Fn::Sub` have names of their own, and are looked at under
                // those.
                if !node
                    .parent()
                    .is_some_and(|parent| parent.kind().is_mapping())
                {
                    composed.holes.push(*node);
                }
            }
        }
    }
    Some(composed)
}
