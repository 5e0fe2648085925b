//! What can be enforced here: what the kernel claims, tried once.

use std::sync::OnceLock;

use vetty_sandbox::{Confinement, Feature, Level, SandboxConfig, Surroundings, kernel_features};

use crate::{Phase, TreeLimits, sys};

/// The parts of enforcement that work in this process, on this kernel, in this container. The first call tries them, in a
/// child that executes nothing, and takes about a millisecond; later ones know.
pub fn features() -> &'static [Feature] {
    static FEATURES: OnceLock<Vec<Feature>> = OnceLock::new();
    FEATURES.get_or_init(|| {
        let mut features = tried();
        if sys::HAS_GROUPS {
            features.push(Feature::Rlimits);
        }
        if crate::tree::can_contain() {
            features.push(Feature::CgroupKill);
        }
        if TreeLimits::are_available() {
            features.push(Feature::CgroupLimits);
        }
        features.sort_unstable();
        features.dedup();
        features
    })
}

/// Of what is claimed, what the real sequence does.
fn tried() -> Vec<Feature> {
    let mut config = SandboxConfig::default();
    config.level = Level::Confine;
    config.allow_degraded = Feature::ALL.to_vec();
    let mut claimed = kernel_features();
    while !claimed.is_empty() {
        let surroundings = Surroundings::default();
        let confinement = match Confinement::compile(&config, &surroundings, &claimed, false) {
            Ok(confinement) => confinement,
            Err(error) => {
                tracing::debug!(%error, "no rules can be made");
                claimed.retain(|feature| !is_landlock(*feature));
                if claimed.contains(&Feature::Seccomp) {
                    continue;
                }
                return Vec::new();
            }
        };
        let Err(error) = sys::rehearse(&confinement) else {
            return claimed;
        };
        tracing::debug!(%error, "a part of the sandbox does not work here");
        let before = claimed.len();
        match error.phase() {
            Phase::Landlock => claimed.retain(|feature| !is_landlock(*feature)),
            Phase::Seccomp => {
                claimed.retain(|one| !matches!(one, Feature::Seccomp | Feature::ProcessGroupLock));
            }
            _ => claimed.clear(),
        }
        if claimed.len() == before {
            claimed.clear();
        }
    }
    claimed
}

fn is_landlock(feature: Feature) -> bool {
    feature.as_str().starts_with("landlock-")
}

/// Whether a child that runs as `uid`, or else as the host's user, would be root, whom no limit of processes holds.
pub fn user_is_root(uid: Option<u32>) -> bool {
    uid.unwrap_or_else(sys::own_user) == 0
}
