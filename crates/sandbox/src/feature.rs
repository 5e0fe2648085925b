//! The parts of a kernel's enforcement, by their stable names.

use std::fmt;

macro_rules! features {
    ($($(#[doc = $doc:literal])+ $feature:ident = $name:literal,)+) => {
        /// A part of the kernel's enforcement, as `support()`, `allowDegraded` and reports name it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[non_exhaustive]
        pub enum Feature {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $feature,)+
        }

        impl Feature {
            /// Every feature.
            pub const ALL: &[Feature] = &[$(Feature::$feature),+];

            /// The stable name: `landlock-fs`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Feature::$feature => $name,)+
                }
            }
        }
    };
}

features! {
    /// Files by place: reading, writing, creating, removing, executing (Landlock, Linux 5.13).
    LandlockFs = "landlock-fs",
    /// Links and renames from one directory to another (Linux 5.19). Without it none is possible.
    LandlockRefer = "landlock-refer",
    /// `truncate(2)` by place (Linux 6.2).
    LandlockTruncate = "landlock-truncate",
    /// TCP by port (Linux 6.7).
    LandlockTcp = "landlock-tcp",
    /// Controlling devices by place (Linux 6.10).
    LandlockIoctl = "landlock-ioctl",
    /// No signal and no abstract socket leads outside (Linux 6.12).
    LandlockScope = "landlock-scope",
    /// Sockets in the file system by place (Linux 7.1).
    LandlockUnix = "landlock-unix",
    /// System calls by number and argument.
    Seccomp = "seccomp",
    /// Limits of each process.
    Rlimits = "rlimits",
    /// No program gives more rights than its caller has: set-user-ID does nothing.
    NoNewPrivs = "no-new-privs",
    /// Nobody leaves the process group, so that a kill of the group reaches all.
    ProcessGroupLock = "process-group-lock",
    /// A control group that is killed as one.
    CgroupKill = "cgroup-kill",
    /// Control groups that bound a whole tree.
    CgroupLimits = "cgroup-limits",
    /// A user namespace.
    UserNamespace = "user-namespace",
    /// A mount namespace.
    MountNamespace = "mount-namespace",
    /// A process number namespace.
    PidNamespace = "pid-namespace",
    /// A network namespace.
    NetworkNamespace = "network-namespace",
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Feature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Feature, D::Error> {
        let name = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        let known = Feature::ALL.iter().find(|feature| feature.as_str() == name);
        known.copied().ok_or_else(|| {
            let names: Vec<_> = Feature::ALL.iter().map(|feature| feature.as_str()).collect();
            serde::de::Error::custom(format_args!("expected one of {}, got {name:?}", names.join(", ")))
        })
    }
}
