//! The terminal you can hand to an agent.

#![forbid(unsafe_code)]
