//! What this kernel can enforce, and the objects of its that a confinement is made of.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{Places, View, processes};
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{PrivateDirectory, Ruleset, kernel_features};
#[cfg(target_os = "linux")]
pub(crate) use linux::{Places, View, processes};
#[cfg(target_os = "linux")]
pub use linux::{PrivateDirectory, Ruleset, kernel_features};
