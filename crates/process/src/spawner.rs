//! The threads that spawn: few, permanent, and never the caller's.
//!
//! `vfork` stops the thread that calls it until the child has executed, which takes 0.2 ms and, on a dead network mount,
//! forever. A thread of our own can bear that; a runtime's worker or a JavaScript thread cannot. The threads never end,
//! because the kernel ties "die with the parent" to the thread that made the child.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
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
const HANGING: Duration = Duration::from_millis(500);

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
    /// Whether the overseer looks after the jobs that wait.
    overseen: bool,
}

static QUEUE: Mutex<Queue> =
    Mutex::new(Queue { jobs: VecDeque::new(), threads: 0, idle: 0, begun: Vec::new(), overseen: false });
/// There is a job for an idle thread.
static NEWS: Condvar = Condvar::new();
/// Jobs wait and every thread is busy.
static CROWD: Condvar = Condvar::new();

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) async fn spawn(command: Command) -> Result<Child, SpawnError> {
    let (reply, answer) = oneshot::channel();
    submit(Job { command, runtime: Handle::current(), reply })
        .map_err(|error| SpawnError::new(Phase::Clone, error))?;
    let gone = |_| SpawnError::new(Phase::Clone, io::Error::other("the spawner thread ended"));
    answer.await.map_err(gone)?
}

fn submit(job: Job) -> io::Result<()> {
    let mut queue = queue();
    queue.jobs.push_back(job);
    staff(&mut queue)?;
    if queue.idle > 0 {
        NEWS.notify_one();
    } else if !queue.overseen && queue.threads >= USUAL_THREADS {
        queue.overseen = true;
        oversee_from_now_on();
    }
    Ok(())
}

/// Sees to it that somebody will take the jobs: as many threads as usual beside those that hang.
fn staff(queue: &mut Queue) -> io::Result<()> {
    let wanted = || {
        let hanging = queue.begun.iter().filter(|begun| begun.elapsed() > HANGING).count();
        (USUAL_THREADS + hanging).min(MOST_THREADS)
    };
    if queue.idle >= queue.jobs.len() || queue.threads >= wanted() {
        return Ok(());
    }
    match start("vetty-spawner", work) {
        Ok(()) => queue.threads += 1,
        Err(error) if queue.threads == 0 => {
            queue.jobs.clear();
            return Err(error);
        }
        Err(error) => tracing::debug!(%error, "no further spawner thread"),
    }
    Ok(())
}

fn start(name: &str, body: fn()) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).stack_size(256 * 1024).spawn(body).map(drop)
}

/// Wakes the one thread that looks after jobs which wait behind others that may hang.
fn oversee_from_now_on() {
    static OVERSEER: Once = Once::new();
    OVERSEER.call_once(|| {
        if let Err(error) = start("vetty-overseer", oversee) {
            tracing::debug!(%error, "no overseer: spawns that hang delay those behind them");
        }
    });
    CROWD.notify_one();
}

fn oversee() {
    let mut queue = queue();
    loop {
        if !queue.overseen {
            queue = CROWD.wait(queue).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        (queue, _) = CROWD.wait_timeout(queue, HANGING).unwrap_or_else(PoisonError::into_inner);
        queue.overseen = !queue.jobs.is_empty();
        if queue.overseen
            && let Err(error) = staff(&mut queue)
        {
            tracing::debug!(%error, "no further spawner thread");
        }
    }
}

fn work() {
    let mut queue = queue();
    loop {
        let Some(job) = queue.jobs.pop_front() else {
            queue.idle += 1;
            queue = NEWS.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
            continue;
        };
        let begun = Instant::now();
        queue.begun.push(begun);
        drop(queue);
        serve(job);
        queue = self::queue();
        if let Some(index) = queue.begun.iter().position(|other| *other == begun) {
            queue.begun.swap_remove(index);
        }
    }
}

fn serve(job: Job) {
    let Job { command, runtime, reply, .. } = job;
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
