//! What the words behind a program mean: options, their values, subcommands and operands, by tables that are data.
//!
//! One interpreter reads every table. A table says which options there are, which of them take a value, whether they
//! may be clustered, abbreviated or stand behind operands, and what its operands are; the rules of a policy and the
//! built-in profile then speak of options, whatever their spelling.

mod generic;
mod interpret;
mod read;
mod table;

pub(crate) use generic::generic;
pub(crate) use interpret::{Found, Parsed, Part, interpret};
pub(crate) use table::{Assignments, Kind, Language, Node, OptionSpec, Role, Tables, Tool};
