//! The threads that spawn: few, permanent, and never the caller's.
//!
//! `vfork` stops the thread that calls it until the child has executed, which takes 0.2 ms and, on a dead network mount,
//! forever. A thread of our own can bear that; a runtime's worker or a JavaScript thread cannot. The threads never end,
//! because the kernel ties "die with the parent" to the thread that made the child.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::sys::{self, Born};
use crate::{Child, Command, Phase, SpawnError};

/// Threads that spawn side by side as a matter of course; more do not make more children a second.
const USUAL_THREADS: usize = 2;
/// Threads there may be when others hang in an `execve`.
const MOST_THREADS: usize = 64;
/// A spawn that takes longer than this hangs, as far as those who wait behind it are concerned.
const HANGING: Duration = Duration::from_millis(50);

struct Job {
    command: Command,
    runtime: Handle,
    reply: oneshot::Sender<Result<Child, SpawnError>>,
}

struct Queue {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    /// When each of the spawns that go on now began.
    begun: Vec<Instant>,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue {
    jobs: VecDeque::new(),
    threads: 0,
    idle: 0,
    begun: Vec::new(),
});
static NEWS: Condvar = Condvar::new();

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) async fn spawn(command: Command) -> Result<Child, SpawnError> {
    let (reply, mut answer) = oneshot::channel();
    submit(Job {
        command,
        runtime: Handle::current(),
        reply,
    })
    .map_err(|error| SpawnError::new(Phase::Clone, error))?;
    loop {
        match tokio::time::timeout(HANGING, &mut answer).await {
            Ok(Ok(child)) => return child,
            Ok(Err(_)) => {
                return Err(SpawnError::new(
                    Phase::Clone,
                    io::Error::other("the spawner thread ended"),
                ));
            }
            // Perhaps everybody else hangs.
            Err(_) => drop(staff(&mut queue())),
        }
    }
}

fn submit(job: Job) -> io::Result<()> {
    let mut queue = queue();
    queue.jobs.push_back(job);
    staff(&mut queue)?;
    drop(queue);
    NEWS.notify_one();
    Ok(())
}

/// Sees to it that somebody will take the jobs: as many threads as usual beside those that hang.
fn staff(queue: &mut Queue) -> io::Result<()> {
    let hanging = queue
        .begun
        .iter()
        .filter(|begun| begun.elapsed() > HANGING)
        .count();
    if queue.idle >= queue.jobs.len() || queue.threads >= (USUAL_THREADS + hanging).min(MOST_THREADS) {
        return Ok(());
    }
    match thread::Builder::new()
        .name("vetty-spawner".to_owned())
        .stack_size(256 * 1024)
        .spawn(work)
    {
        Ok(_) => queue.threads += 1,
        Err(error) if queue.threads == 0 => {
            queue.jobs.clear();
            return Err(error);
        }
        Err(error) => tracing::debug!(%error, "no further spawner thread"),
    }
    Ok(())
}

fn work() {
    loop {
        let mut queue_now = queue();
        let job = loop {
            if let Some(job) = queue_now.jobs.pop_front() {
                break job;
            }
            queue_now.idle += 1;
            queue_now = NEWS.wait(queue_now).unwrap_or_else(PoisonError::into_inner);
            queue_now.idle -= 1;
        };
        let begun = Instant::now();
        queue_now.begun.push(begun);
        drop(queue_now);
        serve(job);
        let mut queue_now = queue();
        if let Some(index) = queue_now.begun.iter().position(|other| *other == begun) {
            queue_now.begun.swap_remove(index);
        }
    }
}

fn serve(job: Job) {
    let Job {
        command,
        runtime,
        reply,
        ..
    } = job;
    if reply.is_closed() {
        return;
    }
    let argv0 = command.argv0().to_owned();
    let child = sys::bear(command, &runtime).and_then(|born: Born| {
        let _context = runtime.enter();
        Child::new(born).map_err(|error| SpawnError::new(Phase::Pipe, error))
    });
    match &child {
        Ok(child) => tracing::trace!(pid = child.pid(), ?argv0, "spawned"),
        Err(error) => tracing::debug!(%error, ?argv0, "not spawned"),
    }
    // If nobody waits any more the child comes back and its drop ends it.
    drop(reply.send(child));
}
