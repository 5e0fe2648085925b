//! A policy, and what it says of a request by itself: words, patterns, rules. Nothing is looked up here.

use crate::bind::Vetted;
use crate::builder::PolicyBuilder;
use crate::config::{Access, Commands, Config, ConfigError, DotDot, Fallback, StrictArgs};
use crate::environment::Environment;
use crate::host::Host;
use crate::pattern::Effect;
use crate::platform::Platform;
use crate::profile;
use crate::program::SearchPath;
use crate::request::Request;
use crate::rule::Rules;
use crate::verdict::{Denial, Refusal, Verdict};
use crate::workspace::Places;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::Arc;

/// What may run. Cheap to clone, immutable.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) inner: Arc<Inner>,
    hash: Arc<str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) platform: Platform,
    pub(crate) allow: Rules,
    pub(crate) deny: Rules,
    pub(crate) ask: Rules,
    /// Those of `ask` that somebody approved.
    pub(crate) approved: Rules,
    pub(crate) fallback: Fallback,
    pub(crate) places: Places,
    pub(crate) search_path: SearchPath,
    pub(crate) environment: Environment,
    pub(crate) strict_args: StrictArgs,
    pub(crate) dot_dot: DotDot,
    pub(crate) max_args: u32,
    /// Words are read by the tables of their programs.
    pub(crate) reads_options: bool,
    /// A sandbox confines what interpreters run.
    pub(crate) confined: bool,
    /// Judges nothing but what no system takes.
    pub(crate) unrestricted: bool,
    /// The files that it was read from.
    pub(crate) files: Arc<[PathBuf]>,
}

impl Policy {
    /// Starts from a policy that permits nothing.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::default()
    }

    /// Compiles a configuration. Relative places become absolute now, and the host's PATH is taken now.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key: a value out of range, a pattern that cannot be compiled.
    pub fn new(config: Config, host: &dyn Host) -> Result<Policy, ConfigError> {
        Policy::compile(config, host, false, Vec::new())
    }

    /// The same for children who may write further places, which arguments may not name: a sandbox grants them. They are
    /// absolute. Programs there are not found by their names.
    ///
    /// # Errors
    /// As [`Policy::new`].
    pub fn with_writable(
        config: Config,
        host: &dyn Host,
        places: Vec<String>,
    ) -> Result<Policy, ConfigError> {
        Policy::compile(config, host, false, places)
    }

    /// A policy that permits any command anywhere, with the whole environment. Commands are still split, looked up
    /// and bound like all others.
    ///
    /// Its [`config`](Policy::config) comes as near to that as a configuration can: read back, it guards the
    /// environment.
    pub fn unrestricted(host: &dyn Host) -> Policy {
        Policy::unrestricted_with(host, |_| {}).expect("this configuration is valid")
    }

    /// The same, adjusted: what says how a program runs holds, what forbids something does not.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key.
    pub fn unrestricted_with(
        host: &dyn Host,
        adjust: impl FnOnce(&mut Config),
    ) -> Result<Policy, ConfigError> {
        let workspaces = host.current_directory().into_iter().chain(["/".to_owned()]).collect();
        let mut config = Config { workspaces, timeout: 0, ..Config::default() };
        config.commands.allow = Some(Vec::new());
        config.commands.max_args = Some(u32::MAX);
        config.commands.strict_args = Some(StrictArgs::Off);
        config.commands.dot_dot = Some(DotDot::Resolve);
        config.env.allow = Some(Vec::new());
        config.env.deny = Some(Vec::new());
        adjust(&mut config);
        Policy::compile(config, host, true, Vec::new())
    }

    fn compile(
        mut config: Config,
        host: &dyn Host,
        unrestricted: bool,
        unnamed: Vec<String>,
    ) -> Result<Policy, ConfigError> {
        config.validate()?;
        let platform = host.platform();
        profile::fill(&mut config, platform);
        let places = Places { unnamed, ..Places::new(&mut config, host)? };
        let agent = config.profile.is_some();
        let commands = &mut config.commands;
        let fallback = *commands.default.get_or_insert(match &commands.allow {
            Some(allow) if allow.is_empty() => Fallback::Allow,
            _ => Fallback::Deny,
        });
        let allow = commands.allow.get_or_insert_with(Vec::new);
        let allow = Rules::new("commands.allow", allow, Effect::Permit, platform, agent)?;
        let deny = Rules::new("commands.deny", &commands.deny, Effect::Forbid, platform, agent)?;
        let ask = Rules::new("commands.ask", &commands.ask, Effect::Forbid, platform, agent)?;
        let search_path = commands.search_path.get_or_insert_with(|| host.search_path());
        let search_path = SearchPath::new(search_path, platform);
        let environment = Environment::new(&config.env, platform)?;
        let hash = hash(&config, unrestricted);
        let Commands { strict_args, dot_dot, max_args, .. } = config.commands;
        let reads_options = agent || [&allow, &deny, &ask].iter().any(|rules| rules.speak_of_options());
        let inner = Inner {
            platform,
            allow,
            deny,
            ask,
            approved: Rules::none(),
            fallback,
            places,
            search_path,
            environment,
            strict_args: strict_args.unwrap_or(StrictArgs::Every),
            dot_dot: dot_dot.unwrap_or(DotDot::Refuse),
            max_args: max_args.unwrap_or(0),
            reads_options,
            confined: false,
            unrestricted,
            files: Arc::default(),
            config,
        };
        Ok(Policy { inner: Arc::new(inner), hash: hash.into() })
    }

    /// The configuration with every value in force. Serialized and read back it means the same.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// SHA-256 of the configuration as canonical JSON, hex.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The same policy under the hash of a larger configuration that it is a section of.
    #[must_use]
    pub fn with_hash(self, hex: String) -> Policy {
        Policy { hash: hex.into(), ..self }
    }

    /// The same policy for children that a sandbox confines: there the profile lets interpreters run what they are
    /// given.
    #[must_use]
    pub fn under_confinement(mut self) -> Policy {
        Arc::make_mut(&mut self.inner).confined = true;
        self
    }

    /// The same policy for a call that was approved: what `ask` or the default wants an approval for may run, and
    /// everything else is judged as before.
    #[must_use]
    pub fn approved(mut self) -> Policy {
        let inner = Arc::make_mut(&mut self.inner);
        inner.approved = std::mem::replace(&mut inner.ask, Rules::none());
        if inner.fallback == Fallback::Ask {
            inner.fallback = Fallback::Allow;
        }
        self
    }

    /// The same policy for a call that was approved under these entries of `ask`, each named by its place
    /// (`commands.ask[0]`): they ask no more, and others still do.
    #[must_use]
    pub fn approved_for(mut self, places: &[String]) -> Policy {
        let inner = Arc::make_mut(&mut self.inner);
        (inner.ask, inner.approved) = (inner.ask.without(places), inner.ask.only(places));
        self
    }

    /// Whether a call may need an approval.
    pub fn asks(&self) -> bool {
        self.inner.fallback == Fallback::Ask || !self.inner.ask.is_empty()
    }

    /// The platform whose rules hold.
    pub fn platform(&self) -> Platform {
        self.inner.platform
    }

    /// Judges a request by itself; nothing is looked up. What passes is still to be [bound](Vetted::bind).
    ///
    /// # Errors
    /// The first refusal, in this order: length, parse, deny, ask, allow, number of arguments, then each word in
    /// turn: NUL, metacharacters, control characters, dot segments.
    pub fn judge<'r>(&self, request: &Request<'r>) -> Result<Vetted<'r>, Denial> {
        let mut command = match self.inner.parse(request.command) {
            Ok(command) => command,
            Err(refusal) => return Err(self.denial(refusal, Vec::new())),
        };
        match self.inner.judge(&mut command) {
            Ok(rule) => Ok(Vetted {
                policy: self.clone(),
                argv: with_injected(&command.argv, &command.judged.inject),
                typed: command.argv,
                judged: command.judged,
                shell: command.shell,
                rule,
                cwd: request.cwd,
                env: request.env,
                parent_env: request.parent_env,
            }),
            Err(refusal) => {
                let argv = with_injected(&command.argv, &command.judged.inject);
                Err(self.denial(refusal, argv))
            }
        }
    }

    pub(crate) fn denial(&self, refusal: Refusal, argv: Vec<String>) -> Denial {
        Denial::new(Verdict::refused(refusal, argv, &self.hash))
    }
}

/// `argv` with words put in, each before the word with its index, in their order.
fn with_injected(argv: &[String], inject: &[(usize, String)]) -> Vec<String> {
    let mut words = Vec::with_capacity(argv.len() + inject.len());
    for at in 0..=argv.len() {
        words.extend(inject.iter().filter(|(before, _)| *before == at).map(|(_, word)| word.clone()));
        words.extend(argv.get(at).cloned());
    }
    words
}

impl Policy {
    /// Whether any place that arguments may name is granted for writing, for whoever builds a sandbox.
    pub fn writable_paths(&self) -> impl Iterator<Item = &str> {
        let writable = |grant: &&crate::config::PathGrant| grant.access == Access::Write;
        self.inner.config.paths.iter().filter(writable).map(|grant| grant.path.as_str())
    }
}

/// SHA-256 of a configuration as JSON with sorted keys and without spaces.
fn hash(config: &Config, unrestricted: bool) -> String {
    let mut value = serde_json::to_value(config).expect("a configuration is JSON");
    value.sort_all_objects();
    let mut digest = Sha256::new();
    digest.update(value.to_string().as_bytes());
    if unrestricted {
        digest.update(b"unrestricted");
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
