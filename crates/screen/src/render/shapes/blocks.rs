//! Block elements, Braille and sextants: parts of the cell.

use super::{CellBox, Paint, Shape, rect};

pub(super) fn shapes(ch: char, cell: &CellBox) -> Vec<Shape> {
    let CellBox { width, height, .. } = *cell;
    let number = u32::from(ch);
    let down = |eighths: u32| (height * eighths as f32 / 8.0).round();
    let right = |eighths: u32| (width * eighths as f32 / 8.0).round();
    match number {
        0x2580 => vec![Shape::rect(0.0, 0.0, width, down(4))],
        0x2581..=0x2588 => vec![Shape::rect(0.0, down(8 - (number - 0x2580)), width, height)],
        0x2589..=0x258f => vec![Shape::rect(0.0, 0.0, right(8 - (number - 0x2588)), height)],
        0x2590 => vec![Shape::rect(right(4), 0.0, width, height)],
        0x2591..=0x2593 => {
            let opacity = 64 * (number - 0x2590) as u8;
            vec![Shape { path: rect(0.0, 0.0, width, height), paint: Paint::Fill(opacity) }]
        }
        0x2594 => vec![Shape::rect(0.0, 0.0, width, down(1))],
        0x2595 => vec![Shape::rect(right(7), 0.0, width, height)],
        0x2596..=0x259f => quadrants(QUADRANTS[(number - 0x2596) as usize], cell),
        0x2800..=0x28ff => braille((number - 0x2800) as u8, cell),
        _ => sextant(number - 0x1fb00, cell),
    }
}

/// Upper left 1, upper right 2, lower left 4, lower right 8; from U+2596 on.
const QUADRANTS: [u8; 10] = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14];

fn quadrants(parts: u8, cell: &CellBox) -> Vec<Shape> {
    let (x, y) = ((cell.width / 2.0).round(), (cell.height / 2.0).round());
    let places = [
        (0.0, 0.0, x, y),
        (x, 0.0, cell.width, y),
        (0.0, y, x, cell.height),
        (x, y, cell.width, cell.height),
    ];
    let parts = places.into_iter().enumerate().filter(|(bit, _)| parts & (1 << bit) != 0);
    parts.map(|(_, (x0, y0, x1, y1))| Shape::rect(x0, y0, x1, y1)).collect()
}

/// Two columns of three; the patterns that are blocks of their own have no place in the row of characters.
fn sextant(index: u32, cell: &CellBox) -> Vec<Shape> {
    let pattern = index + 1 + u32::from(index >= 20) + u32::from(index >= 40);
    let x = [0.0, (cell.width / 2.0).round(), cell.width];
    let y = [0.0, (cell.height / 3.0).round(), (cell.height * 2.0 / 3.0).round(), cell.height];
    let parts = (0..6).filter(|bit| pattern & (1 << bit) != 0);
    parts.map(|bit| Shape::rect(x[bit % 2], y[bit / 2], x[bit % 2 + 1], y[bit / 2 + 1])).collect()
}

/// Column and row of each bit's dot.
const DOTS: [(u8, u8); 8] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];

fn braille(bits: u8, cell: &CellBox) -> Vec<Shape> {
    let radius = (cell.width / 8.0).min(cell.height / 16.0);
    let dots = DOTS.iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0);
    dots.map(|(_, (col, row))| {
        let x = cell.width * (1.0 + 2.0 * f32::from(*col)) / 4.0;
        let y = cell.height * (1.0 + 2.0 * f32::from(*row)) / 8.0;
        Shape::fill(circle(x, y, radius))
    })
    .collect()
}

fn circle(x: f32, y: f32, radius: f32) -> String {
    let pull = radius * 0.552;
    let (left, right, top, bottom) = (x - radius, x + radius, y - radius, y + radius);
    let (x0, x1, y0, y1) = (x - pull, x + pull, y - pull, y + pull);
    format!(
        "M{left} {y}C{left} {y0} {x0} {top} {x} {top}C{x1} {top} {right} {y0} {right} {y}\
         C{right} {y1} {x1} {bottom} {x} {bottom}C{x0} {bottom} {left} {y1} {left} {y}Z"
    )
}
