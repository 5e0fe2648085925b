//! Kinds of output, the same in every run.

use std::fmt::Write;

/// A generator of numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below.max(1)
    }

    fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.next(high - low + 1)
    }
}

/// Appends output for a screen of so many columns and rows.
type Fill = fn(&mut Numbers, &mut String, usize, usize);

/// Name and text of each kind.
pub fn all(bytes: usize, cols: u16, rows: u16) -> Vec<(&'static str, String)> {
    let kinds: [(&str, Fill); 5] = [
        ("plain ASCII lines", ascii),
        ("dense SGR", dense_sgr),
        ("Unicode mix", unicode),
        ("long lines", long_lines),
        ("TUI motion", tui),
    ];
    kinds
        .into_iter()
        .map(|(name, fill)| {
            let (mut numbers, mut text) =
                (Numbers(0x2545_f491_4f6c_dd1d), String::with_capacity(bytes + 65_536));
            while text.len() < bytes {
                fill(&mut numbers, &mut text, cols.into(), rows.into());
            }
            (name, text)
        })
        .collect()
}

fn words(numbers: &mut Numbers, text: &mut String, length: usize) {
    let end = text.len() + length;
    while text.len() < end {
        for _ in 0..numbers.between(2, 9).min(end - text.len()) {
            text.push(char::from(b'a' + numbers.next(26) as u8));
        }
        if text.len() < end {
            text.push(' ');
        }
    }
}

/// Log lines of 20 to 100 columns.
fn ascii(numbers: &mut Numbers, text: &mut String, _: usize, _: usize) {
    let length = numbers.between(20, 100);
    words(numbers, text, length);
    text.push_str("\r\n");
}

/// Each cell with colours of the palette and attributes of its own; the whole screen again and again.
fn dense_sgr(numbers: &mut Numbers, text: &mut String, cols: usize, rows: usize) {
    text.push_str("\x1b[H");
    for _ in 0..cols * rows {
        let (front, back) = (numbers.next(256), numbers.next(256));
        let cell = char::from(b'!' + numbers.next(90) as u8);
        let _ = write!(text, "\x1b[38;5;{front};48;5;{back};1;3;4m{cell}");
    }
}

/// Words of several scripts, emoji, flags, marks.
fn unicode(numbers: &mut Numbers, text: &mut String, _: usize, _: usize) {
    const PARTS: [&str; 12] = [
        "naïve café",
        "Ελληνικά",
        "Русский текст",
        "漢字仮名交じり文",
        "한국어 문장",
        "👨‍👩‍👧‍👦",
        "🇩🇪🇯🇵",
        "e\u{301}a\u{308}o\u{302}",
        "plain words",
        "→ ✓ ✗ │ ─",
        "👍🏽",
        "größer als",
    ];
    for _ in 0..numbers.between(3, 8) {
        text.push_str(PARTS[numbers.next(PARTS.len())]);
        text.push(' ');
    }
    text.push_str("\r\n");
}

/// Lines of 500 to 4,500 columns.
fn long_lines(numbers: &mut Numbers, text: &mut String, _: usize, _: usize) {
    let length = numbers.between(500, 4500);
    words(numbers, text, length);
    text.push_str("\r\n");
}

/// What programs that take the whole screen do.
fn tui(numbers: &mut Numbers, text: &mut String, cols: usize, rows: usize) {
    text.push_str("\x1b[?1049h");
    for _ in 0..500 {
        let (row, col) = (numbers.between(1, rows), numbers.between(1, cols));
        let _ = write!(text, "\x1b[{row};{col}H");
        match numbers.next(8) {
            0 => text.push_str("\x1b[K"),
            1 => drop(write!(text, "\x1b[{}X", numbers.between(1, 10))),
            2 => drop(write!(text, "\x1b[{}@", numbers.between(1, 5))),
            3 => drop(write!(text, "\x1b[{}P", numbers.between(1, 5))),
            4 => drop(write!(text, "\x1b[2;{}r\x1b[S\x1b[r", rows - 1)),
            _ => {
                let _ = write!(text, "\x1b[{}m", 30 + numbers.next(8));
                let length = numbers.between(3, 20);
                words(numbers, text, length);
                text.push_str("\x1b[m");
            }
        }
    }
}
