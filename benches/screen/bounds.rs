//! What a session's screen costs: memory, another size, a snapshot, hostile output.

use std::hint::black_box;
use std::process::Command;

use vetty_screen::{Config, Screen, Size, TextOptions};

use super::heap;
use crate::measure::{cpu_timed, median, row};

const ROUNDS: usize = 9;

fn screen(cols: u16, rows: u16) -> Screen {
    Screen::new(Size::new(cols, rows), Config::default())
}

/// 10,000 lines of 55 characters, each word in a colour of its own if that is wanted.
fn full(colored: bool) -> Screen {
    let mut screen = screen(80, 24);
    for line in 0..10_100 {
        let mut text = String::new();
        for word in 0..8 {
            if colored {
                text.push_str(&format!("\x1b[38;5;{}m", (line + word * 31) % 256));
            }
            text.push_str("wordab ");
        }
        text.truncate(text.len() - 1);
        screen.feed(text.as_bytes());
        screen.feed(b"\x1b[m\r\n");
    }
    screen
}

fn median_of(work: impl Fn() -> f64) -> f64 {
    median((0..ROUNDS).map(|_| work()).collect())
}

/// The argument with which this program measures one kind of screen: memory that was freed before would hide some.
pub const HEAP: &str = "screen-heap";

/// Prints how many KiB one more screen of a kind needs.
pub fn print_heap(kind: &str) {
    let bytes = match kind {
        "empty" => heap::held_by(|| screen(80, 24)),
        "plain" => heap::held_by(|| full(false)),
        _ => heap::held_by(|| full(true)),
    };
    println!("{}", bytes / 1024);
}

/// Prints each beside what it may cost.
pub fn bounds() {
    let memory = |what: &str, kind: &str, most: f64| {
        let program = std::env::current_exe().expect("this program has a path");
        let output = Command::new(program).args([HEAP, kind]).output().expect("this program starts again");
        let needs: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number of KiB");
        row(what, format!("{needs:.0} KiB"), format!("at most {most:.0} KiB"), needs / most);
    };
    memory("heap of an empty screen at 80x24", "empty", 80.0);
    memory("heap with 10,000 lines of 55 characters", "plain", 2048.0);
    memory("the same, each word coloured", "coloured", 3584.0);

    let cost = |what: &str, time: f64, most: f64| {
        row(what, format!("{time:.0} us"), format!("at most {most:.0} us"), time / most);
    };
    for (name, colored) in [("plain", false), ("coloured", true)] {
        for cols in [40, 120] {
            let time = median_of(|| {
                let mut screen = full(colored);
                cpu_timed(|| screen.resize(Size::new(cols, 24)))
            });
            cost(&format!("that session ({name}) from 80 to {cols} columns"), time, 10_000.0);
        }
    }
    let mut wide = screen(200, 50);
    wide.feed(
        "a line of text that goes on and on until the row is full \u{6f22}\u{5b57} ".repeat(200).as_bytes(),
    );
    let time = median_of(|| cpu_timed(|| drop(black_box(wide.text(&TextOptions::default())))));
    cost("the text of a screen of 200x50", time, 150.0);
    let slice = "\x1b[31mx".repeat((16 << 10) / 6);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push(cpu_timed(|| wide.feed(slice.as_bytes())));
    }
    let time = median(times);
    cost("a slice of 16 KiB, for which a snapshot may have to wait", time, 1000.0);
    hostile();
}

/// Twice the output may cost twice the time: the ratio is that of the second half to the first.
fn hostile() {
    let linear = |what: &str, begin: &str, piece: &dyn Fn(usize) -> String, count: usize| {
        let halves = |half: usize| (half * count / 2..(half + 1) * count / 2).map(piece).collect::<String>();
        let (first, second) = (halves(0), halves(1));
        let rounds: Vec<(f64, f64)> = (0..3)
            .map(|_| {
                let mut screen = screen(80, 24);
                screen.feed(begin.as_bytes());
                let one = cpu_timed(|| screen.feed(first.as_bytes()));
                (one, cpu_timed(|| screen.feed(second.as_bytes())))
            })
            .collect();
        let one = median(rounds.iter().map(|round| round.0).collect());
        let two = median(rounds.iter().map(|round| round.1).collect());
        row(
            &format!("{what}: second half beside the first"),
            format!("{two:.0} us"),
            format!("{one:.0} us"),
            two / one,
        );
    };
    linear("40 kB of marks on one cell", "e", &|_| "\u{301}".to_owned(), 20_000);
    linear("20,000 links", "", &|number| format!("\x1b]8;;http://host/{number}\x07x"), 20_000);
    linear(
        "3,000 titles pushed",
        &format!("\x1b]2;{}\x07", "t".repeat(100_000)),
        &|_| "\x1b[22t".to_owned(),
        3000,
    );
    linear("256 MB of a string without end", "\x1b_G", &|_| "A".repeat(1 << 20), 256);
}
