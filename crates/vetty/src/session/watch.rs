//! What a session remembers of its raw output: the newest bytes, how far waits have matched, what the program asked for.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::watch;
use vetty_screen::{Event, Position};

use super::events::{EventListeners, SessionEvent};
use super::image_files::ImageFiles;
use super::live_screen::LiveScreen;
use super::tap::{Listeners, TapChunk};

/// Looks at every byte of a session's output, whoever reads it.
pub(crate) struct Watch {
    /// The newest output, at least [`Watch::KEPT`] of it if there was so much.
    kept: Vec<u8>,
    /// How many bytes came before `kept`.
    before: u64,
    /// Where the last match of a wait ended.
    matched: u64,
    /// Where there is no screen.
    bracketed_paste: PrivateMode,
    screen: Option<Arc<LiveScreen>>,
    /// Where the policy has such.
    image_files: Option<ImageFiles>,
    /// Who hears what the output says beside text.
    pub(crate) events: EventListeners,
    last_change: Instant,
    /// When something was typed.
    last_typed: Instant,
    /// No more will come.
    ended: bool,
    /// Who hears all of it, at their own speed.
    listeners: Listeners,
    /// Told of every change.
    changed: watch::Sender<u64>,
}

/// A match in the output or on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// What matched.
    pub bytes: bytes::Bytes,
    /// What its groups matched, of a regular expression.
    pub groups: Vec<Option<bytes::Bytes>>,
    /// Bytes of output before it; 0 for one on the screen.
    pub offset: u64,
    /// Its first cell, of one on the screen.
    pub at: Option<Position>,
}

/// What is looked for in the output.
#[derive(Debug, Clone)]
pub(crate) enum Needle {
    Bytes(Vec<u8>),
    Regex(regex::bytes::Regex),
}

impl Watch {
    /// What a wait can look back on.
    const KEPT: usize = 1 << 20;

    pub(crate) fn new(screen: Option<Arc<LiveScreen>>) -> Watch {
        Watch {
            kept: Vec::new(),
            before: 0,
            matched: 0,
            bracketed_paste: PrivateMode::new(b"2004"),
            screen,
            image_files: None,
            events: EventListeners::default(),
            last_change: Instant::now(),
            last_typed: Instant::now(),
            ended: false,
            listeners: Listeners::default(),
            changed: watch::Sender::new(0),
        }
    }

    pub(crate) fn see(&mut self, data: &[u8]) {
        match &self.screen {
            Some(screen) => screen.feed(data),
            None => self.bracketed_paste.see(data),
        }
        self.tell_events();
        self.listeners.push(data);
        self.kept.extend_from_slice(data);
        // Not at every chunk: moving the rest costs as much as it is long.
        if self.kept.len() > 2 * Watch::KEPT {
            let oldest = self.kept.len() - Watch::KEPT;
            self.kept.drain(..oldest);
            self.before += oldest as u64;
        }
        self.last_change = Instant::now();
        if self.changed.receiver_count() > 0 {
            self.changed.send_modify(|changes| *changes += 1);
        }
    }

    /// Without one nobody has asked for it.
    pub(crate) fn has_screen(&self) -> bool {
        self.screen.is_some()
    }

    /// Somebody who hears the events; the first one also hears those that nobody has heard.
    pub(crate) fn listen_to_events(&mut self) -> usize {
        let key = self.events.open();
        self.tell_events();
        key
    }

    /// Lets files be read that pictures name.
    pub(crate) fn read_image_files(&mut self, files: ImageFiles) {
        self.image_files = Some(files);
    }

    pub(crate) fn image_files(&self) -> Option<&ImageFiles> {
        self.image_files.as_ref()
    }

    /// Nobody waits any more, nor looks for what has been.
    pub(crate) fn release(&mut self) {
        self.screen = None;
        self.before += self.kept.len() as u64;
        self.kept = Vec::new();
    }

    fn tell_events(&mut self) {
        let Some(screen) = self.screen.as_ref().filter(|_| self.events.any()) else { return };
        for event in screen.take_events() {
            self.events.push(match event {
                Event::Lag(dropped) => SessionEvent::Lag(dropped),
                event => SessionEvent::Screen(event),
            });
        }
    }

    pub(crate) fn typed(&mut self) {
        self.last_typed = Instant::now();
    }

    /// When something was read, or typed.
    pub(crate) fn last_touched(&self) -> Instant {
        self.last_change.max(self.last_typed)
    }

    pub(crate) fn end(&mut self) {
        self.ended = true;
        self.listeners.wake();
    }

    /// Somebody who hears what comes, with `replay` also the newest of what has been, and holds so many bytes at most.
    pub(crate) fn open_listener(&mut self, most: usize, replay: bool) -> usize {
        if !replay {
            return self.listeners.open(most, &[], 0);
        }
        let newest = &self.kept[self.kept.len().saturating_sub(most.min(Watch::KEPT))..];
        let before = self.seen() - newest.len() as u64;
        self.listeners.open(most, newest, before)
    }

    /// What it has not heard yet; the end after the last byte.
    pub(crate) fn poll_listener(&mut self, key: usize, cx: &mut Context<'_>) -> Poll<Option<TapChunk>> {
        match self.listeners.poll(key, cx) {
            Poll::Pending if self.ended => Poll::Ready(None),
            polled => polled,
        }
    }

    pub(crate) fn close_listener(&mut self, key: usize) {
        self.listeners.close(key);
    }

    /// Bytes of output so far.
    fn seen(&self) -> u64 {
        self.before + self.kept.len() as u64
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) fn last_change(&self) -> Instant {
        self.last_change
    }

    pub(crate) fn wants_bracketed_paste(&self) -> bool {
        self.bracketed_paste.set
    }

    /// Everything so far counts as seen: a wait looks at what comes from now on.
    pub(crate) fn forget(&mut self) {
        self.matched = self.seen();
    }

    /// Where the last match ended, for [`Watch::reset`].
    pub(crate) fn mark(&self) -> u64 {
        self.matched
    }

    pub(crate) fn reset(&mut self, mark: u64) {
        self.matched = mark;
    }

    /// The first match since the end of the last one, which it becomes.
    pub(crate) fn find(&mut self, needle: &Needle) -> Option<Match> {
        let start = usize::try_from(self.matched.saturating_sub(self.before)).unwrap_or(usize::MAX);
        let found = self.look(needle, start.min(self.kept.len()))?;
        self.matched = found.offset + found.bytes.len() as u64;
        Some(found)
    }

    fn look(&self, needle: &Needle, start: usize) -> Option<Match> {
        let copy = |range: std::ops::Range<usize>| bytes::Bytes::copy_from_slice(&self.kept[range]);
        let (range, groups) = match needle {
            Needle::Bytes(bytes) => {
                let at = start + memchr::memmem::find(&self.kept[start..], bytes)?;
                (at..at + bytes.len(), Vec::new())
            }
            Needle::Regex(regex) => {
                let captures = regex.captures_at(&self.kept, start)?;
                let groups = captures.iter().skip(1).map(|group| group.map(|group| copy(group.range())));
                (captures.get_match().range(), groups.collect())
            }
        };
        Some(Match { offset: self.before + range.start as u64, bytes: copy(range), groups, at: None })
    }
}

/// Whether a private mode (`CSI ? Pm h`, `CSI ? Pm l`) is set. Sequences may be cut anywhere.
struct PrivateMode {
    number: &'static [u8],
    set: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Text,
    Escape,
    Bracket,
    /// In a parameter: how far it agrees with the number, or that it does not; and whether an earlier one did.
    Parameter {
        agrees: Option<usize>,
        named: bool,
    },
}

impl PrivateMode {
    const fn new(number: &'static [u8]) -> PrivateMode {
        PrivateMode { number, set: false, state: State::Text }
    }

    fn see(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            if self.state == State::Text {
                let Some(escape) = memchr::memchr(0x1b, data) else { return };
                data = &data[escape + 1..];
                self.state = State::Escape;
                continue;
            }
            self.state = self.step(data[0]);
            data = &data[1..];
        }
    }

    fn step(&mut self, byte: u8) -> State {
        let first = State::Parameter { agrees: Some(0), named: false };
        match (self.state, byte) {
            (_, 0x1b) => State::Escape,
            (State::Escape, b'[') => State::Bracket,
            // A full reset.
            (State::Escape, b'c') => {
                self.set = false;
                State::Text
            }
            (State::Bracket, b'?') => first,
            (State::Parameter { agrees, named }, b'0'..=b'9') => {
                let agrees = agrees.filter(|at| self.number.get(*at) == Some(&byte)).map(|at| at + 1);
                State::Parameter { agrees, named }
            }
            (State::Parameter { agrees, named }, b';') => {
                State::Parameter { agrees: Some(0), named: named || agrees == Some(self.number.len()) }
            }
            (State::Parameter { agrees, named }, b'h' | b'l') => {
                if named || agrees == Some(self.number.len()) {
                    self.set = byte == b'h';
                }
                State::Text
            }
            _ => State::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needle(text: &str) -> Needle {
        Needle::Bytes(text.as_bytes().to_vec())
    }

    #[test]
    fn a_match_is_found_across_chunks_and_once() {
        let mut watch = Watch::new(None);
        watch.see(b"one tw");
        assert_eq!(watch.find(&needle("two")), None);
        watch.see(b"o two");
        assert_eq!(watch.find(&needle("two")).expect("there").offset, 4);
        assert_eq!(watch.find(&needle("two")).expect("again").offset, 8);
        assert_eq!(watch.find(&needle("two")), None);
    }

    #[test]
    fn groups_of_a_regular_expression_are_told() {
        let mut watch = Watch::new(None);
        watch.see(b"took 12 ms or 7 s");
        let regex = regex::bytes::Regex::new(r"(\d+) (s)|(\d+) ms").expect("valid");
        let found = watch.find(&Needle::Regex(regex)).expect("there");
        let groups: Vec<Option<&[u8]>> = found.groups.iter().map(|group| group.as_deref()).collect();
        assert_eq!((&found.bytes[..], groups), (&b"12 ms"[..], vec![None, None, Some(&b"12"[..])]));
    }

    #[test]
    fn what_is_kept_is_bounded_and_offsets_go_on() {
        let mut watch = Watch::new(None);
        for _ in 0..40 {
            watch.see(&[b'x'; 100_000]);
        }
        watch.see(b"end");
        assert!(watch.kept.len() <= 2 * Watch::KEPT + 100_000);
        assert_eq!(watch.find(&needle("end")).expect("there").offset, 4_000_000);
    }

    #[test]
    fn a_mode_is_known_however_its_sequence_is_cut() {
        let output = b"\x1b[?1;2004h text \x1b[?25l\x1b[2004l\x1b[?20041l";
        for size in 1..output.len() {
            let mut mode = PrivateMode::new(b"2004");
            output.chunks(size).for_each(|chunk| mode.see(chunk));
            assert!(mode.set, "in pieces of {size}");
            mode.see(b"\x1b[?2004l");
            assert!(!mode.set);
        }
    }
}
