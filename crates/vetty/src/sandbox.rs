//! What each run of a terminal is held to: the configuration made for this kernel once, and for each way of running.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use vetty_policy::{Code, Denial, Permit};
use vetty_process::{TreeLimits, features, namespace_obstacle, needs_user_namespace, user_is_root};
use vetty_sandbox::{
    Confinement, Feature, Hosts, Level, LimitsConfig, Network, PrivateDirectory, ResourceLimit,
    SandboxConfig, Surroundings, Unconfinable,
};

use crate::config::Config;
use crate::egress;

/// Of an isolated tree, where `limits.processes` says nothing.
const ISOLATED_PROCESSES: u64 = 1024;

/// What the kernel held a run to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Enforced {
    /// Of the sandbox.
    pub level: Level,
    /// The parts that were applied.
    pub features: Vec<Feature>,
    /// The parts that were asked, are missing here, and may be (`sandbox.allowDegraded`).
    pub degraded: Vec<Feature>,
}

/// What a call asks beyond the policy: it can only be stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Stricter {
    pub(crate) level: Level,
    pub(crate) no_network: bool,
}

/// All that a launch needs to know of it.
pub(crate) struct Prepared {
    pub(crate) confinement: Option<Arc<Confinement>>,
    pub(crate) limits: Vec<ResourceLimit>,
    pub(crate) tree_limits: TreeLimits,
    pub(crate) enforced: Arc<Enforced>,
    /// Where its proxy leads, if it has one.
    pub(crate) hosts: Option<Arc<Hosts>>,
    temporary: Option<PathBuf>,
}

impl Prepared {
    /// The child's variables: a confined one finds its own place for temporary files, unless the policy's owner set one.
    pub(crate) fn environment(
        &self,
        mut env: Vec<(OsString, OsString)>,
        set: &BTreeMap<String, String>,
    ) -> Vec<(OsString, OsString)> {
        const NAME: &str = "TMPDIR";
        if let Some(temporary) = &self.temporary
            && !set.contains_key(NAME)
        {
            env.retain(|(name, _)| name != NAME);
            env.push((NAME.into(), temporary.clone().into()));
        }
        if self.hosts.is_some() {
            for (name, value) in egress::variables() {
                if name.to_str().is_none_or(|name| !set.contains_key(name)) {
                    env.retain(|(known, _)| *known != name);
                    env.push((name, value));
                }
            }
            // Nothing is reached but by the proxy.
            env.retain(|(name, _)| !name.eq_ignore_ascii_case("no_proxy"));
        }
        env
    }
}

/// The places that the sandbox lets programs write, beside the workspaces: none of them is searched for programs.
pub(crate) fn written(config: &SandboxConfig, policy: &vetty_policy::Config) -> Vec<String> {
    let base = PathBuf::from(policy.workspaces.first().map_or("", String::as_str));
    let absolute = |path: &String| base.join(path).into_os_string().into_string().ok();
    config.write.iter().filter_map(absolute).collect()
}

/// Why a run cannot be held to what the configuration asks.
pub(crate) struct Unsupported {
    problem: String,
    hint: String,
}

impl Unsupported {
    pub(crate) fn refuse(self, permit: Permit) -> Denial {
        let message = format!("Sandbox not supported: {}", self.problem);
        permit.refuse(Code::SandboxUnsupported, message, self.hint)
    }

    fn missing(level: Level, missing: &[Feature]) -> Unsupported {
        let names: Vec<_> = missing.iter().map(|feature| feature.as_str()).collect();
        let names = names.join(", ");
        let is_namespace = |feature: &Feature| feature.as_str().ends_with("-namespace");
        let hint = if missing.iter().any(is_namespace) {
            let why = namespace_obstacle().map(|setting| format!(" ({setting})")).unwrap_or_default();
            format!("let the host make namespaces{why}, or use the level confine: {names}")
        } else {
            format!("run on a kernel that has it, or list it in sandbox.allowDegraded to go without: {names}")
        };
        Unsupported {
            problem: format!("the level {level} needs {names}, which this kernel or container lacks"),
            hint,
        }
    }
}

impl From<(Level, Unconfinable)> for Unsupported {
    fn from((level, error): (Level, Unconfinable)) -> Unsupported {
        match error {
            Unconfinable::Missing(missing) => Unsupported::missing(level, &missing),
            Unconfinable::Everything => Unsupported {
                problem: error.to_string(),
                hint: "grant the directories that are needed, or use the level confine".to_owned(),
            },
            Unconfinable::Unprotected(_) => Unsupported {
                problem: error.to_string(),
                hint: "what is not there cannot be made read-only: make it (empty will do), or take it out of sandbox.protect"
                    .to_owned(),
            },
            Unconfinable::ProtectedLink(_) => Unsupported {
                problem: error.to_string(),
                hint: "put what it leads to in its place, or list in sandbox.protect what is to be protected".to_owned(),
            },
            Unconfinable::LeadsOut(_) => Unsupported {
                problem: error.to_string(),
                hint: "a program may have put a link there: remove it, or grant a place that programs cannot write".to_owned(),
            },
            _ => Unsupported {
                problem: error.to_string(),
                hint: "the kernel's error tells; mostly descriptors or memory are short".to_owned(),
            },
        }
    }
}

/// The configuration's two sections, made for this kernel as they are needed.
pub(crate) struct Sandbox {
    config: SandboxConfig,
    hosts: Option<Arc<Hosts>>,
    limits: LimitsConfig,
    workspaces: Vec<PathBuf>,
    uid: Option<u32>,
    gid: Option<u32>,
    temporary: OnceLock<PrivateDirectory>,
    made: Mutex<HashMap<Way, Arc<Confinement>>>,
}

/// A way of running that has rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Way {
    level: Level,
    no_network: bool,
    on_terminal: bool,
}

impl Sandbox {
    pub(crate) fn new(config: &Config, policy: &vetty_policy::Config) -> Sandbox {
        Sandbox {
            config: config.sandbox.clone(),
            hosts: match config.sandbox.network() {
                // Validated with the rest.
                Network::Hosts(hosts) => Some(Arc::new(Hosts::parse(hosts).unwrap_or_default())),
                _ => None,
            },
            limits: config.limits.clone(),
            workspaces: policy.workspaces.iter().map(PathBuf::from).collect(),
            uid: policy.uid,
            gid: policy.gid,
            temporary: OnceLock::new(),
            made: Mutex::new(HashMap::new()),
        }
    }

    /// What a run is held to; `on_terminal` leaves it job control.
    pub(crate) fn prepare(&self, stricter: Stricter, on_terminal: bool) -> Result<Prepared, Unsupported> {
        let Stricter { mut level, no_network } = stricter;
        if no_network {
            level = level.max(Level::Confine);
        }
        let way = Way { level: level.max(self.config.level), no_network, on_terminal };
        let mut enforced = Enforced { level: way.level, features: Vec::new(), degraded: Vec::new() };
        let (limits, tree_limits) = self.limits(&mut enforced)?;
        let confinement = match way.level {
            Level::Filter => None,
            _ => Some(self.confinement(way)?),
        };
        if let Some(confinement) = &confinement {
            enforced.features.extend(confinement.features());
            enforced.degraded.extend(confinement.degraded());
            enforced.features.sort_unstable();
        }
        let temporary = match way.level {
            // Its own place lies where everybody looks for it.
            Level::Isolate => Some(PathBuf::from("/tmp")),
            _ => confinement.as_ref().and(self.temporary.get()).map(|made| made.path().clone()),
        };
        let has_proxy =
            confinement.as_ref().and_then(|one| one.isolation()).is_some_and(|one| one.has_proxy());
        let hosts = self.hosts.clone().filter(|_| has_proxy);
        Ok(Prepared { hosts, confinement, limits, tree_limits, enforced: Arc::new(enforced), temporary })
    }

    fn limits(&self, enforced: &mut Enforced) -> Result<(Vec<ResourceLimit>, TreeLimits), Unsupported> {
        let mut wanted = self.limits.clone();
        // A default is held where it can be; what an owner asks for is held, or nothing runs.
        let by_default = enforced.level == Level::Isolate && wanted.processes == 0;
        if by_default {
            wanted.processes = ISOLATED_PROCESSES;
        }
        if wanted == LimitsConfig::default() {
            return Ok((Vec::new(), TreeLimits::default()));
        }
        let has = |feature| features().contains(&feature);
        let may_lack = |feature| self.config.allow_degraded.contains(&feature);
        let tree_is_bounded = wanted.bounds_the_tree() && has(Feature::CgroupLimits);
        let mut limits = wanted.of_each_process(tree_is_bounded);
        let mut tree_limits = TreeLimits::default();
        // Root is never counted.
        let is_counted = !user_is_root(self.uid);
        if tree_is_bounded {
            let bound = |limit: u64| (limit > 0).then_some(limit);
            tree_limits.memory = bound(wanted.memory);
            tree_limits.processes = bound(wanted.processes);
            enforced.features.push(Feature::CgroupLimits);
        } else if by_default && !(is_counted && has(Feature::Rlimits)) {
            limits.retain(|limit| limit.resource != vetty_sandbox::Resource::Processes);
        } else if wanted.processes > 0 && !is_counted {
            if !may_lack(Feature::CgroupLimits) {
                return Err(Unsupported::missing(enforced.level, &[Feature::CgroupLimits]));
            }
            limits.retain(|limit| limit.resource != vetty_sandbox::Resource::Processes);
            enforced.degraded.push(Feature::CgroupLimits);
        }
        if !limits.is_empty() {
            match has(Feature::Rlimits) {
                true => enforced.features.push(Feature::Rlimits),
                false if may_lack(Feature::Rlimits) => enforced.degraded.push(Feature::Rlimits),
                false => return Err(Unsupported::missing(enforced.level, &[Feature::Rlimits])),
            }
        }
        Ok((limits, tree_limits))
    }

    /// Made once for each way, and again when a granted place has come, gone or been replaced.
    fn confinement(&self, way: Way) -> Result<Arc<Confinement>, Unsupported> {
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(confinement) = made().get(&way).filter(|confinement| confinement.is_current()) {
            return Ok(Arc::clone(confinement));
        }
        let mut config = self.config.clone();
        config.level = way.level;
        if way.no_network {
            config.network = Some(Network::None);
        }
        let surroundings = Surroundings {
            workspaces: self.workspaces.clone(),
            temporary: self.temporary_directory()?,
            home: std::env::home_dir(),
            user_namespace: needs_user_namespace(),
        };
        let confinement = Confinement::compile(&config, &surroundings, features(), way.on_terminal)
            .map_err(|error| Unsupported::from((way.level, error)))?;
        let confinement = Arc::new(confinement);
        made().insert(way, Arc::clone(&confinement));
        Ok(confinement)
    }

    /// A place of their own for the temporary files of this terminal's confined programs, gone with the terminal. `None`
    /// where none can be confined.
    fn temporary_directory(&self) -> Result<Option<PathBuf>, Unsupported> {
        if let Some(directory) = self.temporary.get() {
            return Ok(Some(directory.path().clone()));
        }
        if !features().contains(&Feature::LandlockFs) {
            return Ok(None);
        }
        let mut bytes = [0u8; 8];
        getrandom::fill(&mut bytes).expect("the system's random numbers never fail after boot");
        let word = format!("{:016x}", u64::from_be_bytes(bytes));
        let made = PrivateDirectory::create(&std::env::temp_dir(), &word, self.uid, self.gid);
        let made = made.map_err(|error| Unsupported {
            problem: format!("no directory for temporary files could be made: {error}"),
            hint: "see to it that the host may write the directory that its TMPDIR names, or /tmp".to_owned(),
        })?;
        // Somebody else's, if two were made at once; the other goes away.
        Ok(Some(self.temporary.get_or_init(|| made).path().clone()))
    }
}
