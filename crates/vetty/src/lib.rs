//! The terminal you can hand to an agent.
