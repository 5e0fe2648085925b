//! What no word may contain, and the places that a word may name.

pub(crate) mod characters;
pub(crate) mod parts;
