//! What `profile: 'agent'` refuses and lets through: the corpus of argument injection, the corpus of everyday commands,
//! and denied options in spellings made at random.

#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

mod everyday;
mod explained;
mod injection;
mod machine;
mod respelled;
mod rules;
