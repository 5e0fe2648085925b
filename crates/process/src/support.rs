//! What can be enforced here: what the kernel claims, tried once.

use std::sync::OnceLock;

use vetty_sandbox::{Confinement, Feature, Level, Network, SandboxConfig, Surroundings, kernel_features};

use crate::{Phase, TreeLimits, sys};

/// The parts of enforcement that work in this process, on this kernel, in this container. The first call tries them, in a
/// child that executes nothing, and takes about a millisecond; later ones know.
pub fn features() -> &'static [Feature] {
    &found().features
}

/// Whether the privilege to make namespaces comes from a user namespace here, because the host has none.
pub fn needs_user_namespace() -> bool {
    found().needs_user_namespace
}

/// The system's setting that keeps the host from making namespaces, if one is known to: `user.max_user_namespaces is 0`.
pub fn namespace_obstacle() -> Option<String> {
    sys::namespace_obstacle()
}

struct Found {
    features: Vec<Feature>,
    needs_user_namespace: bool,
}

fn found() -> &'static Found {
    static FOUND: OnceLock<Found> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut features = tried();
        let namespaces = [false, true].map(|by_user| namespaces_tried(&features, by_user));
        let needs_user_namespace = namespaces[0].is_empty();
        features.extend(namespaces.into_iter().find(|found| !found.is_empty()).unwrap_or_default());
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
        Found { features, needs_user_namespace }
    })
}

/// The namespaces that can be made, with the host's privilege or by a user namespace: all, all but the network's, or none.
fn namespaces_tried(others: &[Feature], by_user: bool) -> Vec<Feature> {
    let surroundings = Surroundings { user_namespace: by_user, ..Surroundings::default() };
    for network in [Network::None, Network::Open] {
        let mut config = SandboxConfig::default();
        config.level = Level::Isolate;
        config.allow_degraded = others_missing(others);
        config.network = Some(network);
        let mut wanted = vec![Feature::MountNamespace, Feature::PidNamespace];
        if config.network == Some(Network::None) {
            wanted.push(Feature::NetworkNamespace);
        }
        if by_user {
            wanted.push(Feature::UserNamespace);
        }
        let all: Vec<Feature> = others.iter().chain(&wanted).copied().collect();
        let tried = Confinement::compile(&config, &surroundings, &all, false)
            .map_err(|error| error.to_string())
            .and_then(|confinement| sys::rehearse(&confinement).map_err(|error| error.to_string()));
        match tried {
            Ok(()) => return wanted,
            Err(error) => tracing::debug!(%error, by_user, "namespaces cannot be made"),
        }
    }
    Vec::new()
}

/// What is missing of the rest is told of the rest.
fn others_missing(others: &[Feature]) -> Vec<Feature> {
    Feature::ALL.iter().filter(|feature| !others.contains(feature)).copied().collect()
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
