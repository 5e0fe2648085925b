//! Where a match can begin, told by two bytes: most of what programs write is passed by without a look at the patterns.

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::look::LookSet;
use regex_automata::util::primitives::StateID;

/// Which bytes, and which pairs of bytes, a match can begin with.
#[derive(Debug)]
pub(super) struct FirstBytes {
    singles: [bool; 256],
    /// A bit each.
    pairs: Box<[u64; 1024]>,
    /// By the first byte.
    seeds: Vec<Vec<Seed>>,
}

/// A match that has taken its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seed {
    pub(super) state: StateID,
    /// What must be so before that byte.
    pub(super) looks: LookSet,
    /// Whether its first group began there.
    pub(super) in_group: bool,
}

/// The matches that any byte may begin with.
fn seeds(nfa: &NFA) -> Vec<Vec<Seed>> {
    let mut seeds: Vec<Vec<Seed>> = vec![Vec::new(); 256];
    let begin = Seed { state: nfa.start_anchored(), looks: LookSet::empty(), in_group: false };
    let (mut stack, mut seen) = (vec![begin], std::collections::HashSet::new());
    while let Some(at) = stack.pop() {
        if !seen.insert((at.state, at.looks.bits, at.in_group)) {
            continue;
        }
        match nfa.state(at.state) {
            State::Look { look, next } => {
                stack.push(Seed { state: *next, looks: at.looks.insert(*look), ..at });
            }
            State::Union { alternates } => {
                stack.extend(alternates.iter().rev().map(|state| Seed { state: *state, ..at }));
            }
            State::BinaryUnion { alt1, alt2 } => {
                stack.extend([*alt2, *alt1].map(|state| Seed { state, ..at }));
            }
            State::Capture { next, group_index, slot, .. } => {
                let opens = group_index.as_usize() == 1 && slot.as_usize() % 2 == 0;
                stack.push(Seed { state: *next, in_group: at.in_group || opens, ..at });
            }
            _ => each_step(nfa, at.state, |byte, to| {
                seeds[usize::from(byte)].push(Seed { state: to, ..at });
            }),
        }
    }
    seeds
}

impl FirstBytes {
    pub(super) fn of(nfa: &NFA) -> FirstBytes {
        let mut first = FirstBytes { singles: [false; 256], pairs: Box::new([0; 1024]), seeds: seeds(nfa) };
        let (begin, empty) = reach(nfa, vec![nfa.start_anchored()]);
        let mut next: Vec<Vec<StateID>> = vec![Vec::new(); 256];
        for state in begin {
            each_step(nfa, state, |byte, to| next[usize::from(byte)].push(to));
        }
        for (byte, next) in next.into_iter().enumerate() {
            if next.is_empty() && !empty {
                continue;
            }
            first.singles[byte] = true;
            let (states, whole) = reach(nfa, next);
            let row = &mut first.pairs[4 * byte..4 * byte + 4];
            // One byte may be a whole match.
            if whole || empty {
                row.fill(u64::MAX);
            }
            for state in states {
                each_step(nfa, state, |second, _| row[usize::from(second / 64)] |= 1 << (second % 64));
            }
        }
        first
    }

    /// The matches that begin with this byte.
    pub(super) fn seeds(&self, byte: u8) -> &[Seed] {
        &self.seeds[usize::from(byte)]
    }

    /// Whether a match can begin there.
    pub(super) fn may_begin(&self, data: &[u8], at: usize) -> bool {
        let pair = |second: u8| usize::from(data[at]) << 8 | usize::from(second);
        let may_go_on = |second: &u8| (self.pairs[pair(*second) / 64] >> (pair(*second) % 64)) & 1 == 1;
        self.singles[usize::from(data[at])] && data.get(at + 1).is_none_or(may_go_on)
    }

    /// The first place from `at` on where a match can begin, or the end of `data`.
    pub(super) fn find(&self, data: &[u8], at: usize) -> usize {
        for (offset, pair) in data[at..].windows(2).enumerate() {
            if self.singles[usize::from(pair[0])] {
                let pair = usize::from(pair[0]) << 8 | usize::from(pair[1]);
                if self.pairs[pair / 64] >> (pair % 64) & 1 == 1 {
                    return at + offset;
                }
            }
        }
        // What comes behind the last byte is not known.
        match data.last() {
            Some(last) if !self.singles[usize::from(*last)] => data.len(),
            _ => data.len() - 1,
        }
    }
}

/// The states that take a byte, from these on; what looks around is taken for true. Whether a match is among them.
fn reach(nfa: &NFA, mut stack: Vec<StateID>) -> (Vec<StateID>, bool) {
    let mut seen = vec![false; nfa.states().len()];
    let (mut found, mut matched) = (Vec::new(), false);
    while let Some(id) = stack.pop() {
        if std::mem::replace(&mut seen[id.as_usize()], true) {
            continue;
        }
        match nfa.state(id) {
            State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) => found.push(id),
            State::Look { next, .. } | State::Capture { next, .. } => stack.push(*next),
            State::Union { alternates } => stack.extend(alternates.iter()),
            State::BinaryUnion { alt1, alt2 } => stack.extend([*alt1, *alt2]),
            State::Match { .. } => matched = true,
            State::Fail => {}
        }
    }
    (found, matched)
}

/// The bytes that a state takes, and where they lead.
fn each_step(nfa: &NFA, state: StateID, mut take: impl FnMut(u8, StateID)) {
    match nfa.state(state) {
        State::ByteRange { trans } => (trans.start..=trans.end).for_each(|byte| take(byte, trans.next)),
        State::Sparse(sparse) => sparse
            .transitions
            .iter()
            .for_each(|trans| (trans.start..=trans.end).for_each(|byte| take(byte, trans.next))),
        State::Dense(dense) => (0..=255u8)
            .filter_map(|byte| Some((byte, dense.matches_byte(byte)?)))
            .for_each(|(byte, to)| take(byte, to)),
        _ => {}
    }
}
