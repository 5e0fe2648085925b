//! What runs in a terminal, and what has run lately.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

use crate::config::Retain;
use crate::launch::Mode;
use crate::run::{Progress, Run};

/// A run as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// `term_` and 32 hex digits.
    pub id: String,
    /// What ran.
    pub argv: Vec<String>,
    /// The child's process number.
    pub pid: i32,
    /// When it was started.
    pub started_at: SystemTime,
    /// Whether it was started in the background.
    pub background: bool,
    /// Whether it is on a terminal: a session.
    pub session: bool,
    /// Whether its child has not ended.
    pub running: bool,
}

struct Entry {
    run: Arc<Run>,
    /// Set when it has ended: when, and how many bytes it keeps.
    ended: Option<(Instant, usize)>,
}

#[derive(Default)]
struct Entries {
    by_id: HashMap<String, Entry>,
    /// Ids of ended ones, oldest first.
    ended: std::collections::VecDeque<String>,
    kept_bytes: usize,
    sweeper: Weak<Duty>,
}

/// Held by whoever sees to [`Registry::sweep`]: nobody does once it is dropped, and the next end finds somebody else.
pub(crate) struct Duty;

pub(crate) struct Registry {
    entries: Mutex<Entries>,
    retain: Retain,
}

impl Registry {
    pub(crate) fn new(retain: Retain) -> Registry {
        Registry { entries: Mutex::default(), retain }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn insert(&self, run: &Arc<Run>) {
        self.entries().by_id.insert(run.id.clone(), Entry { run: Arc::clone(run), ended: None });
    }

    pub(crate) fn remove(&self, id: &str) {
        self.entries().by_id.remove(id);
    }

    /// Marks a run as ended. Gives the caller the duty to sweep, if nobody has it.
    pub(crate) fn ended(&self, id: &str) -> Option<Arc<Duty>> {
        let mut entries = self.entries();
        let entry = entries.by_id.get_mut(id)?;
        let bytes = match &*entry.run.progress.borrow() {
            Progress::Ended(output) => output.stdout.len() + output.stderr.len(),
            _ => 0,
        };
        entry.ended = Some((Instant::now(), bytes));
        entries.kept_bytes += bytes;
        entries.ended.push_back(id.to_owned());
        entries.expire(&self.retain);
        if entries.ended.is_empty() || entries.sweeper.strong_count() > 0 {
            return None;
        }
        let duty = Arc::new(Duty);
        entries.sweeper = Arc::downgrade(&duty);
        Some(duty)
    }

    /// Forgets what is old; says when to come again, or `None` if nothing is left and the duty is over.
    pub(crate) fn sweep(&self) -> Option<Duration> {
        let mut entries = self.entries();
        entries.expire(&self.retain);
        let oldest = entries.ended.front().and_then(|id| entries.by_id.get(id)?.ended).map(|(at, _)| at);
        if oldest.is_none() {
            entries.sweeper = Weak::new();
        }
        oldest.map(|at| Duration::from_millis(self.retain.time).saturating_sub(at.elapsed()))
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<Run>> {
        let mut entries = self.entries();
        entries.expire(&self.retain);
        entries.by_id.get(id).map(|entry| Arc::clone(&entry.run))
    }

    /// Those that have not ended.
    pub(crate) fn running(&self) -> Vec<Arc<Run>> {
        let entries = self.entries();
        entries
            .by_id
            .values()
            .filter(|entry| entry.ended.is_none())
            .map(|entry| Arc::clone(&entry.run))
            .collect()
    }

    /// All that is known, oldest first.
    pub(crate) fn list(&self) -> Vec<Listed> {
        let mut entries = self.entries();
        entries.expire(&self.retain);
        let mut list: Vec<(Instant, Listed)> = entries
            .by_id
            .values()
            .map(|Entry { run, .. }| {
                let listed = Listed {
                    id: run.id.clone(),
                    argv: run.argv.clone(),
                    pid: run.pid,
                    started_at: run.started_at,
                    background: run.mode == Mode::Background,
                    session: run.mode == Mode::Session,
                    running: run.exit().is_none(),
                };
                (run.started, listed)
            })
            .collect();
        list.sort_by_key(|(started, _)| *started);
        list.into_iter().map(|(_, listed)| listed).collect()
    }
}

impl Entries {
    fn expire(&mut self, retain: &Retain) {
        let time = Duration::from_millis(retain.time);
        while let Some(oldest) = self.ended.front() {
            let ended = self.by_id.get(oldest).and_then(|entry| entry.ended);
            let old = ended.is_none_or(|(at, _)| at.elapsed() >= time);
            if !old && self.ended.len() <= retain.count && self.kept_bytes <= retain.bytes {
                break;
            }
            self.kept_bytes -= ended.map_or(0, |(_, bytes)| bytes);
            self.by_id.remove(oldest);
            self.ended.pop_front();
        }
    }
}
