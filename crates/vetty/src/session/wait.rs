//! Waiting for a session to show something.

use std::time::{Duration, Instant};

use bytes::Bytes;
use vetty_process::Exit;
use vetty_screen::{Mark, Pattern, Screen};

use super::live_screen::Shown;
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
    Text(Pattern),
    Gone(Pattern),
    Cursor { row: Option<i64>, col: Option<u16> },
    Settled(Duration),
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
    /// Of [`Wait::output`], [`Wait::regex`] and [`Wait::text`], what was found.
    pub found: Option<Match>,
    /// How the program ended, if it has.
    pub exit: Option<Exit>,
    /// How long it took.
    pub duration: Duration,
    /// The screen's [`sequence`](crate::SessionScreen::sequence) when it was true; 0 without a screen.
    pub sequence: u64,
}

/// What a wait looks at.
pub(super) struct View<'a> {
    pub(super) watch: &'a mut Watch,
    pub(super) shown: Option<&'a Shown>,
    /// What came before it does not count.
    pub(super) mark: Option<&'a Mark>,
    /// Nor does quiet before this.
    pub(super) since: Option<Instant>,
    pub(super) exit: Option<&'a Exit>,
}

/// A picture that its program holds back is looked at again after this time.
const HALF_A_PICTURE: Duration = Duration::from_millis(150);

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

    /// This text, or a match of this expression, on the screen: in lines, of which rows that only wrapped are one. Of
    /// [`Session::send_until`](crate::Session::send_until) only what comes after the input counts. Lines that have scrolled
    /// away while it was waited for count as well. Blanks that were written at a line's end can be found; an expression is
    /// tried without them first.
    pub fn text(pattern: impl Into<Pattern>) -> Wait {
        Wait::new(Condition::Text(pattern.into()))
    }

    /// This is not, or no longer, on the screen.
    pub fn gone(pattern: impl Into<Pattern>) -> Wait {
        Wait::new(Condition::Gone(pattern.into()))
    }

    /// The cursor stands in this row and in this column, zero-based; `None` is any. Of
    /// [`Session::send_until`](crate::Session::send_until) only once the screen has changed.
    pub fn cursor(row: Option<i64>, col: Option<u16>) -> Wait {
        Wait::new(Condition::Cursor { row, col })
    }

    /// The screen has not changed for so long, nor has something been sent by
    /// [`Session::send_until`](crate::Session::send_until). Without a screen: as [`Wait::idle`].
    pub fn settled(time: Duration) -> Wait {
        Wait::new(Condition::Settled(time))
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

    /// Whether it looks at the screen.
    pub(super) fn is_about_screen(&self) -> bool {
        self.condition.is_about_screen()
    }

    /// Whether it cannot do without a screen.
    pub(super) fn needs_screen(&self) -> bool {
        self.condition.needs_screen()
    }

    /// Whether it is true now.
    pub(super) fn look(&self, view: &mut View<'_>) -> Option<(usize, Option<Match>)> {
        self.condition.look(view)
    }

    /// When to look again though nothing changes.
    pub(super) fn next_look(&self, view: &View<'_>) -> Option<Instant> {
        self.condition.next_look(view)
    }
}

impl View<'_> {
    fn last_change(&self) -> Instant {
        let last = self.shown.map_or(self.watch.last_change(), |shown| shown.last_change);
        self.since.map_or(last, |since| last.max(since))
    }

    fn last_output(&self) -> Instant {
        let last = self.watch.last_change();
        self.since.map_or(last, |since| last.max(since))
    }

    /// Unless what it shows is half a picture.
    fn screen(&self) -> Option<&Screen> {
        self.shown.map(|shown| &shown.screen).filter(|screen| !screen.is_synchronizing())
    }

    fn find(&self, pattern: &Pattern) -> Option<Match> {
        let found = self.screen()?.find_after(pattern, self.mark?)?;
        let groups = found.groups.into_iter().map(|group| group.map(Bytes::from)).collect();
        Some(Match { bytes: found.text.into(), groups, offset: 0, at: Some(found.at) })
    }
}

impl Condition {
    fn any_part(&self, is: fn(&Condition) -> bool) -> bool {
        match self {
            Condition::Any(all) | Condition::All(all) => all.iter().any(|part| part.any_part(is)),
            part => is(part),
        }
    }

    fn is_about_screen(&self) -> bool {
        self.needs_screen() || self.any_part(|part| matches!(part, Condition::Settled(_)))
    }

    fn needs_screen(&self) -> bool {
        self.any_part(|part| {
            matches!(part, Condition::Text(_) | Condition::Gone(_) | Condition::Cursor { .. })
        })
    }

    fn look(&self, view: &mut View<'_>) -> Option<(usize, Option<Match>)> {
        let plain = |is_true: bool| is_true.then_some((0, None));
        match self {
            Condition::Output(needle) => view.watch.find(needle).map(|found| (0, Some(found))),
            Condition::Text(pattern) => view.find(pattern).map(|found| (0, Some(found))),
            Condition::Gone(pattern) => {
                plain(view.screen().is_some_and(|screen| screen.find_shown(pattern).is_none()))
            }
            Condition::Cursor { row, col } => plain(view.screen().is_some_and(|screen| {
                let at = screen.cursor().at;
                view.mark.is_none_or(|mark| screen.has_changed_after(mark))
                    && row.is_none_or(|row| row == at.row)
                    && col.is_none_or(|col| col == at.col)
            })),
            Condition::Settled(time) => plain(view.last_change().elapsed() >= *time),
            Condition::Idle(time) => plain(view.last_output().elapsed() >= *time),
            Condition::Exit => plain(view.exit.is_some()),
            Condition::Any(all) => all
                .iter()
                .enumerate()
                .find_map(|(index, condition)| condition.look(view).map(|(_, found)| (index, found))),
            Condition::All(all) => {
                // A match moves on only if the others are true as well.
                let before = view.watch.mark();
                let mut found = None;
                for condition in all {
                    let Some((_, own)) = condition.look(view) else {
                        view.watch.reset(before);
                        return None;
                    };
                    found = found.or(own);
                }
                Some((0, found))
            }
        }
    }

    fn next_look(&self, view: &View<'_>) -> Option<Instant> {
        match self {
            Condition::Idle(time) => Some(view.last_output() + *time),
            Condition::Settled(time) => Some(view.last_change() + *time),
            Condition::Any(all) | Condition::All(all) => {
                let now = Instant::now();
                all.iter().filter_map(|one| one.next_look(view)).filter(|at| *at > now).min()
            }
            Condition::Text(_) | Condition::Gone(_) | Condition::Cursor { .. } => {
                view.screen().is_none().then(|| Instant::now() + HALF_A_PICTURE)
            }
            Condition::Output(_) | Condition::Exit => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::LiveScreen;
    use super::*;
    use crate::Sessions;

    #[test]
    fn half_a_picture_is_not_looked_at() {
        let wait = Wait::text("half");
        let mut watch = Watch::new(None);
        loop {
            let live = LiveScreen::new(vetty_process::Size::default(), &Sessions::default(), None);
            let mark = live.lock().screen.mark_shown();
            live.feed(b"\x1b[?2026hhalf");
            let shown = live.lock();
            let mut view =
                View { watch: &mut watch, shown: Some(&shown), mark: Some(&mark), since: None, exit: None };
            let came = wait.look(&mut view);
            // It ends by itself, and this machine may be slow.
            if shown.screen.is_synchronizing() {
                assert_eq!(came, None);
                break;
            }
        }
    }
}
