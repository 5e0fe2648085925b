//! A Landlock ruleset, by the crate `landlock` with hard requirements: what it cannot promise is an error.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, NetPort, PathBeneath,
    Ruleset as Builder, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};

use crate::config::{Network, UnixSockets};
use crate::grants::Right;
use crate::{Feature, PROXY_PORT, Unconfinable};

/// A Landlock ruleset: an open descriptor that any number of children apply to themselves.
#[derive(Debug)]
pub struct Ruleset(OwnedFd);

impl Ruleset {
    /// Its descriptor, open as long as `self`.
    pub fn as_raw(&self) -> i32 {
        self.0.as_raw_fd()
    }
}

/// What the kernel says it can enforce. Whether it does is for whoever spawns to try.
pub fn kernel_features() -> Vec<Feature> {
    let mut features = vec![Feature::NoNewPrivs, Feature::Rlimits];
    let file = |access: AccessFs| strict().handle_access(access).is_ok();
    let known = [
        // The one that is made: the others are only asked for.
        (
            Feature::LandlockFs,
            strict().handle_access(AccessFs::from_all(ABI::V1)).and_then(Builder::create).is_ok(),
        ),
        (Feature::LandlockRefer, file(AccessFs::Refer)),
        (Feature::LandlockTruncate, file(AccessFs::Truncate)),
        (Feature::LandlockTcp, strict().handle_access(AccessNet::from_all(ABI::V4)).is_ok()),
        (Feature::LandlockIoctl, file(AccessFs::IoctlDev)),
        (Feature::LandlockScope, strict().scope(Scope::from_all(ABI::V6)).is_ok()),
        (Feature::LandlockUnix, file(AccessFs::ResolveUnix)),
    ];
    if known[0].1 {
        features.extend(known.iter().filter(|(_, is_known)| *is_known).map(|(feature, _)| feature));
    }
    if crate::Machine::this().is_some() {
        features.extend([Feature::Seccomp, Feature::ProcessGroupLock]);
    }
    features.sort_unstable();
    features
}

/// What it is asked and the kernel lacks is an error.
fn strict() -> Builder {
    Builder::default().set_compatibility(CompatLevel::HardRequirement)
}

/// A ruleset to which rules are added.
pub(super) struct Draft {
    ruleset: RulesetCreated,
    /// Everything that is handled.
    all: BitFlags<AccessFs>,
}

impl Draft {
    pub(super) fn new(
        features: &[Feature],
        network: Option<&Network>,
        unix: Option<&UnixSockets>,
    ) -> Result<Draft, Unconfinable> {
        let has = |feature| features.contains(&feature);
        let mut all = AccessFs::from_all(ABI::V1);
        let by_feature = [
            (Feature::LandlockRefer, AccessFs::Refer),
            (Feature::LandlockTruncate, AccessFs::Truncate),
            (Feature::LandlockIoctl, AccessFs::IoctlDev),
        ];
        for (_, access) in by_feature.iter().filter(|(feature, _)| has(*feature)) {
            all |= *access;
        }
        if unix.is_some_and(|unix| *unix != UnixSockets::All) {
            all |= AccessFs::ResolveUnix;
        }
        let mut builder = strict().handle_access(all).map_err(refused)?;
        if network.is_some_and(Network::is_restricted) {
            builder = builder.handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp).map_err(refused)?;
        }
        if has(Feature::LandlockScope) {
            builder = builder.scope(Scope::AbstractUnixSocket | Scope::Signal).map_err(refused)?;
        }
        let mut ruleset = builder.create().map_err(refused)?;
        if let Some(Network::Ports { connect, bind }) = network {
            let ports = |ports: &[u16], access| {
                ports.iter().map(move |port| Ok(NetPort::new(*port, access))).collect::<Vec<_>>()
            };
            let connect = ports(connect, AccessNet::ConnectTcp);
            let bind = ports(bind, AccessNet::BindTcp);
            ruleset = ruleset.add_rules(connect.into_iter().chain(bind)).map_err(refused)?;
        }
        if let Some(Network::Hosts(_)) = network {
            let proxy = NetPort::new(PROXY_PORT, AccessNet::ConnectTcp);
            ruleset = ruleset.add_rule(proxy).map_err(refused)?;
        }
        Ok(Draft { ruleset, all })
    }

    /// Sockets below `place` may be connected to.
    pub(super) fn resolve_sockets(&mut self, place: OwnedFd) -> Result<(), Unconfinable> {
        self.rule(place, AccessFs::ResolveUnix.into())
    }

    pub(super) fn finish(self) -> Result<Ruleset, Unconfinable> {
        let descriptor: Option<OwnedFd> = self.ruleset.into();
        // Without one the crate has decided to enforce nothing, which hard requirements forbid.
        descriptor.map(Ruleset).ok_or_else(|| Unconfinable::Missing(vec![Feature::LandlockFs]))
    }

    fn rule(&mut self, place: OwnedFd, access: BitFlags<AccessFs>) -> Result<(), Unconfinable> {
        (&mut self.ruleset).add_rule(PathBeneath::new(place, access)).map(drop).map_err(refused)
    }
}

/// Adds what a right means.
pub(super) fn add(
    draft: &mut Draft,
    place: OwnedFd,
    right: Right,
    is_directory: bool,
) -> Result<(), Unconfinable> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let access = match right {
        Right::Read => read,
        Right::Execute => read | AccessFs::Execute,
        // All but what makes or controls a device, and runs what was written.
        Right::Write => {
            let but = AccessFs::Execute | AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev;
            draft.all & !(but | AccessFs::ResolveUnix)
        }
        Right::Device => AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev,
    };
    // A file has no rights of directories.
    let fits = if is_directory { BitFlags::all() } else { AccessFs::from_file(ABI::V9) };
    draft.rule(place, access & draft.all & fits)
}

fn refused(error: RulesetError) -> Unconfinable {
    Unconfinable::Io(io::Error::other(error.to_string()))
}
