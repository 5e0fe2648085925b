//! The table of a program that nobody described: how most programs read their words.

use super::table::{Node, Syntax};
use std::sync::OnceLock;

/// Options are clustered or long, may stand behind operands, and take no value as a word of its own.
pub(crate) fn generic() -> &'static Node {
    static NODE: OnceLock<Node> = OnceLock::new();
    NODE.get_or_init(|| Node {
        syntax: Syntax {
            clusters: true,
            long: true,
            permuted: true,
            dashes: true,
            unknown: true,
            ..Syntax::default()
        },
        ..Node::default()
    })
}
