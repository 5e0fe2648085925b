//! The one place where a permit becomes a child.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use vetty_policy::Permit;
use vetty_process::{Command as Child, Containment, PipeWriter, Stdio};

use crate::audit::Call;
use crate::command::{Command, Options};
use crate::config::bound;
use crate::egress::Egress;
use crate::handle::Handle;
use crate::pump::{Ending, Terms, pump};
use crate::quota::Turn;
use crate::run::Run;
use crate::sandbox::Prepared;
use crate::session::watch::Watch;
use crate::session::{ImageFiles, Input, LiveScreen};
use crate::side::Reading;
use crate::streams::{Pull, Streams};
use crate::terminal::Terminal;
use crate::{Error, Process};

/// Which verb ended the builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Execute,
    Spawn,
    Background,
    Session,
}

/// What was started, and the parent's ends that its verb is about.
pub(crate) struct Launched {
    pub(crate) process: Process,
    pub(crate) stdin: Option<PipeWriter>,
    pub(crate) session: Option<(Arc<Input>, Option<Arc<LiveScreen>>)>,
}

impl Terminal {
    /// Vets and starts. What comes back kills the child when it is dropped.
    pub(crate) async fn launch(self, mut command: Command, mode: Mode) -> Result<Launched, Error> {
        let runtime = Runtime::try_current().map_err(|_| Error::NoRuntime)?;
        let audit = self.audited(&mut command);
        let admitted = self.admit(&mut command, mode, audit.as_ref()).await;
        if let Some(audit) = &audit {
            let verdict = match &admitted {
                Ok(((permit, _), _)) => Some(permit.verdict()),
                Err(error) => error.verdict(),
            };
            if let Some(verdict) = verdict {
                tokio::select! {
                    biased;
                    decided = audit.decided(verdict, command.options.at_once) => decided?,
                    () = command.options.cancel.cancelled() => return Err(Error::Aborted { output: None }),
                }
            }
        }
        let (permitted, turn) = admitted?;
        self.start(&runtime, permitted, command.options, mode, turn, audit).await
    }

    /// Vets, and waits until it may run.
    async fn admit(
        &self,
        command: &mut Command,
        mode: Mode,
        audit: Option<&Call>,
    ) -> Result<((Permit, Prepared), Turn), Error> {
        let cancel = command.options.cancel.clone();
        let on_terminal = mode == Mode::Session;
        if self.policy().asks() {
            self.approve(command, on_terminal, audit).await?;
        }
        let mut permitted = self.permit(command, on_terminal)?;
        if self.is_closed() {
            return Err(Error::Closed);
        }
        if cancel.is_cancelled() {
            return Err(Error::Aborted { output: None });
        }
        let turn = match self.quota().try_turn() {
            _ if mode == Mode::Session => self.quota().session()?,
            Some(turn) => turn,
            None => {
                // A permit holds a descriptor: thousands that wait would take them all. What counts is the second one.
                drop(permitted);
                let turn = tokio::select! {
                    biased;
                    () = cancel.cancelled() => return Err(Error::Aborted { output: None }),
                    turn = self.quota().turn() => turn?,
                };
                permitted = self.permit(command, on_terminal)?;
                turn
            }
        };
        Ok((permitted, turn))
    }

    async fn start(
        self,
        runtime: &Runtime,
        (permit, prepared): (Permit, Prepared),
        options: Options,
        mode: Mode,
        turn: Turn,
        audit: Option<Call>,
    ) -> Result<Launched, Error> {
        let policy = self.policy().config();
        let config = self.config();
        let size = config.sessions.max_size.check(options.size.unwrap_or(config.sessions.size()))?;
        let parts = permit.into_parts();
        let input = options.input.unwrap_or_default();
        let piped = options.stdin_pipe && mode == Mode::Spawn;
        let env = prepared.environment(parts.env, &policy.env.set);
        let env = if mode == Mode::Session { on_terminal(env, options.term.as_deref()) } else { env };
        let child = Child::new(&parts.program)
            .argv(parts.argv.iter())
            .envs(env)
            .stdin(if piped || !input.is_empty() { Stdio::Pipe } else { Stdio::Null })
            .stdout(Stdio::Pipe)
            .stderr(match options {
                Options { merge_stderr: true, .. } => Stdio::Merge,
                Options { ignore_stderr: true, .. } => Stdio::Null,
                _ => Stdio::Pipe,
            })
            .uid(policy.uid)
            .gid(policy.gid)
            .containment(match mode {
                Mode::Background | Mode::Session => Containment::Cgroup,
                Mode::Execute | Mode::Spawn => Containment::Group,
            })
            .confinement(prepared.confinement)
            .limits(prepared.limits)
            .tree_limits(prepared.tree_limits)
            .die_with_host(!options.leave)
            .hide_window(policy.commands.windows_hide)
            .verbatim_arguments(policy.commands.windows_verbatim_arguments);
        let child = if mode == Mode::Session { child.pty(size) } else { child };
        let path = parts.directory.path().to_owned();
        let child = match parts.directory.into_handle() {
            Some(handle) => child.open_directory(handle, path),
            None => child.directory(path),
        };
        let spawned = child.spawn().await;
        if let (Some(audit), Err(error)) = (&audit, &spawned) {
            audit.spawn_failed(error);
        }
        let mut child = spawned?;
        let stdin = if piped { child.stdin.take() } else { None };
        let pty = child.pty.take().map(Arc::new);
        let pull = match mode {
            Mode::Session if !options.without_screen => Pull::Watched,
            Mode::Spawn | Mode::Session => Pull::Held,
            Mode::Execute | Mode::Background => Pull::Drain,
        };
        let max_bytes =
            options.max_bytes.map_or(config.output.max_bytes, |most| most.min(config.output.max_bytes));
        let terminal_output = pty.clone().map(Reading::Terminal);
        let mut streams = Streams::new(
            terminal_output.or(child.stdout.take().map(Reading::Pipe)),
            child.stderr.take().map(Reading::Pipe),
            pull,
            max_bytes,
            if mode == Mode::Session { SESSION_HELD } else { config.output.high_water_mark },
            (config.limits.output > 0).then_some(config.limits.output),
        );
        let screen = (mode == Mode::Session && !options.without_screen)
            .then(|| Arc::new(LiveScreen::new(size, &config.sessions, options.replies)));
        if mode == Mode::Session {
            let mut watch = Watch::new(screen.clone());
            if screen.is_some() && !config.sessions.image_files.is_empty() {
                let directories = config.sessions.image_files.clone();
                watch.read_image_files(ImageFiles::new(directories, runtime.clone(), audit.clone()));
            }
            streams.watch_with(watch);
        } else if let Some(redactor) = audit.as_ref().and_then(Call::output_redactor) {
            streams.redact_with(redactor);
        }
        let terminal = pty.map(|pty| Arc::new(Input::new(&pty, screen.clone())));
        let id = options.id.unwrap_or_else(|| self.new_id());
        let proxied = child.proxy.take().zip(prepared.hosts);
        let run =
            Arc::new(Run::new(id, parts.argv, mode, Arc::clone(child.tree()), streams, prepared.enforced));
        if let Some(audit) = &audit {
            audit.spawned(&run, mode == Mode::Session);
        }
        // Behind the event of the spawn: connections have events of their own.
        let egress = proxied.map(|(listener, hosts)| Egress::serve(listener, hosts, &run.id, audit.clone()));
        let of_session = |time| if mode == Mode::Session { bound(time) } else { None };
        let [lifetime, untouched] = [config.sessions.lifetime, config.sessions.idle].map(of_session);
        let terms = Terms {
            timeout: match options.timeout {
                Some(time) => (!time.is_zero()).then_some(time),
                None if mode == Mode::Session => None,
                None => bound(policy.timeout),
            },
            wall: bound(config.limits.wall),
            lifetime,
            idle: bound(config.limits.idle),
            untouched,
            drain_grace: Duration::from_millis(config.output.drain_grace),
            kill_signal: self.kill_signal(),
            kill_grace: Duration::from_millis(policy.commands.kill_grace),
            leave: options.leave,
            limits: config.limits.clone(),
            cancel: options.cancel,
            input,
            terminal: terminal.clone(),
        };
        let registry = Arc::clone(self.registry());
        registry.insert(&run);
        if self.is_closed() {
            // Closed while it was being spawned: whoever closed did not see it. Dropping the child ends it.
            registry.remove(&run.id);
            return Err(Error::Closed);
        }
        let handle = Handle::new(Arc::clone(&run));
        let ending = Ending { run: Arc::clone(&run), registry: Arc::clone(&registry), audit };
        runtime.spawn(async move {
            pump(ending, child, terms).await;
            drop(egress);
            drop(turn);
            if let Some(duty) = registry.ended(&run.id) {
                let registry = Arc::downgrade(&registry);
                tokio::spawn(async move {
                    let _duty = duty;
                    while let Some(pause) = registry.upgrade().and_then(|registry| registry.sweep()) {
                        tokio::time::sleep(pause).await;
                    }
                });
            }
        });
        let session = terminal.map(|terminal| (terminal, screen));
        Ok(Launched { process: Process::new(handle, self), stdin, session })
    }
}

/// Bytes of a session's output that are held for a reader to come.
const SESSION_HELD: usize = 1 << 20;

/// What a program on a terminal expects to find, unless it was named already.
fn on_terminal(mut env: Vec<(OsString, OsString)>, term: Option<&str>) -> Vec<(OsString, OsString)> {
    // A variable that is set to nothing names nothing.
    env.retain(|(name, value)| {
        !value.is_empty() || !["LC_ALL", "LC_CTYPE", "LANG", "TERM"].iter().any(|own| name == own)
    });
    let has = |env: &[(OsString, OsString)], names: &[&str]| {
        env.iter().any(|(own, _)| names.iter().any(|name| own == name))
    };
    let has_locale = has(&env, &["LC_ALL", "LC_CTYPE", "LANG"]);
    let wanted = [
        ("TERM", term.unwrap_or("xterm-256color")),
        ("COLORTERM", "truecolor"),
        ("TERM_PROGRAM", "vetty"),
        ("TERM_PROGRAM_VERSION", env!("CARGO_PKG_VERSION")),
    ];
    for (name, value) in wanted.into_iter().chain((!has_locale).then_some(("LANG", "C.UTF-8"))) {
        if !has(&env, &[name]) {
            env.push((name.into(), value.into()));
        }
    }
    env
}
