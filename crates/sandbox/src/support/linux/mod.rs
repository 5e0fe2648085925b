//! Linux: what its Landlock knows, and the ruleset made for it.

#[cfg(test)]
mod numbers;
mod places;
mod private_directory;
mod ruleset;
mod view;

pub(crate) use places::Places;
pub use private_directory::PrivateDirectory;
pub use ruleset::{Ruleset, kernel_features};
pub(crate) use view::{View, processes};
