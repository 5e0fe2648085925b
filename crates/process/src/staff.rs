//! A few threads that share a queue, and more of them while some hang.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

/// Threads there may be when others hang in an `execve`.
const MOST: usize = 64;

/// Threads that work side by side as a matter of course. Most of the time the kernel suspends each of them until its
/// child has executed, so two a processor keep it busy; many more would take it away from the host's own threads.
fn usual() -> usize {
    static USUAL: OnceLock<usize> = OnceLock::new();
    *USUAL.get_or_init(|| thread::available_parallelism().map_or(2, |cores| (2 * cores.get()).min(MOST / 2)))
}

/// A job that takes longer than this hangs, as far as those who wait behind it are concerned.
/// Shorter, a machine under load would be taken for one with a dead mount.
const HANGING: Duration = Duration::from_millis(500);

/// Threads that do jobs of one kind. They are started when there is work, and never end.
pub(crate) struct Staff<J: 'static> {
    name: &'static str,
    serve: fn(J),
    queue: Mutex<Queue<J>>,
    news: Condvar,
    /// For the thread that watches over those who wait.
    delays: Condvar,
}

struct Queue<J> {
    jobs: VecDeque<J>,
    threads: usize,
    idle: usize,
    /// When each of the jobs that go on now began.
    begun: Vec<Instant>,
    watch: Watch,
}

#[derive(PartialEq)]
enum Watch {
    NotStarted,
    /// Nobody waits for a thread.
    Asleep,
    /// Looks at the queue every [`HANGING`].
    Awake,
}

impl<J: Send + 'static> Staff<J> {
    pub(crate) const fn new(name: &'static str, serve: fn(J)) -> Staff<J> {
        let queue =
            Queue { jobs: VecDeque::new(), threads: 0, idle: 0, begun: Vec::new(), watch: Watch::NotStarted };
        Staff { name, serve, queue: Mutex::new(queue), news: Condvar::new(), delays: Condvar::new() }
    }

    fn queue(&self) -> MutexGuard<'_, Queue<J>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a thread do the job as soon as one is free.
    ///
    /// # Errors
    /// If there is no thread at all and none can be made.
    pub(crate) fn submit(&'static self, job: J) -> io::Result<()> {
        let mut queue = self.queue();
        queue.jobs.push_back(job);
        self.hire(&mut queue)?;
        let idle = queue.idle > 0;
        if queue.jobs.len() > queue.idle {
            self.watch(&mut queue);
        }
        drop(queue);
        // Each notification is a system call, also when nobody waits.
        if idle {
            self.news.notify_one();
        }
        Ok(())
    }

    /// Sees to it that somebody will take the jobs: as many threads as usual beside those that hang.
    fn hire(&'static self, queue: &mut Queue<J>) -> io::Result<()> {
        if queue.idle >= queue.jobs.len() {
            return Ok(());
        }
        let hanging = queue.begun.iter().filter(|begun| begun.elapsed() > HANGING).count();
        if queue.threads >= (usual() + hanging).min(MOST) {
            return Ok(());
        }
        match self.thread(Self::work) {
            Ok(()) => queue.threads += 1,
            Err(error) if queue.threads == 0 => {
                queue.jobs.clear();
                return Err(error);
            }
            Err(error) => tracing::debug!(%error, "no further {} thread", self.name),
        }
        Ok(())
    }

    fn thread(&'static self, work: fn(&'static Self)) -> io::Result<()> {
        let builder = thread::Builder::new().name(self.name.to_owned()).stack_size(256 * 1024);
        builder.spawn(move || work(self)).map(drop)
    }

    fn work(&'static self) {
        let mut queue = self.queue();
        loop {
            let Some(job) = queue.jobs.pop_front() else {
                queue.idle += 1;
                queue = self.news.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
                continue;
            };
            let begun = Instant::now();
            queue.begun.push(begun);
            drop(queue);
            (self.serve)(job);
            queue = self.queue();
            if let Some(index) = queue.begun.iter().position(|other| *other == begun) {
                queue.begun.swap_remove(index);
            }
        }
    }

    /// Somebody has to wait: sees to it that it is not for one that hangs.
    fn watch(&'static self, queue: &mut Queue<J>) {
        match queue.watch {
            Watch::Awake => return,
            Watch::Asleep => self.delays.notify_one(),
            Watch::NotStarted => {
                if let Err(error) = self.thread(Self::look_after) {
                    tracing::debug!(%error, "nobody watches for {} threads that hang", self.name);
                    return;
                }
            }
        }
        queue.watch = Watch::Awake;
    }

    fn look_after(&'static self) {
        let mut queue = self.queue();
        loop {
            if queue.jobs.is_empty() {
                queue.watch = Watch::Asleep;
                queue = self.delays.wait(queue).unwrap_or_else(PoisonError::into_inner);
            } else {
                queue = self.delays.wait_timeout(queue, HANGING).unwrap_or_else(PoisonError::into_inner).0;
                // With a thread there is no error.
                drop(self.hire(&mut queue));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    type Work = Box<dyn FnOnce() + Send>;

    fn staff() -> &'static Staff<Work> {
        Box::leak(Box::new(Staff::new("test", |work: Work| work())))
    }

    fn hang(staff: &'static Staff<Work>, end: Receiver<()>) {
        let (begun, has_begun) = channel();
        let work = move || {
            begun.send(()).expect("somebody waits for the begin");
            end.recv().expect_err("the end is told by dropping the sender");
        };
        staff.submit(Box::new(work)).expect("a thread");
        has_begun.recv_timeout(Duration::from_secs(20)).expect("it begins though others hang");
    }

    #[test]
    fn jobs_that_hang_do_not_hold_up_the_others() {
        let staff = staff();
        let mut ends = Vec::new();
        for _ in 0..usual() + 6 {
            let (end, hangs) = channel();
            hang(staff, hangs);
            ends.push(end);
        }
        let (done, is_done) = channel();
        for number in 0..100 {
            let done = done.clone();
            staff.submit(Box::new(move || done.send(number).expect("received"))).expect("a thread");
        }
        let numbers: Vec<i32> =
            (0..100).map(|_| is_done.recv_timeout(Duration::from_secs(20)).expect("done")).collect();
        assert_eq!(numbers.iter().sum::<i32>(), 99 * 100 / 2);
    }

    #[test]
    fn short_jobs_are_done_by_the_usual_threads() {
        let staff = staff();
        let (done, is_done) = channel();
        for _ in 0..1000 {
            let done = done.clone();
            staff.submit(Box::new(move || done.send(()).expect("received"))).expect("a thread");
        }
        (0..1000).for_each(|_| is_done.recv_timeout(Duration::from_secs(20)).expect("done"));
        assert!(staff.queue().threads <= usual());
    }
}
