//! Box drawing, U+2500 to U+257F: arms of four weights that meet in the middle, dashes, arcs, diagonals.

use super::{CellBox, Shape};

/// The arms of each character, left, right, up, down: 0 none, 1 light, 2 heavy, 3 double. Four zeros are no such arms.
const ARMS: [&str; 8] = [
    "1100 2200 0011 0022 0000 0000 0000 0000 0000 0000 0000 0000 0101 0201 0102 0202",
    "1001 2001 1002 2002 0110 0210 0120 0220 1010 2010 1020 2020 0111 0211 0121 0112",
    "0122 0221 0212 0222 1011 2011 1021 1012 1022 2021 2012 2022 1101 2101 1201 2201",
    "1102 2102 1202 2202 1110 2110 1210 2210 1120 2120 1220 2220 1111 2111 1211 2211",
    "1121 1112 1122 2121 1221 2112 1212 2221 2212 2122 1222 2222 0000 0000 0000 0000",
    "3300 0033 0301 0103 0303 3001 1003 3003 0310 0130 0330 3010 1030 3030 0311 0133",
    "0333 3011 1033 3033 3301 1103 3303 3310 1130 3330 3311 1133 3333 0000 0000 0000",
    "0000 0000 0000 0000 1000 0010 0100 0001 2000 0020 0200 0002 1200 0012 2100 0021",
];

/// An arm's weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    None,
    Light,
    Heavy,
    Double,
}

struct Arms {
    left: Weight,
    right: Weight,
    up: Weight,
    down: Weight,
}

fn arms(ch: char) -> Arms {
    let index = (u32::from(ch) - 0x2500) as usize;
    let digits = &ARMS[index / 16].as_bytes()[index % 16 * 5..];
    let weight = |at: usize| match digits[at] {
        b'1' => Weight::Light,
        b'2' => Weight::Heavy,
        b'3' => Weight::Double,
        _ => Weight::None,
    };
    Arms { left: weight(0), right: weight(1), up: weight(2), down: weight(3) }
}

pub(super) fn shapes(ch: char, cell: &CellBox) -> Vec<Shape> {
    match ch {
        '┄' | '┅' | '┆' | '┇' => dashes(ch, 3, cell),
        '┈' | '┉' | '┊' | '┋' => dashes(ch, 4, cell),
        '╌' | '╍' | '╎' | '╏' => dashes(ch, 2, cell),
        '╭' | '╮' | '╯' | '╰' => vec![arc(ch, cell)],
        '╱' | '╲' | '╳' => diagonals(ch, cell),
        _ => crossing(&arms(ch), cell),
    }
}

/// Thickness of a heavy line: in the middle of the cell it lies upon a light one to the pixel.
fn heavy(cell: &CellBox) -> f32 {
    cell.line * 2.0 + cell.line % 2.0
}

/// The edges of a line of this thickness through the middle of `length`, on whole pixels.
fn middle(length: f32, thickness: f32, line: f32) -> (f32, f32) {
    let start = ((length - line) / 2.0).round() - (thickness - line) / 2.0;
    (start, start + thickness)
}

fn crossing(arms: &Arms, cell: &CellBox) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let along = Sides { before: arms.left, after: arms.right, length: cell.width, breadth: cell.height };
    let across = Sides { before: arms.up, after: arms.down, length: cell.height, breadth: cell.width };
    for (x0, y0, x1, y1) in along.lines(&across, cell.line, heavy(cell)) {
        shapes.push(Shape::rect(x0, y0, x1, y1));
    }
    for (y0, x0, y1, x1) in across.lines(&along, cell.line, heavy(cell)) {
        shapes.push(Shape::rect(x0, y0, x1, y1));
    }
    shapes
}

/// The two arms of one direction: of the horizontal one `before` is left, of the vertical one up.
struct Sides {
    before: Weight,
    after: Weight,
    length: f32,
    breadth: f32,
}

impl Sides {
    fn thickness(&self, light: f32, heavy: f32) -> f32 {
        let of = |weight: Weight| match weight {
            Weight::None => 0.0,
            Weight::Light | Weight::Double => light,
            Weight::Heavy => heavy,
        };
        of(self.before).max(of(self.after))
    }

    fn is_double(&self) -> bool {
        [self.before, self.after].contains(&Weight::Double)
    }

    /// Rectangles: start and edge, end and edge, in this direction and across.
    fn lines(&self, across: &Self, light: f32, heavy: f32) -> Vec<(f32, f32, f32, f32)> {
        let gap = light * 2.0;
        let mut lines = Vec::new();
        for (weight, is_before) in [(self.before, true), (self.after, false)] {
            let offsets: &[f32] = match weight {
                Weight::None => continue,
                Weight::Light | Weight::Heavy => &[0.0],
                Weight::Double => &[-1.0, 1.0],
            };
            let thickness = if weight == Weight::Heavy { heavy } else { light };
            for side in offsets {
                let (edge, other_edge) = middle(self.breadth, thickness, light);
                let shift = side * gap;
                // Where the arm ends, seen from its own side: before the middle is negative, behind it positive.
                let reach = self.reach(is_before, *side, across) * gap;
                let cover = if across.is_double() { light } else { across.thickness(light, heavy) };
                let center = middle(self.length, cover.max(light), light);
                let (start, end) =
                    if is_before { (0.0, center.1 + reach) } else { (center.0 - reach, self.length) };
                lines.push((start, edge + shift, end, other_edge + shift));
            }
        }
        lines
    }

    /// How far beyond the middle a line goes, in gaps of double lines. `side` says which line of the arm it is: -1 the
    /// first of two, 0 the only one, 1 the second.
    fn reach(&self, is_before: bool, side: f32, across: &Self) -> f32 {
        if !across.is_double() {
            return 0.0;
        }
        let goes_on = (if is_before { self.after } else { self.before }) != Weight::None;
        let (first, second) = (across.before != Weight::None, across.after != Weight::None);
        let near_arm = if side < 0.0 {
            first
        } else if side > 0.0 {
            second
        } else {
            first && second && !goes_on
        };
        match (near_arm, goes_on) {
            (true, _) => -1.0,
            (false, true) => 0.0,
            (false, false) => 1.0,
        }
    }
}

fn dashes(ch: char, count: u8, cell: &CellBox) -> Vec<Shape> {
    let number = u32::from(ch);
    let (is_heavy, is_vertical) = (number % 2 == 1, number % 4 >= 2);
    let thickness = if is_heavy { heavy(cell) } else { cell.line };
    let (length, breadth) = if is_vertical { (cell.height, cell.width) } else { (cell.width, cell.height) };
    let (edge, other_edge) = middle(breadth, thickness, cell.line);
    let step = length / f32::from(count);
    let space = (step / 4.0).max(1.0).round();
    (0..count)
        .map(|at| {
            let start = (f32::from(at) * step).round() + (space / 2.0).floor();
            let end = (f32::from(at + 1) * step).round() - (space / 2.0).ceil();
            match is_vertical {
                true => Shape::rect(edge, start, other_edge, end),
                false => Shape::rect(start, edge, end, other_edge),
            }
        })
        .collect()
}

fn arc(ch: char, cell: &CellBox) -> Shape {
    let (left, right) = middle(cell.width, cell.line, cell.line);
    let (top, bottom) = middle(cell.height, cell.line, cell.line);
    let (x, y) = ((left + right) / 2.0, (top + bottom) / 2.0);
    let radius = x.min(cell.width - x).min(y);
    let (edge, x_sign) = if matches!(ch, '╭' | '╰') { (cell.width, 1.0) } else { (0.0, -1.0) };
    let (end, y_sign) = if matches!(ch, '╭' | '╮') { (cell.height, 1.0) } else { (0.0, -1.0) };
    let (turn_y, turn_x) = (y + radius * y_sign, x + radius * x_sign);
    // As near to a quarter of a circle as a cubic curve comes.
    let (pull_y, pull_x) = (y + radius * y_sign * 0.448, x + radius * x_sign * 0.448);
    Shape::stroke(
        format!("M{x} {end}L{x} {turn_y}C{x} {pull_y} {pull_x} {y} {turn_x} {y}L{edge} {y}"),
        cell.line,
    )
}

fn diagonals(ch: char, cell: &CellBox) -> Vec<Shape> {
    let CellBox { width, height, line } = *cell;
    let rising = (ch != '╲').then(|| Shape::stroke(format!("M0 {height}L{width} 0"), line));
    let falling = (ch != '╱').then(|| Shape::stroke(format!("M0 0L{width} {height}"), line));
    rising.into_iter().chain(falling).collect()
}
