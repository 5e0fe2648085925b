//! Runs a filter as the kernel would, for the tests.

use super::calls::Machine;
use super::tree::{ALU_AND, AT_LEAST, Answer, EQUAL, GIVE, GO, Instruction, LOAD};

/// The kernel's `seccomp_data`.
pub(super) struct Call {
    pub(super) architecture: u32,
    pub(super) number: u32,
    pub(super) arguments: [u64; 6],
}

impl Call {
    pub(super) fn new(machine: Machine, number: u32, given: &[u64]) -> Call {
        let mut arguments = [0; 6];
        arguments[..given.len()].copy_from_slice(given);
        Call { architecture: machine.audit_number(), number, arguments }
    }

    fn word(&self, offset: u32) -> u32 {
        assert_eq!(offset % 4, 0, "a load is aligned");
        match offset {
            0 => self.number,
            4 => self.architecture,
            8 | 12 => 0x5555_5555,
            _ => {
                let argument = self.arguments[(offset as usize - 16) / 8];
                if offset.is_multiple_of(8) { argument as u32 } else { (argument >> 32) as u32 }
            }
        }
    }
}

/// What the filter answers, and after how many instructions.
pub(super) fn run(program: &[Instruction], call: &Call) -> (Answer, usize) {
    let (mut at, mut accumulator, mut steps) = (0, 0, 0);
    loop {
        let Instruction { code, jt, jf, k } = program[at];
        at += 1;
        steps += 1;
        let mut jump = |holds| at += usize::from(if holds { jt } else { jf });
        match code {
            LOAD => accumulator = call.word(k),
            ALU_AND => accumulator &= k,
            EQUAL => jump(accumulator == k),
            AT_LEAST => jump(accumulator >= k),
            GO => at += k as usize,
            GIVE => return (answer(k), steps),
            _ => panic!("no instruction of ours: {code:#x}"),
        }
    }
}

fn answer(k: u32) -> Answer {
    match k & 0xffff_0000 {
        0x7fff_0000 => Answer::Allow,
        0x0005_0000 => Answer::Errno(k as u16),
        0x8000_0000 => Answer::Kill,
        _ => panic!("no answer of ours: {k:#x}"),
    }
}
