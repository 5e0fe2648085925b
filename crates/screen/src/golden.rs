//! What a screen shows as a text file, to be kept beside a test, and how two of them differ.

use std::fmt::Write;

use crate::color::Color;
use crate::screen::{CursorShape, Screen};
use crate::snapshot::CellView;
use crate::style::Underline;
use crate::text::{Scope, TextOptions};

impl Screen {
    /// The screen as text that a person can read and a test can keep: size, cursor and title, the rows, then what is
    /// bold, coloured and so on, with row and columns.
    ///
    /// ```
    /// use vetty_screen::{Config, Screen, Size};
    ///
    /// let mut screen = Screen::new(Size::new(20, 2), Config::default());
    /// screen.feed(b"\x1b[1;32mok\x1b[m 12 passed");
    /// assert_eq!(
    ///     screen.golden(),
    ///     "20x2, cursor block at 0:12\n\
    ///      --------------------\n\
    ///      ok 12 passed\n\
    ///      \n\
    ///      --------------------\n\
    ///      0:0-2 bold, foreground 2\n"
    /// );
    /// ```
    pub fn golden(&self) -> String {
        let size = self.size();
        let cursor = self.cursor();
        let shape = match cursor.shape {
            _ if !cursor.visible => "hidden",
            CursorShape::Block => "block",
            CursorShape::Underline => "underline",
            CursorShape::Bar => "bar",
        };
        let mut out =
            format!("{}x{}, cursor {shape} at {}:{}", size.cols, size.rows, cursor.at.row, cursor.at.col);
        if self.is_alternate() {
            out.push_str(", alternate screen");
        }
        if !self.title().is_empty() {
            let _ = write!(out, ", title {:?}", self.title());
        }
        let edge = format!("\n{}\n", "-".repeat(size.cols.into()));
        out.push_str(&edge);
        let options =
            TextOptions { scope: Scope::Screen, unwrap: false, trim: false, ..TextOptions::default() };
        let text = self.text(&options);
        let mut rows: Vec<&str> = text.split('\n').map(|row| row.trim_end_matches(' ')).collect();
        rows.resize(size.rows.into(), "");
        out.push_str(&rows.join("\n"));
        out.push_str(&edge);
        for (number, row) in self.cells(0..size.rows).iter().enumerate() {
            let mut col = 0;
            for run in row.chunk_by(|a, b| looks(a) == looks(b)) {
                let looks = looks(&run[0]);
                if !looks.is_empty() {
                    let _ = writeln!(out, "{number}:{col}-{} {looks}", col + run.len());
                }
                col += run.len();
            }
        }
        out
    }
}

/// How a cell differs from plain text.
fn looks(cell: &CellView) -> String {
    let flags = [
        (cell.bold, "bold"),
        (cell.dim, "dim"),
        (cell.italic, "italic"),
        (cell.blink, "blink"),
        (cell.inverse, "inverse"),
        (cell.hidden, "hidden"),
        (cell.strike, "strike"),
        (cell.overline, "overline"),
    ];
    let mut parts: Vec<String> = flags.iter().filter(|flag| flag.0).map(|flag| flag.1.to_owned()).collect();
    if cell.underline != Underline::None {
        parts.push(format!("underline {:?}", cell.underline).to_lowercase());
    }
    let colors = [
        (cell.foreground, "foreground"),
        (cell.background, "background"),
        (cell.underline_color, "underline colour"),
    ];
    for (color, name) in colors {
        match color.index() {
            Some(index) => parts.push(format!("{name} {index}")),
            None if color != Color::DEFAULT => parts.push(format!("{name} {color:?}")),
            None => {}
        }
    }
    parts.extend(cell.link.as_ref().map(|link| format!("link {link:?}")));
    parts.join(", ")
}

/// Two texts that differ; shown as a diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Same(String),
    Expected(String),
    Actual(String),
}

/// Lines around a difference that are shown.
const CONTEXT: usize = 2;

/// Compares what [`Screen::golden`] gave with what is expected, by lines. How lines end and empty lines at the end do not
/// matter.
///
/// # Errors
///
/// They differ; the error shows where, with `-` before what was expected and `+` before what is there.
pub fn compare(expected: &str, actual: &str) -> Result<(), Difference> {
    let lines = |text: &str| -> Vec<String> { text.trim_end().lines().map(str::to_owned).collect() };
    let (expected, actual) = (lines(expected), lines(actual));
    if expected == actual {
        return Ok(());
    }
    Err(Difference { lines: diff(&expected, &actual) })
}

/// The fewest lines that are not the same; by the longest common subsequence of what lies between equal ends.
fn diff(expected: &[String], actual: &[String]) -> Vec<Line> {
    let head = expected.iter().zip(actual).take_while(|(a, b)| a == b).count();
    let (old, new) = (&expected[head..], &actual[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let mut lines: Vec<Line> = expected[..head].iter().cloned().map(Line::Same).collect();
    // Longest common subsequences of what is behind each pair of lines; of long texts all of the middle differs.
    let width = new.len() + 1;
    let mut longest =
        vec![0_u32; if old.len() * new.len() > MAX_PAIRS { 0 } else { (old.len() + 1) * width }];
    if !longest.is_empty() {
        for (i, a) in old.iter().enumerate().rev() {
            for (j, b) in new.iter().enumerate().rev() {
                let at = i * width + j;
                longest[at] = match a == b {
                    true => longest[at + width + 1] + 1,
                    false => longest[at + width].max(longest[at + 1]),
                };
            }
        }
    }
    let common = |i: usize, j: usize| longest.get(i * width + j).copied().unwrap_or(0);
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] && !longest.is_empty() {
            lines.push(Line::Same(old[i].clone()));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common(i + 1, j) >= common(i, j + 1)) {
            lines.push(Line::Expected(old[i].clone()));
            i += 1;
        } else {
            lines.push(Line::Actual(new[j].clone()));
            j += 1;
        }
    }
    lines.extend(expected[expected.len() - tail..].iter().cloned().map(Line::Same));
    lines
}

/// Pairs of lines that are looked at.
const MAX_PAIRS: usize = 4 << 20;

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the screen is not as expected (- expected, + is):")?;
        let differs = |line: &Line| !matches!(line, Line::Same(_));
        let mut skipped = false;
        for (at, line) in self.lines.iter().enumerate() {
            let near = at.saturating_sub(CONTEXT)..(at + CONTEXT + 1).min(self.lines.len());
            if !self.lines[near].iter().any(differs) {
                if !skipped {
                    f.write_str("\n  ...")?;
                }
                skipped = true;
                continue;
            }
            skipped = false;
            match line {
                Line::Same(text) => write!(f, "\n  {text}")?,
                Line::Expected(text) => write!(f, "\n- {text}")?,
                Line::Actual(text) => write!(f, "\n+ {text}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Difference {}
