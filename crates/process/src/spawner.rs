//! The threads that spawn: few, permanent, and never the caller's.
//!
//! `vfork` stops the thread that calls it until the child has executed, which takes 0.2 ms and, on a dead network mount,
//! forever. A thread of our own can bear that; a runtime's worker or a JavaScript thread cannot. The threads never end,
//! because the kernel ties "die with the parent" to the thread that made the child.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::staff::Staff;
use crate::sys::{self, Born};
use crate::{Child, Command, Phase, SpawnError};

struct Job {
    command: Command,
    asked: Instant,
    runtime: Handle,
    reply: oneshot::Sender<Result<Child, SpawnError>>,
}

static SPAWNERS: Staff<Job> = Staff::new("vetty-spawner", serve);

pub(crate) async fn spawn(command: Command) -> Result<Child, SpawnError> {
    let (reply, answer) = oneshot::channel();
    let job = Job { command, asked: Instant::now(), runtime: Handle::current(), reply };
    SPAWNERS.submit(job).map_err(|error| SpawnError::new(Phase::Clone, error))?;
    match answer.await {
        Ok(child) => child,
        Err(_) => Err(SpawnError::new(Phase::Clone, io::Error::other("the spawner thread ended"))),
    }
}

fn serve(job: Job) {
    let Job { command, asked, runtime, reply } = job;
    if reply.is_closed() {
        return;
    }
    let argv0 = tracing::enabled!(tracing::Level::DEBUG).then(|| command.argv0().to_owned());
    // A runtime without I/O panics when something is registered with it. The thread must outlive that.
    let child = catch_unwind(AssertUnwindSafe(|| {
        let born: Born = sys::bear(command, asked, &runtime)?;
        let _context = runtime.enter();
        Child::new(born).map_err(|error| SpawnError::new(Phase::Pipe, error))
    }))
    .unwrap_or_else(|_| {
        let without_io =
            "the runtime cannot wait for pipes and processes: enable its I/O (Builder::enable_io)";
        Err(SpawnError::new(Phase::Pipe, io::Error::other(without_io)))
    });
    match &child {
        Ok(child) => tracing::trace!(pid = child.pid(), ?argv0, "spawned"),
        Err(error) => tracing::debug!(%error, ?argv0, "not spawned"),
    }
    // Before the answer: who has it may end the runtime, and expects its descriptors to be closed then.
    drop(runtime);
    // If nobody waits any more the child comes back and its drop ends it.
    drop(reply.send(child));
}
