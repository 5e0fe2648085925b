//! What may run: judges a command against a policy.

#![forbid(unsafe_code)]
