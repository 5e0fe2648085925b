//! What this build, this kernel and this container can do.

use vetty_process::{KillScope, Rung, features, needs_user_namespace};
use vetty_sandbox::{Confinement, Feature, Level, SandboxConfig, Surroundings, Unconfinable};

/// What this build, this kernel and this container can do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Support {
    /// Of this crate.
    pub version: &'static str,
    /// The operating system: `linux`, `macos`, `windows`.
    pub platform: &'static str,
    /// How processes are made.
    pub backend: Rung,
    /// Each level of the sandbox, the weakest first.
    pub levels: Vec<LevelSupport>,
    /// The parts of enforcement that work here.
    pub features: Vec<Feature>,
    /// The farthest that a kill reaches.
    pub kill: KillScope,
}

/// Whether a level of the sandbox can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LevelSupport {
    /// Which one.
    pub level: Level,
    /// Whether nothing that it needs is missing.
    pub available: bool,
    /// What is missing.
    pub missing: Vec<Feature>,
}

/// Looks at what can be enforced here, feature by feature. The first call tries the real sequence once, in a child that
/// executes nothing (about a millisecond, which blocks the thread); later ones know.
pub fn support() -> Support {
    let levels = Level::ALL.iter().map(|level| {
        let missing = missing(*level);
        LevelSupport { level: *level, available: missing.is_empty(), missing }
    });
    let has = |feature| features().contains(&feature);
    let kill = match (has(Feature::CgroupKill), has(Feature::PidNamespace)) {
        (true, _) => KillScope::Cgroup,
        (false, true) => KillScope::PidNamespace,
        (false, false) => KillScope::of_a_group(),
    };
    Support {
        version: env!("CARGO_PKG_VERSION"),
        platform: std::env::consts::OS,
        backend: Rung::in_force(),
        levels: levels.collect(),
        features: features().to_vec(),
        kill,
    }
}

fn missing(level: Level) -> Vec<Feature> {
    if level == Level::Filter {
        return Vec::new();
    }
    let mut config = SandboxConfig::default();
    config.level = level;
    let surroundings = Surroundings { user_namespace: needs_user_namespace(), ..Surroundings::default() };
    match Confinement::compile(&config, &surroundings, features(), false) {
        Ok(_) => Vec::new(),
        Err(Unconfinable::Missing(missing)) => missing,
        Err(_) => vec![Feature::LandlockFs],
    }
}
