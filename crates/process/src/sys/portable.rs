//! The rung that every platform has: the standard library's spawn, waited for by tokio.

use std::io;
#[cfg(unix)]
use std::process::Stdio as StdStdio;
use std::sync::Mutex;

use tokio::process::Command as TokioCommand;
use tokio::runtime::Handle;
use tokio::sync::watch;

#[cfg(target_os = "linux")]
use super::Leader;
#[cfg(unix)]
use super::unix::Streams;
use super::{Born, Cgroup as AnyCgroup, LimitGroups as AnyLimitGroups};
use crate::command::Directory;
use crate::{Command, Exit, Phase, Signal, SpawnError};

#[cfg(not(target_os = "linux"))]
pub(crate) const HAS_CLONE: bool = false;

/// There are none outside Linux.
#[cfg(not(target_os = "linux"))]
pub(crate) enum Cgroup {}

#[cfg(not(target_os = "linux"))]
impl Cgroup {
    #[cfg(unix)]
    pub(crate) fn entered(self) -> Cgroup {
        match self {}
    }

    pub(crate) fn signal(&self, _: Signal) -> bool {
        match *self {}
    }

    pub(crate) fn members(&self) -> Vec<i32> {
        match *self {}
    }
}

/// There are none outside Linux.
#[cfg(not(target_os = "linux"))]
pub(crate) enum PidNamespace {}

#[cfg(not(target_os = "linux"))]
impl PidNamespace {
    pub(crate) fn signal(&self, _: Signal) -> bool {
        match *self {}
    }

    pub(crate) fn members(&self) -> usize {
        match *self {}
    }

    pub(crate) fn end(&self, _: bool) {
        match *self {}
    }
}

/// There are no namespaces to be in the way of.
#[cfg(not(target_os = "linux"))]
pub(crate) fn namespace_obstacle() -> Option<String> {
    None
}

/// There are none outside Linux.
#[cfg(not(target_os = "linux"))]
pub(crate) enum LimitGroups {}

#[cfg(not(target_os = "linux"))]
impl LimitGroups {
    pub(crate) fn are_available() -> bool {
        false
    }

    pub(crate) fn exceeded(&self) -> Option<crate::Exceeded> {
        match *self {}
    }

    #[cfg(unix)]
    pub(crate) fn entered(self) -> LimitGroups {
        match self {}
    }
}

/// Whether a control group can hold a tree here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn can_contain() -> bool {
    false
}

/// No way is known here to follow no link.
#[cfg(not(target_os = "linux"))]
pub(crate) fn read_beneath(
    _: &std::path::Path,
    _: &std::path::Path,
    _: crate::beneath::Part,
) -> io::Result<Vec<u8>> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Nothing can be confined here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn rehearse(_: &vetty_sandbox::Confinement) -> Result<(), SpawnError> {
    Err(SpawnError::new(Phase::Sandbox, io::Error::from(io::ErrorKind::Unsupported)))
}

/// What is asked and cannot be had is never left out.
#[cfg(not(target_os = "linux"))]
fn refuse_sandbox(command: &Command) -> Result<(), SpawnError> {
    if command.confinement.is_none() && command.tree_limits.is_empty() {
        return Ok(());
    }
    Err(SpawnError::new(Phase::Sandbox, io::Error::from(io::ErrorKind::Unsupported)))
}

/// Starts `command`. Blocks until the program runs or has failed to.
#[cfg(not(target_os = "linux"))]
pub(crate) fn bear(
    command: Command,
    _asked: std::time::Instant,
    runtime: &Handle,
) -> Result<Born, SpawnError> {
    refuse_sandbox(&command)?;
    start(command, None, None, runtime)
}

#[cfg(target_os = "linux")]
pub(crate) fn bear(
    command: Command,
    cgroup: Option<AnyCgroup>,
    limit_groups: Option<AnyLimitGroups>,
    runtime: &Handle,
) -> Result<Born, SpawnError> {
    start(command, cgroup, limit_groups, runtime)
}

#[cfg(unix)]
fn start(
    mut command: Command,
    cgroup: Option<AnyCgroup>,
    limit_groups: Option<AnyLimitGroups>,
    runtime: &Handle,
) -> Result<Born, SpawnError> {
    let streams = Streams::of(&mut command)?;
    bear_with(command, streams, cgroup, limit_groups, runtime)
}

/// With the streams already open.
#[cfg(unix)]
pub(crate) fn bear_with(
    command: Command,
    streams: Streams,
    cgroup: Option<AnyCgroup>,
    limit_groups: Option<AnyLimitGroups>,
    runtime: &Handle,
) -> Result<Born, SpawnError> {
    let pipe_failed = |error: io::Error| SpawnError::new(Phase::Pipe, error);
    // What is executed, and with what, is said by `prepare`.
    let mut builder = std::process::Command::new(&command.program);
    let ends = [0, 1, 2].map(|index| streams.source(index).try_clone().map(StdStdio::from));
    let [stdin, stdout, stderr] = ends;
    builder.stdin(stdin.map_err(pipe_failed)?);
    builder.stdout(stdout.map_err(pipe_failed)?).stderr(stderr.map_err(pipe_failed)?);
    let stage = super::unix::fork::prepare(&mut builder, &command, cgroup.as_ref(), limit_groups.as_ref())?;
    let leader = fork(builder, runtime).map_err(|error| {
        let phase = stage.phase();
        let error = SpawnError::new(phase, stage.error().unwrap_or(error));
        match (phase, &command.directory) {
            (Phase::Exec, _) => error.at(&command.program),
            (Phase::Chdir, Directory::Open { path, .. } | Directory::Path(path)) => error.at(path),
            _ => error,
        }
    })?;
    let Streams { stdin, stdout, stderr, pty, .. } = streams;
    Ok(Born {
        namespace: None,
        listener: None,
        confinement: None,
        leader,
        cgroup: cgroup.map(AnyCgroup::entered),
        limit_groups: limit_groups.map(AnyLimitGroups::entered),
        stdin,
        stdout,
        stderr,
        pty,
    })
}

/// Held by its process descriptor where the kernel gives one, as the children of the other rungs are.
#[cfg(target_os = "linux")]
fn fork(mut builder: std::process::Command, runtime: &Handle) -> io::Result<Leader> {
    if !Leader::can_hold_started() {
        return Ok(Leader::watched(Watched::new(spawn_watched(builder, runtime)?, runtime)));
    }
    // After a failed `exec` the standard library waits for the child, and panics if a stranger has done that already.
    let spawned = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| builder.spawn()));
    let child = spawned.unwrap_or_else(|_| Err(io::Error::from_raw_os_error(libc::ECHILD)))?;
    Ok(Leader::started(child.id() as i32))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn fork(builder: std::process::Command, runtime: &Handle) -> io::Result<Watched> {
    Ok(Watched::new(spawn_watched(builder, runtime)?, runtime))
}

#[cfg(unix)]
fn spawn_watched(builder: std::process::Command, runtime: &Handle) -> io::Result<tokio::process::Child> {
    let _context = runtime.enter();
    TokioCommand::from(builder).kill_on_drop(true).spawn()
}

#[cfg(windows)]
fn start(
    mut command: Command,
    _: Option<AnyCgroup>,
    _: Option<AnyLimitGroups>,
    runtime: &Handle,
) -> Result<Born, SpawnError> {
    use super::windows::{ReadEnd, WriteEnd, child_end};

    let failed = |error: io::Error| SpawnError::new(Phase::Pipe, error);
    if command.pty.is_some() {
        let unsupported =
            io::Error::new(io::ErrorKind::Unsupported, "no pseudo-terminals on this platform yet");
        return Err(SpawnError::new(Phase::Pty, unsupported).without_pty());
    }
    let mut builder = builder(&command);
    super::windows::prepare(&mut builder, &command);
    if matches!(command.stderr, crate::Stdio::Merge) {
        return Err(failed(io::Error::new(
            io::ErrorKind::Unsupported,
            "stderr cannot be merged on this platform",
        )));
    }
    builder.stdin(child_end(std::mem::take(&mut command.stdin)));
    builder.stdout(child_end(std::mem::take(&mut command.stdout)));
    builder.stderr(child_end(std::mem::take(&mut command.stderr)));
    if let Directory::Open { path, .. } | Directory::Path(path) = &command.directory {
        builder.current_dir(path);
    }
    let result = {
        let _context = runtime.enter();
        builder.spawn()
    };
    let mut child = result.map_err(|error| SpawnError::new(Phase::Exec, error).at(&command.program))?;
    let (stdin, stdout, stderr) = (
        child.stdin.take().map(WriteEnd::new),
        child.stdout.take().map(ReadEnd::from_stdout),
        child.stderr.take().map(ReadEnd::from_stderr),
    );
    Ok(Born {
        namespace: None,
        listener: None,
        confinement: None,
        leader: Watched::new(child, runtime),
        cgroup: None,
        limit_groups: None,
        stdin,
        stdout,
        stderr,
        pty: None,
    })
}

#[cfg(windows)]
fn builder(command: &Command) -> TokioCommand {
    let mut builder = TokioCommand::new(&command.program);
    builder.env_clear().envs(command.env.iter().map(|(name, value)| (name, value)));
    builder.kill_on_drop(true);
    builder
}

/// A child that a task of the runtime waits for.
pub(crate) struct Watched {
    pid: i32,
    exit: watch::Receiver<Option<Exit>>,
    /// What the waiting task still holds; taken to end the child on platforms without signals.
    #[cfg_attr(unix, allow(dead_code))]
    end: Mutex<Option<tokio::sync::oneshot::Sender<()>>>,
}

impl Watched {
    fn new(mut child: tokio::process::Child, runtime: &Handle) -> Watched {
        let pid = child.id().map_or(0, |id| id as i32);
        let (publish, exit) = watch::channel(None);
        let (end, mut ended) = tokio::sync::oneshot::channel::<()>();
        runtime.spawn(async move {
            let status = loop {
                tokio::select! {
                    status = child.wait() => break status,
                    Ok(()) = &mut ended => {
                        if let Err(error) = child.start_kill() {
                            tracing::debug!(%error, "the child could not be ended");
                        }
                    }
                }
            };
            publish.send_replace(Some(match status {
                Ok(status) => exit_of(status),
                Err(error) => Exit::Lost(error.to_string()),
            }));
        });
        Watched { pid, exit, end: Mutex::new(Some(end)) }
    }

    /// Nobody tells it.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn processor_time(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    /// A task reaps it when it is dead, whoever asks.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn is_dead(&self) -> bool {
        true
    }

    /// Nothing to do: a task waits already.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn register(self) -> io::Result<Watched> {
        Ok(self)
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    pub(crate) async fn exited(&self) {
        // An error means that the runtime has dropped the task, and with it the child.
        if self.exit.clone().wait_for(Option::is_some).await.is_err() {
            tracing::debug!(pid = self.pid, "the runtime ended before the child");
        }
    }

    /// The status; the waiting task has reaped the child.
    pub(crate) fn reap(&self) -> Exit {
        self.exit
            .borrow()
            .clone()
            .unwrap_or_else(|| Exit::Lost("the runtime ended before the child".to_owned()))
    }

    /// Whether the number may belong to somebody else by now. tokio reaps when the child dies, so there is a moment in
    /// which it is not known yet: the admitted weakness of this rung.
    fn is_reaped(&self) -> bool {
        self.exit.borrow().is_some()
    }

    #[cfg(unix)]
    pub(crate) fn by_number(&self, number: i32, signal: Signal) -> bool {
        // A group's number is kept by its living members, the leader's own is not.
        let ours = number < -1 || (number > 1 && !self.is_reaped());
        ours && super::unix::kill(number, signal)
    }

    #[cfg(windows)]
    pub(crate) fn by_number(&self, _: i32, _: Signal) -> bool {
        let end = self.end.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        !self.is_reaped() && end.is_some_and(|end| end.send(()).is_ok())
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        self.by_number(self.pid, signal)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn signal_group(&self, signal: Signal) -> bool {
        self.by_number(-self.pid, signal)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn status(&self) -> Exit {
        self.reap()
    }

    /// Kills those of the group that are alive, unless they may stay; says whether there was one, by 1 or 0.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn finish(&self, leave: bool) -> usize {
        let left = cfg!(unix) && self.signal_group(Signal::from_raw(0));
        if left && !leave {
            self.signal_group(Signal::KILL);
        }
        usize::from(left)
    }
}

#[cfg(unix)]
fn exit_of(status: std::process::ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    super::unix::exit_of(status.into_raw())
}

#[cfg(windows)]
fn exit_of(status: std::process::ExitStatus) -> Exit {
    Exit::Exited(status.code().unwrap_or(-1))
}

/// How many living processes are in a group; `None` without `/proc`.
#[cfg(target_os = "linux")]
pub(crate) fn processes_of_group(group: i32) -> Option<usize> {
    if !std::path::Path::new("/proc/self/stat").exists() {
        return None;
    }
    let mut count = 0;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // "pid (name) state ppid pgrp ...": the name may hold anything, the last ')' ends it.
        let mut fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
        let (state, pgrp) = (fields.next(), fields.nth(1).and_then(|field| field.parse::<i32>().ok()));
        count += usize::from(pgrp == Some(group) && state != Some("Z"));
    }
    Some(count)
}
