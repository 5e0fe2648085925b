//! Waiting for a session to show something.

use std::time::{Duration, Instant};

use vetty_process::Exit;

use super::watch::{Match, Needle, Watch};

/// What to wait for, and for how long. Level-triggered: what is true already counts.
#[derive(Debug, Clone)]
#[must_use = "it is waited for by Session::wait"]
pub struct Wait {
    condition: Condition,
    deadline: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Condition {
    Output(Needle),
    Idle(Duration),
    Exit,
    Any(Vec<Condition>),
    All(Vec<Condition>),
}

/// What came true.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waited {
    /// Of [`Wait::any`], which one, counted from 0.
    pub index: usize,
    /// Of [`Wait::output`] and [`Wait::regex`], what was found.
    pub found: Option<Match>,
    /// How the program ended, if it has.
    pub exit: Option<Exit>,
    /// How long it took.
    pub duration: Duration,
}

impl Wait {
    /// These bytes in the raw output, since the end of the last match of such a wait (at first: since the start). It looks
    /// back on the last mebibyte.
    pub fn output(bytes: impl AsRef<[u8]>) -> Wait {
        Wait::new(Condition::Output(Needle::Bytes(bytes.as_ref().to_vec())))
    }

    /// A match of this expression, in the same bytes. The engine takes linear time whatever the expression.
    pub fn regex(regex: regex::bytes::Regex) -> Wait {
        Wait::new(Condition::Output(Needle::Regex(regex)))
    }

    /// No output for so long.
    pub fn idle(time: Duration) -> Wait {
        Wait::new(Condition::Idle(time))
    }

    /// The program's end, and its last byte.
    pub fn exit() -> Wait {
        Wait::new(Condition::Exit)
    }

    /// The first of several that comes true; in one look, the first that is named. Their own deadlines do not count.
    pub fn any(waits: impl IntoIterator<Item = Wait>) -> Wait {
        Wait::new(Condition::Any(waits.into_iter().map(|wait| wait.condition).collect()))
    }

    /// Several at once. Their own deadlines do not count.
    pub fn all(waits: impl IntoIterator<Item = Wait>) -> Wait {
        Wait::new(Condition::All(waits.into_iter().map(|wait| wait.condition).collect()))
    }

    fn new(condition: Condition) -> Wait {
        Wait { condition, deadline: None }
    }

    /// For so long and no longer; zero is without a deadline. Default: `sessions.waitTimeout`.
    pub fn within(mut self, time: Duration) -> Wait {
        self.deadline = Some(time);
        self
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Whether it is true now.
    pub(super) fn look(&self, watch: &mut Watch, exit: Option<&Exit>) -> Option<(usize, Option<Match>)> {
        self.condition.look(watch, exit)
    }

    /// When to look again though nothing changes.
    pub(super) fn next_look(&self, last_change: Instant) -> Option<Instant> {
        self.condition.next_look(last_change)
    }
}

impl Condition {
    fn look(&self, watch: &mut Watch, exit: Option<&Exit>) -> Option<(usize, Option<Match>)> {
        match self {
            Condition::Output(needle) => watch.find(needle).map(|found| (0, Some(found))),
            Condition::Idle(time) => (watch.last_change().elapsed() >= *time).then_some((0, None)),
            Condition::Exit => exit.map(|_| (0, None)),
            Condition::Any(all) => all
                .iter()
                .enumerate()
                .find_map(|(index, condition)| condition.look(watch, exit).map(|(_, found)| (index, found))),
            Condition::All(all) => {
                // A match moves on only if the others are true as well.
                let before = watch.mark();
                let mut found = None;
                for condition in all {
                    let Some((_, own)) = condition.look(watch, exit) else {
                        watch.reset(before);
                        return None;
                    };
                    found = found.or(own);
                }
                Some((0, found))
            }
        }
    }

    fn next_look(&self, last_change: Instant) -> Option<Instant> {
        match self {
            Condition::Idle(time) => Some(last_change + *time),
            Condition::Any(all) | Condition::All(all) => {
                let now = Instant::now();
                all.iter().filter_map(|one| one.next_look(last_change)).filter(|at| *at > now).min()
            }
            Condition::Output(_) | Condition::Exit => None,
        }
    }
}
