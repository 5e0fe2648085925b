//! A configuration made for this kernel: what a child applies to itself.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::Feature;
use crate::config::{Level, Metadata, Network, SandboxConfig, UnixSockets};
use crate::grants::{Grant, Right, Surroundings, grants};
use crate::isolation::Isolation;
use crate::protect::protected;
use crate::seccomp::{self, Instruction, Machine, Sockets, Wanted};
use crate::support::{Places, Ruleset, View};

/// What a confined child applies to itself, made once and used for any number of children at once.
#[derive(Debug, Clone)]
pub struct Confinement {
    ruleset: Option<Arc<Ruleset>>,
    filter: Arc<[Instruction]>,
    features: Vec<Feature>,
    degraded: Vec<Feature>,
    places: Arc<Places>,
    isolation: Option<Arc<Isolation>>,
}

/// Why a configuration cannot be enforced here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unconfinable {
    /// The kernel, or a filter in front of it, lacks what the configuration asks.
    #[error("this kernel lacks {}", names(.0))]
    Missing(Vec<Feature>),
    /// A place within a writable one leads out of it.
    #[error("the place {} leads out of the writable place that it lies in", .0.display())]
    LeadsOut(PathBuf),
    /// The whole file system is granted, so nothing is left to isolate.
    #[error("the place / is granted, which leaves nothing to isolate")]
    Everything,
    /// A place is to be protected and is not there.
    #[error("the place {} is to be protected and does not exist", .0.display())]
    Unprotected(PathBuf),
    /// A place is to be protected and a link leads to it: what the link is changed to would not be.
    #[error("the place {} is to be protected and is a link", .0.display())]
    ProtectedLink(PathBuf),
    /// The kernel refused to make the rules.
    #[error("the rules could not be made: {0}")]
    Io(#[from] io::Error),
}

fn names(features: &[Feature]) -> String {
    features.iter().map(|feature| feature.as_str()).collect::<Vec<_>>().join(", ")
}

impl Confinement {
    /// Makes the rules of `config` for a kernel that has these `features`. `on_terminal`: job control works, so the process
    /// group is not locked.
    ///
    /// Opens each granted place: a place that does not exist is granted nothing until it does, see
    /// [`Confinement::is_current`].
    ///
    /// # Errors
    /// [`Unconfinable`].
    pub fn compile(
        config: &SandboxConfig,
        surroundings: &Surroundings,
        features: &[Feature],
        on_terminal: bool,
    ) -> Result<Confinement, Unconfinable> {
        let (in_force, degraded) = settle(config, surroundings, features, on_terminal)?;
        let has = |feature| in_force.contains(&feature);
        let mut grants = grants(config, surroundings);
        let network = config.network();
        let isolates = config.level == Level::Isolate;
        let writable: Vec<PathBuf> = match isolates {
            true => writable(&grants, surroundings).collect(),
            false => Vec::new(),
        };
        let protected = protected(config.protect.as_deref(), &writable);
        let isolation = match isolates {
            true => Some(Arc::new(Isolation {
                view: View::plan(&grants, &protected, surroundings)?,
                own_network: network_is_own(network),
                has_proxy: matches!(network, Network::Hosts(_)),
                by_user_namespace: surroundings.user_namespace,
            })),
            false => None,
        };
        grants.extend(isolation.iter().map(|isolation| isolation.view.grant()));
        let (places, ruleset) = if has(Feature::LandlockFs) {
            let ports = has(Feature::LandlockTcp).then_some(network);
            let unix = if has(Feature::LandlockUnix) { Some(config.unix_sockets()) } else { None };
            let (places, ruleset) = Places::open(&grants, &in_force, ports, unix, &protected)?;
            (places, Some(Arc::new(ruleset)))
        } else {
            (Places::default(), None)
        };
        let filter = match Machine::this() {
            Some(machine) if has(Feature::Seccomp) => {
                seccomp::filter(machine, wanted(config, &in_force, on_terminal))
            }
            _ => Vec::new(),
        };
        Ok(Confinement {
            ruleset,
            filter: filter.into(),
            features: in_force,
            degraded,
            places: Arc::new(places),
            isolation,
        })
    }

    /// Whether the granted places are still the ones that were opened: none has come, gone or been replaced.
    pub fn is_current(&self) -> bool {
        self.places.are_the_same()
    }

    /// The Landlock ruleset.
    pub fn ruleset(&self) -> Option<&Ruleset> {
        self.ruleset.as_deref()
    }

    /// The seccomp program; empty where it may be missing.
    pub fn filter(&self) -> &[Instruction] {
        &self.filter
    }

    /// The namespaces and the view of files, for the level `isolate`.
    pub fn isolation(&self) -> Option<&Isolation> {
        self.isolation.as_deref()
    }

    /// What is enforced.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// What was asked, is missing, and may be.
    pub fn degraded(&self) -> &[Feature] {
        &self.degraded
    }
}

/// What is asked and there, and what is asked and may be missing.
fn settle(
    config: &SandboxConfig,
    surroundings: &Surroundings,
    features: &[Feature],
    on_terminal: bool,
) -> Result<(Vec<Feature>, Vec<Feature>), Unconfinable> {
    let mut asked = asked(config, surroundings, on_terminal);
    let (mut there, lacking): (Vec<_>, Vec<_>) =
        asked.drain(..).partition(|feature| features.contains(feature));
    let (degraded, missing): (Vec<_>, Vec<_>) =
        lacking.into_iter().partition(|feature| config.allow_degraded.contains(feature));
    if !missing.is_empty() {
        return Err(Unconfinable::Missing(missing));
    }
    // What nobody needs to ask for, and is used where it is.
    let beside = [Feature::LandlockIoctl, Feature::LandlockTcp, Feature::LandlockUnix];
    there.extend(beside.into_iter().filter(|feature| features.contains(feature) && useful(config, *feature)));
    there.sort_unstable();
    there.dedup();
    Ok((there, degraded))
}

/// What a configuration cannot do without.
fn asked(config: &SandboxConfig, surroundings: &Surroundings, on_terminal: bool) -> Vec<Feature> {
    let mut asked = vec![
        Feature::NoNewPrivs,
        Feature::LandlockFs,
        Feature::LandlockRefer,
        Feature::LandlockTruncate,
        Feature::LandlockScope,
        Feature::Seccomp,
    ];
    if locks_group(config, on_terminal) {
        asked.push(Feature::ProcessGroupLock);
    }
    if matches!(config.network(), Network::Ports { .. }) {
        asked.push(Feature::LandlockTcp);
    }
    if matches!(config.unix_sockets(), UnixSockets::At(_)) {
        asked.push(Feature::LandlockUnix);
    }
    if config.level == Level::Isolate {
        if surroundings.user_namespace {
            asked.push(Feature::UserNamespace);
        }
        asked.extend([Feature::MountNamespace, Feature::PidNamespace]);
        if network_is_own(config.network()) {
            asked.push(Feature::NetworkNamespace);
        }
    }
    asked
}

/// The process group is locked where it is all that holds a tree together, and nobody needs job control.
fn locks_group(config: &SandboxConfig, on_terminal: bool) -> bool {
    !on_terminal && config.level != Level::Isolate
}

/// Ports are those of the host's network.
fn network_is_own(network: &Network) -> bool {
    matches!(network, Network::None | Network::Hosts(_))
}

/// The places whose content programs write, the first workspace first; their own one for temporary files aside.
fn writable(grants: &[Grant], surroundings: &Surroundings) -> impl Iterator<Item = PathBuf> {
    let is_temporary = |grant: &Grant| Some(&grant.path) == surroundings.temporary.as_ref();
    let writable = |grant: &&Grant| grant.right == Right::Write && !is_temporary(grant);
    grants.iter().filter(writable).map(|grant| grant.path.clone()).collect::<Vec<_>>().into_iter()
}

fn useful(config: &SandboxConfig, feature: Feature) -> bool {
    match feature {
        Feature::LandlockTcp => config.network().is_restricted(),
        Feature::LandlockUnix => *config.unix_sockets() != UnixSockets::All,
        _ => true,
    }
}

fn wanted(config: &SandboxConfig, in_force: &[Feature], on_terminal: bool) -> Wanted {
    Wanted {
        sockets: match config.network() {
            Network::None => Sockets::None,
            // To the proxy.
            Network::Hosts(_) => Sockets::Tcp { listen: false },
            Network::Open => Sockets::Ip,
            Network::Ports { bind, .. } => Sockets::Tcp { listen: !bind.is_empty() },
        },
        unix_sockets: *config.unix_sockets() != UnixSockets::None,
        refuse_metadata: config.metadata == Metadata::Deny,
        refuse_truncate: !in_force.contains(&Feature::LandlockTruncate),
        lock_process_group: locks_group(config, on_terminal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confine() -> SandboxConfig {
        SandboxConfig { level: Level::Confine, ..SandboxConfig::default() }
    }

    fn missing(config: &SandboxConfig, features: &[Feature]) -> Vec<Feature> {
        match settle(config, &Surroundings::default(), features, false) {
            Err(Unconfinable::Missing(missing)) => missing,
            other => panic!("{other:?}"),
        }
    }

    fn all_but(feature: Feature) -> Vec<Feature> {
        Feature::ALL.iter().copied().filter(|one| *one != feature).collect()
    }

    #[test]
    fn each_missing_feature_is_named() {
        for feature in asked(&confine(), &Surroundings::default(), false) {
            assert_eq!(missing(&confine(), &all_but(feature)), [feature]);
        }
        assert_eq!(missing(&confine(), &[]).len(), asked(&confine(), &Surroundings::default(), false).len());
    }

    #[test]
    fn only_what_is_asked_must_be_there() {
        assert!(settle(&confine(), &Surroundings::default(), &all_but(Feature::LandlockTcp), false).is_ok());
        let ports = Network::Ports { connect: vec![443], bind: vec![] };
        let config = SandboxConfig { network: Some(ports), ..confine() };
        assert_eq!(missing(&config, &all_but(Feature::LandlockTcp)), [Feature::LandlockTcp]);
        let config = SandboxConfig { unix_sockets: Some(UnixSockets::At(vec!["/run".into()])), ..confine() };
        assert_eq!(missing(&config, &all_but(Feature::LandlockUnix)), [Feature::LandlockUnix]);
        assert!(
            settle(&confine(), &Surroundings::default(), &all_but(Feature::ProcessGroupLock), true).is_ok()
        );
    }

    #[test]
    fn what_may_be_missing_is_reported_when_it_is() {
        let config = SandboxConfig { allow_degraded: vec![Feature::LandlockScope], ..confine() };
        let (features, degraded) =
            settle(&config, &Surroundings::default(), &all_but(Feature::LandlockScope), false)
                .expect("allowed");
        assert_eq!(degraded, [Feature::LandlockScope]);
        assert!(!features.contains(&Feature::LandlockScope) && features.contains(&Feature::LandlockFs));
        let (_, degraded) =
            settle(&config, &Surroundings::default(), Feature::ALL, false).expect("nothing is missing");
        assert!(degraded.is_empty());
    }
}
