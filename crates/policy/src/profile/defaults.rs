//! What a profile puts where the policy is silent.

use crate::config::{Access, Config, DotDot, PathGrant, StrictArgs};
use crate::platform::Platform;

/// Arguments of one command: `git add` of a whole tree is honest.
const MAX_ARGS: u32 = 256;

/// Variables beside those that pass without a profile.
const ENVIRONMENT: [&str; 7] = ["HOME", "LANG", "LC_*", "TERM", "TMPDIR", "TZ", "USER"];

/// Places that compilers and their users read.
const READABLE: [&str; 3] = ["/usr/include", "/usr/share", "/usr/lib"];

/// Variables that do not pass.
pub(crate) fn denied_names(agent: bool) -> &'static [&'static str] {
    if agent { &["SSH_*"] } else { &["HOME", "SSH_*"] }
}

/// Spells out what the configuration leaves open.
pub(crate) fn fill(config: &mut Config, platform: Platform) {
    let text = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let agent = config.profile.is_some();
    let commands = &mut config.commands;
    commands.max_args.get_or_insert(if agent { MAX_ARGS } else { 10 });
    commands.strict_args.get_or_insert(if agent { StrictArgs::Unquoted } else { StrictArgs::Every });
    commands.dot_dot.get_or_insert(if agent { DotDot::Resolve } else { DotDot::Refuse });
    let env = &mut config.env;
    env.allow.get_or_insert_with(|| {
        let names = text(&["NODE_ENV", "PATH"]);
        if agent { [names, text(&ENVIRONMENT)].concat() } else { names }
    });
    env.deny.get_or_insert_with(|| text(denied_names(agent)));
    if agent && !platform.is_windows() {
        for path in READABLE {
            if !config.paths.iter().any(|grant| grant.path == path) {
                config.paths.push(PathGrant { path: path.to_owned(), access: Access::Read });
            }
        }
    }
}
