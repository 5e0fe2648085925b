//! Memory, resizing and hostile output of our screen.

/// Prints what each costs.
pub fn bounds() {}
