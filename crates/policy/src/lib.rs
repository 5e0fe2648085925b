//! What may run: judges a command against a policy.
