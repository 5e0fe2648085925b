//! The screen beside other terminal emulators: bytes a second by kind of output, memory, resizing, hostile output.

mod bounds;
mod heap;
mod output;
mod peers;
mod pictures;

pub use bounds::{HEAP, bounds, print_heap};
pub use pictures::{pictures, recording};

use peers::{Emulator, PEERS};

use crate::measure::{cpu_timed, median, row};

/// Bytes of one kind of output, and how often each emulator gets them.
const BYTES: usize = 16 << 20;
const ROUNDS: usize = 7;

/// As a session reads them.
const CHUNK: usize = 16 << 10;

/// Splits at characters, because one of the peers takes nothing but text.
fn feed(emulator: &mut dyn Emulator, mut text: &str) {
    while !text.is_empty() {
        let (chunk, rest) = text.split_at(text.floor_char_boundary(CHUNK.min(text.len())));
        emulator.feed(chunk);
        text = rest;
    }
}

/// Each kind of output at two sizes, all emulators in turn, the median of several rounds.
pub fn throughput() {
    for (cols, rows) in [(80, 24), (200, 50)] {
        for (name, text) in output::all(BYTES, cols, rows) {
            let mut rates = vec![Vec::new(); PEERS.len()];
            for _ in 0..ROUNDS {
                for ((_, make), rates) in PEERS.iter().zip(&mut rates) {
                    let mut emulator = make(cols, rows);
                    // MB/s: bytes in a microsecond.
                    rates.push(text.len() as f64 / cpu_timed(|| feed(emulator.as_mut(), &text)));
                }
            }
            let rates: Vec<f64> = rates.into_iter().map(median).collect();
            let (ours, others) = rates.split_first().expect("ours is the first");
            let fastest = others.iter().copied().fold(0.0, f64::max);
            let others = PEERS[1..].iter().zip(others).map(|((name, _), rate)| format!("{name} {rate:.0}"));
            let others: Vec<_> = others.collect();
            row(
                &format!("{name} at {cols}x{rows}, MB a CPU second, beside the fastest"),
                format!("{ours:.0}"),
                others.join(", "),
                ours / fastest,
            );
        }
    }
}
