//! A policy and what runs under it.

use std::ffi::OsString;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sha2::{Digest, Sha256};
use vetty_policy::{Code, CommandInput, Denial, Host, Lint, Permit, Policy, Request, ThisMachine, Verdict};
use vetty_process::Signal;
use vetty_sandbox::Level;

use crate::approval::{Approval, Approvals};
use crate::audit::{Audit, AuditConfig, ConfigChange};
use crate::command::{Command, CommandLine, Options};
use crate::config::Config;
use crate::output::{EndReason, Limit, Output};
use crate::quota::Quota;
use crate::registry::{Listed, Registry};
use crate::run::{Cause, KillRequest};
use crate::sandbox::{Prepared, Sandbox};
use crate::shell::{judge_by_name, shell_for};
use crate::{ConfigError, Error, Handle, Kill};

/// A policy and what runs under it. Cheap to clone; when the last clone (and the last [`Process`](crate::Process)) is
/// dropped, what still runs is killed.
#[derive(Clone)]
pub struct Terminal {
    inner: Arc<Inner>,
}

struct Inner {
    policy: Policy,
    /// The policy for calls that were approved.
    approved: Policy,
    approvals: Approvals,
    /// Empty until somebody wants it.
    audit: OnceLock<Arc<Audit>>,
    config: Config,
    kill_signal: Signal,
    host: ThisMachine,
    sandbox: Sandbox,
    registry: Arc<Registry>,
    quota: Quota,
    closed: AtomicBool,
}

impl Terminal {
    /// A terminal under `policy`, the rest of its configuration at the defaults.
    pub fn new(policy: Policy) -> Terminal {
        Terminal::with_policy(policy, Config::default())
    }

    /// A terminal under `policy`, and the rest of `config`. If its section `audit` cannot be used, every call is refused
    /// (`AUDIT_UNAVAILABLE`); [`Terminal::from_config`] tells why.
    pub fn with_policy(policy: Policy, config: Config) -> Terminal {
        let (terminal, unusable) = Terminal::assemble(policy, config, ConfigChange::Initialize);
        if let Some(error) = unusable {
            tracing::error!(%error, "there is no audit trail: every call is refused");
        }
        terminal
    }

    /// A terminal from its whole configuration.
    ///
    /// # Errors
    /// [`ConfigError`] names the key that cannot be used.
    pub fn from_config(config: Config) -> Result<Terminal, ConfigError> {
        Terminal::from_config_for(config, ConfigChange::Initialize)
    }

    /// The same for a host that replaces a terminal by another one: the audit trail says so.
    ///
    /// # Errors
    /// As [`Terminal::from_config`].
    pub fn from_config_for(config: Config, change: ConfigChange) -> Result<Terminal, ConfigError> {
        Terminal::with_compiled(Terminal::compile(&config)?, config, change)
    }

    /// The same, once its policy is compiled.
    pub(crate) fn with_compiled(
        policy: Policy,
        config: Config,
        change: ConfigChange,
    ) -> Result<Terminal, ConfigError> {
        match Terminal::assemble(policy, config, change) {
            (terminal, None) => Ok(terminal),
            (_, Some(error)) => Err(error),
        }
    }

    /// The policy of a whole configuration.
    pub(crate) fn compile(config: &Config) -> Result<Policy, ConfigError> {
        let policy = Policy::new(config.policy.clone(), &ThisMachine)?;
        let written = crate::sandbox::written(&config.sandbox, policy.config());
        let policy = match written.is_empty() {
            true => policy,
            false => Policy::with_writable(config.policy.clone(), &ThisMachine, written)?,
        };
        // What an interpreter is given to run is held by the kernel then.
        let confined = config.sandbox.level >= Level::Confine;
        Ok(if confined { policy.under_confinement() } else { policy })
    }

    /// The second is why its audit cannot be had: then it refuses every call.
    fn assemble(policy: Policy, config: Config, change: ConfigChange) -> (Terminal, Option<ConfigError>) {
        let hashed = Config { audit: config.audit.without_values(), ..config.clone() };
        let resolved = hashed.resolved_json(policy.config()).to_string();
        let hash = Sha256::digest(resolved.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let kill_signal = policy.config().commands.kill_signal.parse().unwrap_or(Signal::TERM);
        let sandbox = Sandbox::new(&config, policy.config());
        let policy = policy.with_hash(hash);
        let (mut audit, mut unusable) = (OnceLock::new(), None);
        if config.audit != AuditConfig::default() {
            let made = Audit::new(&config.audit, policy.hash(), change);
            audit = made
                .unwrap_or_else(|error| {
                    unusable = Some(error);
                    Audit::unavailable(policy.hash())
                })
                .into();
        }
        let inner = Inner {
            audit,
            approved: policy.clone().approved(),
            approvals: Approvals::default(),
            policy,
            kill_signal,
            host: ThisMachine,
            sandbox,
            registry: Arc::new(Registry::new(config.output.retain.clone())),
            quota: Quota::new(config.quotas.clone(), config.sessions.max),
            closed: AtomicBool::new(false),
            config,
        };
        (Terminal { inner: Arc::new(inner) }, unusable)
    }

    /// A call with options: see [`Command`].
    pub fn command(&self, command: impl Into<CommandLine>) -> Command {
        Command::new(self.clone(), command.into())
    }

    /// The user's shell, to be opened: [`Command::open`].
    ///
    /// It is the one that `$SHELL` names (of the environment that the call is given), if the system's list of shells has it,
    /// it can be executed, and nobody but root and this process's user may change it; else the one of the account that the
    /// policy runs as, else `/bin/sh`. Windows: `cmd.exe`. The policy must allow it by its name, or by its path where the
    /// search path does not have it.
    pub fn shell(&self) -> Command {
        Command::shell(self.clone())
    }

    /// Vets, runs, captures, waits for the last byte: [`Command::run`] without options.
    ///
    /// # Errors
    /// See [`Command::run`].
    pub async fn execute(&self, command: impl Into<CommandLine>) -> Result<Arc<Output>, Error> {
        self.command(command).run().await
    }

    /// The verdict alone; nothing is spawned. [`Terminal::execute`] acts by the same one.
    pub fn check(&self, command: impl Into<CommandLine>) -> Verdict {
        self.command(command).check()
    }

    /// What is legal in the policy and probably wrong.
    pub fn lint(&self) -> Vec<Lint> {
        self.inner.policy.lint(&self.inner.host)
    }

    /// The policy, with every key's value in force.
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// The whole configuration in force, in its JSON shape; it means the same when it is read again.
    pub fn config_json(&self) -> serde_json::Value {
        self.inner.config.resolved_json(self.inner.policy.config())
    }

    /// What runs, and what has run lately (`output.retain`), oldest first.
    pub fn list(&self) -> Vec<Listed> {
        self.inner.registry.list()
    }

    /// One that is listed.
    pub fn handle(&self, id: &str) -> Option<Handle> {
        self.inner.registry.get(id).map(Handle::new)
    }

    /// Asks for the end of a run's tree by its id; a pending [`Command::run`] of it is [`Error::Aborted`]. `false` for an
    /// unknown id and for one that has ended.
    pub fn kill(&self, id: &str) -> bool {
        self.handle(id).is_some_and(|handle| handle.kill(Kill::default()))
    }

    /// Ends all that runs and waits until it has. The terminal stays usable.
    pub async fn kill_all(&self) {
        let running = self.inner.registry.running();
        for run in &running {
            run.request_kill(KillRequest { cause: Cause::Killed, signal: None, grace: None });
        }
        for run in running {
            run.ended().await;
        }
    }

    /// Kills all that runs with SIGKILL, at once and without waiting for it, and refuses what comes: for a host that ends.
    pub fn abandon(&self) {
        self.inner.closed.store(true, Ordering::Release);
        self.inner.quota.close();
        self.inner.kill_now();
        self.settle_audit();
    }

    /// Ends all that runs, waits until it has, and refuses what comes. Idempotent.
    pub async fn close(&self) {
        self.inner.closed.store(true, Ordering::Release);
        self.inner.quota.close();
        self.kill_all().await;
        self.close_audit().await;
    }

    /// The same for [`Command::check`] and the verbs: what may run, and what it will be held to.
    pub(crate) fn permit(&self, command: &Command, on_terminal: bool) -> Result<(Permit, Prepared), Denial> {
        let Options { cwd, env, parent_env, .. } = &command.options;
        let own;
        let parent_env: &[(OsString, OsString)] = match parent_env {
            Some(given) => given,
            None => {
                own = std::env::vars_os().collect::<Vec<_>>();
                &own
            }
        };
        let command_options = &command.options;
        let judge = |command: CommandInput<'_>| {
            let request = Request { command, cwd: cwd.as_deref(), env, parent_env };
            let host: &dyn Host = &self.inner.host;
            let Inner { policy, approved, .. } = &*self.inner;
            let reduced;
            let policy = match command_options {
                Options { approved: true, .. } => approved,
                Options { approved_for, .. } if approved_for.is_empty() => policy,
                Options { approved_for, .. } => {
                    reduced = policy.clone().approved_for(approved_for);
                    &reduced
                }
            };
            let decide = |policy: &Policy| policy.judge(&request)?.bind(host);
            match decide(policy) {
                // What would be refused all the same is refused for that reason: nobody is asked about it.
                Err(denial) if denial.code() == Code::ApprovalRequired => {
                    Err(decide(approved).err().unwrap_or(denial))
                }
                decided => decided,
            }
        };
        let permit = match &command.line {
            Some(CommandLine::Line(line)) => judge(CommandInput::Line(line)),
            Some(CommandLine::Argv(argv)) => judge(CommandInput::Argv(argv)),
            None => {
                let shell = shell_for(parent_env, self.inner.policy.config().uid);
                judge_by_name(&shell, |argv| judge(CommandInput::Argv(argv)))
            }
        }?;
        match self.inner.sandbox.prepare(command.options.stricter, on_terminal) {
            Ok(prepared) => Ok((permit, prepared)),
            Err(unsupported) => Err(unsupported.refuse(permit)),
        }
    }

    /// Lets `decide` answer for what `commands.ask`, or a default of `ask`, wants an approval for. It gets the verdict
    /// with all that is known of the call, and is asked only about what would run otherwise. No answer within `within` is
    /// a refusal, and so is a handler that is missing. A call is judged again after the answer. `false`: somebody decides
    /// already, which stays so.
    pub fn on_approval<F, A>(&self, within: Duration, decide: F) -> bool
    where
        F: Fn(Verdict) -> A + Send + Sync + 'static,
        A: Future<Output = Approval> + Send + 'static,
    {
        self.inner.approvals.set(within, decide)
    }

    pub(crate) fn audit_cell(&self) -> &OnceLock<Arc<Audit>> {
        &self.inner.audit
    }

    pub(crate) fn approvals(&self) -> &Approvals {
        &self.inner.approvals
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn kill_signal(&self) -> Signal {
        self.inner.kill_signal
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.inner.registry
    }

    pub(crate) fn quota(&self) -> &Quota {
        &self.inner.quota
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.closed.load(Ordering::Acquire)
    }

    /// A new id for [`Command::id`]. Not to be guessed: whoever knows an id may end the run.
    pub fn new_id(&self) -> String {
        let mut bytes = [0u8; 16];
        getrandom::fill(&mut bytes).expect("the system's random numbers never fail after boot");
        format!("term_{:032x}", u128::from_be_bytes(bytes))
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("policy", &self.inner.policy.hash()).finish_non_exhaustive()
    }
}

impl Inner {
    fn kill_now(&self) {
        for run in self.registry.running() {
            if run.request_kill(KillRequest { cause: Cause::Killed, signal: Some(Signal::KILL), grace: None })
            {
                run.signal_tree(Signal::KILL);
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.kill_now();
    }
}

/// An output, unless we ended the run for a reason that makes it an error and is not the tolerated one: a run that its
/// handle killed is an output for who holds it, and an abort for who only waits for a result.
pub(crate) fn ended_well(output: Arc<Output>, tolerated: Option<EndReason>) -> Result<Arc<Output>, Error> {
    match output.reason {
        reason if Some(reason) == tolerated => Ok(output),
        EndReason::Timeout | EndReason::Limit => {
            Err(Error::Timeout { limit: output.limit.unwrap_or(Limit::Wall), output })
        }
        EndReason::Aborted | EndReason::Killed => Err(Error::Aborted { output: Some(output) }),
        EndReason::Exited | EndReason::Signaled | EndReason::Lost => Ok(output),
    }
}
