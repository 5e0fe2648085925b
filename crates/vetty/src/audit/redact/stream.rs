//! Hides what patterns match in a stream, in whatever pieces it comes.
//!
//! All patterns are followed at once, byte by byte, so time is linear and nothing depends on where a piece ends. A byte is
//! hidden if it lies in a match that ends anywhere; it is held back for as long as a match that has begun before it may
//! still come true.

use std::collections::VecDeque;

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::primitives::StateID;

use super::first_bytes::FirstBytes;

/// What stands for what is hidden.
pub(crate) const MARKER: &[u8] = b"[redacted]";

/// Bytes that may be held back for a match that has begun. A longer one is taken for a secret: hidden, and followed on.
const MOST_HELD: usize = 64 * 1024;

/// A match on its way.
#[derive(Debug, Clone, Copy)]
struct Thread {
    state: StateID,
    /// Where it began.
    start: u64,
    /// Where its first group began and ended, if it has been there.
    group: (u64, u64),
}

/// No position.
const NOWHERE: u64 = u64::MAX;

/// The automaton of all patterns, shared by the streams of a terminal.
#[derive(Debug)]
pub(crate) struct Automaton {
    nfa: NFA,
    first: FirstBytes,
}

impl Automaton {
    pub(crate) fn new(nfa: NFA) -> Automaton {
        let first = FirstBytes::of(&nfa);
        Automaton { nfa, first }
    }

    /// Whether no match can even begin in this.
    pub(crate) fn has_nothing_in(&self, data: &[u8]) -> bool {
        data.is_empty() || self.first.find(data, 0) == data.len()
    }
}

/// Where one stream is.
#[derive(Debug)]
pub(crate) struct StreamState {
    /// Bytes so far.
    position: u64,
    before: Option<u8>,
    /// Matches on their way, those that began first in front.
    threads: Vec<Thread>,
    /// Which states have been reached at this position, by the number of a round.
    reached: Vec<u32>,
    round: u32,
    /// Work of one step, kept for its memory.
    closed: Vec<Thread>,
    stack: Vec<Thread>,
    /// What is not decided yet; the position of its first byte.
    held: Vec<u8>,
    held_from: u64,
    /// Of what is held, or was: what is hidden. In order, not touching.
    hidden: VecDeque<(u64, u64)>,
    /// Whether the last byte that was given out is a hidden one.
    in_hidden: bool,
}

impl StreamState {
    pub(crate) fn new(automaton: &Automaton) -> StreamState {
        StreamState {
            position: 0,
            before: None,
            threads: Vec::new(),
            reached: vec![0; automaton.nfa.states().len()],
            round: 0,
            closed: Vec::new(),
            stack: Vec::new(),
            held: Vec::new(),
            held_from: 0,
            hidden: VecDeque::new(),
            in_hidden: false,
        }
    }

    /// Takes a piece; what is decided goes to `out`.
    pub(crate) fn push(&mut self, automaton: &Automaton, data: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while at < data.len() {
            if self.threads.is_empty() {
                // Nothing has begun: straight to where something may.
                let next = automaton.first.find(data, at);
                if next > at {
                    self.give_out(out);
                    self.pass(&data[at..next], out);
                    at = next;
                    continue;
                }
            }
            self.step(automaton, data[at], automaton.first.may_begin(data, at));
            at += 1;
            // Not at each byte of what is held: only the front can be given out.
            if self.threads.is_empty() || self.held.len() >= 2 * MOST_HELD {
                self.give_out(out);
            }
        }
        self.give_out(out);
    }

    /// No more comes.
    pub(crate) fn finish(&mut self, automaton: &Automaton, out: &mut Vec<u8>) {
        self.close(automaton, None);
        self.threads.clear();
        self.give_out(out);
    }

    /// Bytes in which nothing begins, while nothing is on its way.
    fn pass(&mut self, data: &[u8], out: &mut Vec<u8>) {
        let Some(last) = data.last() else { return };
        out.extend_from_slice(data);
        self.in_hidden = false;
        self.before = Some(*last);
        self.position += data.len() as u64;
        self.held_from = self.position;
    }

    fn step(&mut self, automaton: &Automaton, byte: u8, may_begin: bool) {
        self.close(automaton, Some(byte));
        self.threads.clear();
        for thread in &self.closed {
            let next = match automaton.nfa.state(thread.state) {
                State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
                State::Sparse(transitions) => transitions.matches_byte(byte),
                State::Dense(transitions) => transitions.matches_byte(byte),
                _ => None,
            };
            if let Some(state) = next {
                self.threads.push(Thread { state, ..*thread });
            }
        }
        if may_begin {
            // Around this position, for what looks at both sides.
            let around = [self.before.unwrap_or(0), byte];
            let sides = &around[usize::from(self.before.is_none())..];
            let (looks, at) = (automaton.nfa.look_matcher(), usize::from(self.before.is_some()));
            for seed in automaton.first.seeds(byte) {
                if seed.looks.iter().all(|look| looks.matches(look, sides, at)) {
                    let group = (if seed.in_group { self.position } else { NOWHERE }, NOWHERE);
                    self.threads.push(Thread { state: seed.state, start: self.position, group });
                }
            }
        }
        self.held.push(byte);
        self.before = Some(byte);
        self.position += 1;
        // What has been held for too long is taken for a secret.
        if let Some(oldest) = self.threads.first() {
            let start = oldest.start;
            let before = self.hidden.partition_point(|(from, _)| *from <= start);
            let hidden_to = before.checked_sub(1).map_or(start, |last| self.hidden[last].1);
            let from = start.max(hidden_to);
            if self.position - from >= MOST_HELD as u64 {
                self.hide(from, self.position);
            }
        }
    }

    /// Follows all that takes no byte, from where the matches are and from the beginning, with `next` behind it. What has
    /// come true is hidden.
    fn close(&mut self, automaton: &Automaton, next: Option<u8>) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.reached.fill(0);
            self.round = 1;
        }
        self.closed.clear();
        // Around this position, for what looks at both sides.
        let around = [self.before.unwrap_or(0), next.unwrap_or(0)];
        let sides = &around[usize::from(self.before.is_none())..1 + usize::from(next.is_some())];
        let at = usize::from(self.before.is_some());
        // Those that began first come first: where two reach the same state, the longer one is followed.
        for index in 0..self.threads.len() {
            self.stack.push(self.threads[index]);
            while let Some(thread) = self.stack.pop() {
                let reached = &mut self.reached[thread.state.as_usize()];
                if std::mem::replace(reached, self.round) == self.round {
                    continue;
                }
                match automaton.nfa.state(thread.state) {
                    State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) => self.closed.push(thread),
                    State::Look { look, next } => {
                        if automaton.nfa.look_matcher().matches(*look, sides, at) {
                            self.stack.push(Thread { state: *next, ..thread });
                        }
                    }
                    State::Union { alternates } => {
                        self.stack
                            .extend(alternates.iter().rev().map(|state| Thread { state: *state, ..thread }));
                    }
                    State::BinaryUnion { alt1, alt2 } => {
                        self.stack.push(Thread { state: *alt2, ..thread });
                        self.stack.push(Thread { state: *alt1, ..thread });
                    }
                    State::Capture { next, group_index, slot, .. } => {
                        let mut thread = Thread { state: *next, ..thread };
                        if group_index.as_usize() == 1 {
                            match slot.as_usize() % 2 {
                                0 => thread.group.0 = thread.group.0.min(self.position),
                                _ => thread.group.1 = self.position,
                            }
                        }
                        self.stack.push(thread);
                    }
                    State::Match { .. } => match thread.group {
                        (from, to) if from < to && to != NOWHERE => self.hide(from, to),
                        (NOWHERE, _) => self.hide(thread.start, self.position),
                        _ => {}
                    },
                    State::Fail => {}
                }
            }
        }
    }

    fn hide(&mut self, mut from: u64, mut to: u64) {
        if from >= to {
            return;
        }
        // What comes later may begin before, and end before as well.
        while let Some((last_from, last_to)) = self.hidden.back().copied()
            && last_to >= from
        {
            if last_from > to {
                break;
            }
            (from, to) = (from.min(last_from), to.max(last_to));
            self.hidden.pop_back();
        }
        let behind = self.hidden.iter().rposition(|(last, _)| *last < from).map_or(0, |index| index + 1);
        self.hidden.insert(behind, (from, to));
    }

    /// Gives out what is decided: what lies before all that is on its way, and what is hidden whatever comes.
    fn give_out(&mut self, out: &mut Vec<u8>) {
        let undecided = self.threads.first().map_or(self.position, |thread| thread.start);
        let mut at = self.held_from;
        loop {
            while self.hidden.front().is_some_and(|(_, to)| *to <= at) {
                self.hidden.pop_front();
            }
            match self.hidden.front() {
                Some((from, to)) if *from <= at => {
                    if !self.in_hidden {
                        out.extend_from_slice(MARKER);
                        self.in_hidden = true;
                    }
                    at = (*to).min(self.position);
                }
                first => {
                    let end = first.map_or(undecided, |(from, _)| (*from).min(undecided));
                    if end <= at {
                        break;
                    }
                    let shown = |position: u64| (position - self.held_from) as usize;
                    out.extend_from_slice(&self.held[shown(at)..shown(end)]);
                    self.in_hidden = false;
                    at = end;
                }
            }
            if at >= self.position {
                break;
            }
        }
        self.held.drain(..(at - self.held_from) as usize);
        self.held_from = at;
    }
}

#[cfg(test)]
impl StreamState {
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }
}
