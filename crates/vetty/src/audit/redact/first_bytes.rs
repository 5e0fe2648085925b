//! Where a match can begin, told by two bytes: most of what programs write is passed by without a look at the patterns.

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::primitives::StateID;

/// Which bytes, and which pairs of bytes, a match can begin with.
#[derive(Debug)]
pub(super) struct FirstBytes {
    singles: [bool; 256],
    /// A bit each.
    pairs: Box<[u64; 1024]>,
}

impl FirstBytes {
    pub(super) fn of(nfa: &NFA) -> FirstBytes {
        let mut first = FirstBytes { singles: [false; 256], pairs: Box::new([0; 1024]) };
        let (begin, empty) = reach(nfa, vec![nfa.start_anchored()]);
        for byte in 0..=255u8 {
            let next: Vec<StateID> = begin.iter().filter_map(|state| step(nfa, *state, byte)).collect();
            if next.is_empty() && !empty {
                continue;
            }
            first.singles[usize::from(byte)] = true;
            // One byte may be a whole match.
            let (states, whole) = reach(nfa, next);
            for second in 0..=255u8 {
                if whole || empty || states.iter().any(|state| step(nfa, *state, second).is_some()) {
                    let pair = usize::from(byte) << 8 | usize::from(second);
                    first.pairs[pair / 64] |= 1 << (pair % 64);
                }
            }
        }
        first
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

fn step(nfa: &NFA, state: StateID, byte: u8) -> Option<StateID> {
    match nfa.state(state) {
        State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
        State::Sparse(transitions) => transitions.matches_byte(byte),
        State::Dense(transitions) => transitions.matches_byte(byte),
        _ => None,
    }
}
