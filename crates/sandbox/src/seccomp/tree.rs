//! Makes a filter of opinions about system calls: a tree over ranges of their numbers, arguments looked at in the leaves.
//!
//! When a filter is installed the kernel runs it once for each number that there is, to learn which calls need no look at
//! all. So what a spawn pays for is how deep each number lies, not how long the program is.

use super::calls::{LAST_KNOWN, Machine};

/// One instruction of classic BPF, laid out as the kernel's `struct sock_filter`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// What to do.
    pub code: u16,
    /// Instructions to skip if a comparison holds.
    pub jt: u8,
    /// Instructions to skip if it does not.
    pub jf: u8,
    /// The operand.
    pub k: u32,
}

/// What becomes of a system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Allow,
    /// It is not made; the caller sees this errno. Zero is a success that did nothing.
    Errno(u16),
    /// The whole process dies of SIGSYS.
    Kill,
}

/// A condition on the lower half of one argument: what the kernel looks at, for all arguments that are spoken of here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) argument: u8,
    pub(crate) mask: u32,
    pub(crate) values: Vec<u32>,
    /// Whether the masked argument must be one of the values, or none of them.
    pub(crate) is_one: bool,
}

impl Test {
    pub(crate) fn is(argument: u8, values: &[u32]) -> Test {
        Test { argument, mask: u32::MAX, values: values.to_vec(), is_one: true }
    }

    pub(crate) fn is_not(argument: u8, values: &[u32]) -> Test {
        Test { is_one: false, ..Test::is(argument, values) }
    }

    /// At least one of the bits is set.
    pub(crate) fn has(argument: u8, bits: u32) -> Test {
        Test { argument, mask: bits, values: vec![0], is_one: false }
    }

    pub(crate) fn masked(self, mask: u32) -> Test {
        Test { mask, ..self }
    }
}

/// Conditions that must all hold, and the answer then.
pub(crate) type Rule = (Vec<Test>, Answer);

/// What a filter thinks of one system call: the first rule that holds, else it is allowed.
pub(crate) type Rules = Vec<Rule>;

/// Numbers from `first` on that are answered alike.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    first: u32,
    /// How many numbers of real calls there are in it.
    weight: u32,
    rules: Rules,
}

/// The program for calls with these numbers; all others up to the last known are allowed, what is beyond does not exist.
pub(crate) fn compile(machine: Machine, opinions: &[(u32, Rules)]) -> Vec<Instruction> {
    let mut code = Code::default();
    let root = code.tree(&ranges(opinions));
    // The tree's root may be an answer that lies elsewhere.
    let root = code.within_reach(root);
    if root + 1 != code.reversed.len() {
        code.push(GO, (code.reversed.len() - 1 - root) as u32, 0, 0);
    }
    let kill = code.answer(Answer::Kill);
    if kill + 1 == code.reversed.len() {
        // It was put in front of the root.
        code.push(GO, 1, 0, 0);
    }
    let root = code.push(LOAD, NUMBER, 0, 0);
    code.branch(EQUAL, machine.audit_number(), root, kill);
    code.push(LOAD, ARCHITECTURE, 0, 0);
    code.reversed.reverse();
    code.reversed
}

fn ranges(opinions: &[(u32, Rules)]) -> Vec<Range> {
    let mut opinions: Vec<_> = opinions.to_vec();
    opinions.sort_by_key(|(number, _)| *number);
    let mut starts: Vec<(u32, Rules)> = vec![(0, Vec::new())];
    for (number, rules) in opinions {
        starts.push((number, rules));
        starts.push((number + 1, Vec::new()));
    }
    starts.push((LAST_KNOWN + 1, vec![(Vec::new(), Answer::Errno(ENOSYS))]));
    // A start that another one follows at the same number is an empty range.
    let mut ranges: Vec<Range> = Vec::new();
    for (i, (first, rules)) in starts.iter().enumerate() {
        let next = starts.get(i + 1).map_or(u32::MAX, |(next, _)| *next);
        if next == *first {
            continue;
        }
        let weight = next.min(LAST_KNOWN + 1) - (*first).min(LAST_KNOWN + 1);
        match ranges.last_mut() {
            Some(last) if last.rules == *rules => last.weight += weight,
            _ => ranges.push(Range { first: *first, weight: weight.max(1), rules: rules.clone() }),
        }
    }
    ranges
}

/// A program under construction, from its end: where a jump may lead is known by then. A place is an index from the end.
#[derive(Default)]
struct Code {
    reversed: Vec<Instruction>,
    answers: Vec<(Answer, usize)>,
}

/// How far a conditional jump reaches, with room for what is put between.
const REACH: usize = 250;

impl Code {
    fn push(&mut self, code: u16, k: u32, jt: u8, jf: u8) -> usize {
        self.reversed.push(Instruction { code, jt, jf, k });
        self.reversed.len() - 1
    }

    fn branch(&mut self, code: u16, k: u32, holds: usize, holds_not: usize) -> usize {
        let here = self.reversed.len();
        // `within_reach` has seen to it.
        let over = |place: usize| (here - 1 - place) as u8;
        self.push(code, k, over(holds), over(holds_not))
    }

    /// The place itself, or one nearby that leads there.
    fn within_reach(&mut self, place: usize) -> usize {
        let over = self.reversed.len() - 1 - place;
        if over <= REACH { place } else { self.push(GO, over as u32, 0, 0) }
    }

    /// Where this answer is given: one place for many, because each instruction costs when the filter is installed.
    fn answer(&mut self, answer: Answer) -> usize {
        let here = self.reversed.len();
        let known = self.answers.iter().rev().find(|(known, place)| *known == answer && here - place < REACH);
        if let Some((_, place)) = known {
            return *place;
        }
        let k = match answer {
            Answer::Allow => 0x7fff_0000,
            Answer::Errno(errno) => 0x0005_0000 | u32::from(errno),
            Answer::Kill => 0x8000_0000,
        };
        let place = self.push(GIVE, k, 0, 0);
        self.answers.push((answer, place));
        place
    }

    /// Split where both sides weigh most alike, so that what is there for many numbers lies high.
    fn tree(&mut self, ranges: &[Range]) -> usize {
        let [_, _, ..] = ranges else {
            let none = Vec::new();
            return self.leaf(ranges.first().map_or(&none, |range| &range.rules));
        };
        let total: u32 = ranges.iter().map(|range| range.weight).sum();
        let mut below = 0;
        let splits = (1..ranges.len()).map(|at| {
            below += ranges[at - 1].weight;
            (at, below.abs_diff(total - below))
        });
        let at = splits.min_by_key(|(_, difference)| *difference).map_or(1, |(at, _)| at);
        let right = self.tree(&ranges[at..]);
        let left = self.tree(&ranges[..at]);
        let right = self.within_reach(right);
        let left = self.within_reach(left);
        self.branch(AT_LEAST, ranges[at].first, right, left)
    }

    fn leaf(&mut self, rules: &Rules) -> usize {
        let mut next = self.answer(Answer::Allow);
        for (tests, answer) in rules.iter().rev() {
            let mut holds = self.answer(*answer);
            for test in tests.iter().rev() {
                holds = self.test(test, holds, next);
            }
            next = holds;
        }
        next
    }

    fn test(&mut self, test: &Test, holds: usize, holds_not: usize) -> usize {
        let holds = self.within_reach(holds);
        let holds_not = self.within_reach(holds_not);
        let (is_value, is_none) = if test.is_one { (holds, holds_not) } else { (holds_not, holds) };
        let mut next = is_none;
        for value in test.values.iter().rev() {
            next = self.branch(EQUAL, *value, is_value, next);
        }
        if test.mask != u32::MAX {
            self.push(ALU_AND, test.mask, 0, 0);
        }
        self.push(LOAD, ARGUMENTS + 8 * u32::from(test.argument), 0, 0)
    }
}

const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
/// Of their lower halves, on little-endian machines.
const ARGUMENTS: u32 = 16;

const ENOSYS: u16 = 38;

/// `BPF_LD | BPF_W | BPF_ABS`
pub(super) const LOAD: u16 = 0x20;
/// `BPF_JMP | BPF_JA`
pub(super) const GO: u16 = 0x05;
/// `BPF_JMP | BPF_JEQ | BPF_K`
pub(super) const EQUAL: u16 = 0x15;
/// `BPF_JMP | BPF_JGE | BPF_K`
pub(super) const AT_LEAST: u16 = 0x35;
/// `BPF_ALU | BPF_AND | BPF_K`
pub(super) const ALU_AND: u16 = 0x54;
/// `BPF_RET | BPF_K`
pub(super) const GIVE: u16 = 0x06;
