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
    let mut program =
        vec![load(ARCHITECTURE), jump(EQUAL, machine.audit_number(), 1, 0), give(Answer::Kill), load(NUMBER)];
    program.extend(tree(&ranges(opinions)));
    program
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

/// Split where both sides weigh most alike, so that what is there for many numbers lies high.
fn tree(ranges: &[Range]) -> Vec<Instruction> {
    let [_, _, ..] = ranges else {
        return ranges.first().map_or_else(|| vec![give(Answer::Allow)], |range| leaf(&range.rules));
    };
    let total: u32 = ranges.iter().map(|range| range.weight).sum();
    let mut below = 0;
    let lopsided = |at: usize, below: u32| (at, below.abs_diff(total - below));
    let splits = (1..ranges.len()).map(|at| {
        below += ranges[at - 1].weight;
        lopsided(at, below)
    });
    let at = splits.min_by_key(|(_, difference)| *difference).map_or(1, |(at, _)| at);
    let (left, right) = (tree(&ranges[..at]), tree(&ranges[at..]));
    let mut code = match u8::try_from(left.len()) {
        Ok(over) => vec![jump(AT_LEAST, ranges[at].first, over, 0)],
        // Conditional jumps reach 255 instructions.
        Err(_) => vec![jump(AT_LEAST, ranges[at].first, 0, 1), go(left.len() as u32)],
    };
    code.extend(left);
    code.extend(right);
    code
}

fn leaf(rules: &Rules) -> Vec<Instruction> {
    let mut code = vec![give(Answer::Allow)];
    for (tests, answer) in rules.iter().rev() {
        if tests.is_empty() {
            code = vec![give(*answer)];
            continue;
        }
        let mut tested = vec![give(*answer)];
        for test in tests.iter().rev() {
            // Whatever fails skips all that is left of this rule.
            tested = tested_by(test, tested);
        }
        tested.extend(code);
        code = tested;
    }
    code
}

/// `then` behind a condition that skips it.
fn tested_by(test: &Test, then: Vec<Instruction>) -> Vec<Instruction> {
    let mut code = vec![load(ARGUMENTS + 8 * u32::from(test.argument))];
    if test.mask != u32::MAX {
        code.push(Instruction { code: ALU_AND, jt: 0, jf: 0, k: test.mask });
    }
    // At most a few values and instructions in a leaf.
    let (count, over) = (test.values.len() as u8, then.len() as u8);
    for (i, value) in (0u8..).zip(&test.values) {
        let others = count - 1 - i;
        let is_last = others == 0;
        code.push(match test.is_one {
            true => jump(EQUAL, *value, others, if is_last { over } else { 0 }),
            false => jump(EQUAL, *value, others + over, 0),
        });
    }
    code.extend(then);
    code
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

fn load(offset: u32) -> Instruction {
    Instruction { code: LOAD, jt: 0, jf: 0, k: offset }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> Instruction {
    Instruction { code, jt, jf, k }
}

fn go(over: u32) -> Instruction {
    Instruction { code: GO, jt: 0, jf: 0, k: over }
}

fn give(answer: Answer) -> Instruction {
    let k = match answer {
        Answer::Allow => 0x7fff_0000,
        Answer::Errno(errno) => 0x0005_0000 | u32::from(errno),
        Answer::Kill => 0x8000_0000,
    };
    Instruction { code: GIVE, jt: 0, jf: 0, k }
}
