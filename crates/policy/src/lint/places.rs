//! Places and variables that give away more than they seem to.

use super::Lints;
use crate::environment::Guard;
use crate::host::Host;
use crate::path;
use crate::policy::Inner;
use crate::verdict::shown;

/// Directories of the system and of its users: what lies there is not one project's.
const WIDE: [&str; 20] = [
    "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/proc", "/root", "/run",
    "/sbin", "/sys", "/tmp", "/usr", "/var", "/Users", "/System", "/Library",
];

/// How tokens of well-known services begin.
const TOKENS: [&str; 14] = [
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "sk-",
    "sk_live_",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "AIza",
    "npm_",
    "eyJ",
    "-----BEGIN ",
];

impl Lints {
    pub(super) fn places(&mut self, policy: &Inner, host: &dyn Host) {
        for (index, place) in policy.places.workspaces.iter().enumerate().filter(|(_, place)| *place != "/") {
            let key = || format!("workspaces[{index}]");
            if host.file(place).is_ok_and(|directory| directory.world_writable) {
                let message = format!(
                    "anybody may write {}: what stands there may be another user's. Make a directory in it",
                    shown(place)
                );
                self.add("WORKSPACE_WORLD_WRITABLE", key(), message);
            }
            if is_wide(policy, place) {
                let message = format!(
                    "{} is the system's or a user's own directory, with configuration and secrets in it: name the \
                     project's",
                    shown(place)
                );
                self.add("WORKSPACE_TOO_WIDE", key(), message);
            }
        }
        for (index, grant) in policy.places.paths.iter().enumerate() {
            if path::split_root(policy.platform, &grant.path).1.is_empty() && !policy.places.anywhere {
                let message = "/ lets arguments name every file: list what is needed instead";
                self.add("PATH_ANYWHERE", format!("paths[{index}]"), message);
            }
        }
        let granted = policy.places.resolve(host);
        for file in policy.files.iter() {
            let text = file.to_string_lossy();
            if granted.writable().any(|place| place.holds(host, &text)) {
                let message = format!(
                    "{} lies where a child may write, and so may say what the next start permits: keep it outside of \
                     the workspaces",
                    shown(&text)
                );
                self.add("POLICY_WRITABLE", "", message);
            }
        }
    }

    pub(super) fn environment(&mut self, policy: &Inner) {
        let env = &policy.config.env;
        let allow = env.allow.as_deref().unwrap_or_default();
        if allow.is_empty() {
            let message = "every variable passes that nothing denies or guards: list what is needed instead";
            self.add("ENV_ALLOW_ALL", "env.allow", message);
        }
        for (index, name) in allow.iter().enumerate() {
            let why = match policy.environment.guard(name) {
                Some(Guard::Code) => "it says what programs load or run, and a call may set it to anything",
                Some(Guard::Secret) => "its name says that it holds a secret, which every program then gets",
                None => continue,
            };
            let message = format!("{} passes: {why}. Fix its value in env.set, or leave it out", shown(name));
            self.add("GUARDED_VARIABLE", format!("env.allow[{index}]"), message);
        }
        for (name, value) in &env.set {
            let token = TOKENS.iter().any(|start| value.starts_with(start) && value.len() > 16);
            if token || (policy.environment.guard(name) == Some(Guard::Secret) && !value.is_empty()) {
                // Never the value.
                let message = format!(
                    "{} holds a secret that stands in the configuration, and every program gets it: hand it to the calls \
                     that need it",
                    shown(name)
                );
                self.add("SECRET_IN_ENV", format!("env.set.{}", name.escape_debug()), message);
            }
        }
    }
}

fn is_wide(policy: &Inner, place: &str) -> bool {
    let platform = policy.platform;
    let (_, rest) = path::split_root(platform, place);
    let names: Vec<&str> = path::names(platform, rest).collect();
    match names[..] {
        [] => true,
        ["home" | "Users", _] => true,
        [name] if platform.is_windows() => {
            ["Windows", "Users", "Program Files"].iter().any(|own| name.eq_ignore_ascii_case(own))
        }
        _ => WIDE.contains(&place),
    }
}
