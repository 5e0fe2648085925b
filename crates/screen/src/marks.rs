//! Commands of a shell, by its marks. Places are held by the ids of rows, so that they survive scrolling and reflow.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use crate::events::Event;
use crate::state::State;

/// A command that a shell told of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CommandMark {
    /// Counts up from 1.
    pub id: u64,
    /// What was typed, if the shell says it or marks where it was typed.
    pub command: Option<String>,
    /// The shell's directory when it began.
    pub cwd: Option<String>,
    /// None while it runs, or if the shell does not say.
    pub exit_code: Option<i32>,
    /// It has not ended.
    pub running: bool,
    /// When its output began.
    pub started_at: SystemTime,
    /// From there to its end.
    pub duration: Option<Duration>,
}

/// A place that stays with its text: the id of a row, and a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Anchor {
    pub(crate) row: u64,
    pub(crate) col: usize,
}

#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) mark: CommandMark,
    started: Instant,
    pub(crate) output: Anchor,
    pub(crate) end: Option<Anchor>,
}

/// The commands, oldest first, and what is known of the next one.
#[derive(Debug)]
pub(crate) struct Marks {
    commands: VecDeque<Command>,
    max: usize,
    next: u64,
    prompt: Option<Anchor>,
    input: Option<Anchor>,
    announced: Option<String>,
}

/// What a command's text is cut to, in bytes.
const MAX_COMMAND: usize = 8192;

impl Marks {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            commands: VecDeque::new(),
            max: max.max(1),
            next: 1,
            prompt: None,
            input: None,
            announced: None,
        }
    }

    pub(crate) fn commands(&self) -> impl DoubleEndedIterator<Item = &Command> {
        self.commands.iter()
    }

    /// The text of the command that comes.
    pub(crate) fn announce(&mut self, mut command: String) {
        command.truncate(command.floor_char_boundary(MAX_COMMAND));
        self.announced = Some(command);
    }

    /// All places, for a reflow that moves them.
    pub(crate) fn anchors_mut(&mut self) -> impl Iterator<Item = &mut Anchor> {
        let commands = self.commands.iter_mut();
        let placed = commands.flat_map(|command| [Some(&mut command.output), command.end.as_mut()]);
        placed.flatten().chain(self.prompt.as_mut()).chain(self.input.as_mut())
    }
}

impl State {
    fn anchor(&self) -> Anchor {
        let col = self.cursor.col + usize::from(self.cursor.pending_wrap);
        Anchor { row: self.grid.row(self.cursor.row).id, col }
    }

    pub(crate) fn prompt_begins(&mut self) {
        if self.is_alternate {
            return;
        }
        // A prompt without D before it: the shell does not say how its command ended.
        self.command_ended(None);
        self.marks.prompt = Some(self.anchor());
        self.marks.input = None;
        self.marks.announced = None;
    }

    pub(crate) fn input_begins(&mut self) {
        if !self.is_alternate {
            self.marks.input = Some(self.anchor());
        }
    }

    pub(crate) fn output_begins(&mut self, command: Option<String>) {
        if self.is_alternate {
            return;
        }
        self.command_ended(None);
        let here = self.anchor();
        let typed = self.marks.input.take().map(|input| self.text_between(input, here));
        let command = command.or_else(|| self.marks.announced.take()).or(typed);
        let command = command.map(|mut text| {
            text.truncate(text.floor_char_boundary(MAX_COMMAND));
            text.trim().to_owned()
        });
        let mark = CommandMark {
            id: self.marks.next,
            command: command.filter(|text| !text.is_empty()),
            cwd: self.cwd.clone(),
            exit_code: None,
            running: true,
            started_at: SystemTime::now(),
            duration: None,
        };
        self.marks.next += 1;
        self.marks.announced = None;
        if self.marks.commands.len() == self.marks.max {
            self.marks.commands.pop_front();
        }
        self.events.push(Event::Command(mark.clone()));
        self.changed = true;
        self.marks.commands.push_back(Command { mark, started: Instant::now(), output: here, end: None });
    }

    pub(crate) fn command_ended(&mut self, exit_code: Option<i32>) {
        if self.is_alternate {
            return;
        }
        let here = self.anchor();
        let Some(command) = self.marks.commands.back_mut().filter(|command| command.mark.running) else {
            return;
        };
        command.mark.running = false;
        command.mark.exit_code = exit_code;
        command.mark.duration = Some(command.started.elapsed());
        command.end = Some(here);
        let mark = command.mark.clone();
        self.events.push(Event::Command(mark));
        self.changed = true;
    }
}
