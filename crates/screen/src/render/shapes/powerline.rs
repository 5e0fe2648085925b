//! The separators of prompts, U+E0B0 to U+E0BF: triangles, half circles, slants, and their outlines.

use super::{CellBox, Shape};

pub(super) fn shapes(ch: char, cell: &CellBox) -> Vec<Shape> {
    let CellBox { width: w, height: h, line } = *cell;
    let middle = h / 2.0;
    let shape = match ch {
        '\u{e0b0}' => Shape::fill(format!("M0 0L{w} {middle}L0 {h}Z")),
        '\u{e0b1}' => Shape::stroke(format!("M0 0L{w} {middle}L0 {h}"), line),
        '\u{e0b2}' => Shape::fill(format!("M{w} 0L0 {middle}L{w} {h}Z")),
        '\u{e0b3}' => Shape::stroke(format!("M{w} 0L0 {middle}L{w} {h}"), line),
        '\u{e0b4}' => Shape::fill(format!("{}Z", half_circle(0.0, w, h))),
        '\u{e0b5}' => Shape::stroke(half_circle(0.0, w, h), line),
        '\u{e0b6}' => Shape::fill(format!("{}Z", half_circle(w, 0.0, h))),
        '\u{e0b7}' => Shape::stroke(half_circle(w, 0.0, h), line),
        '\u{e0b8}' => Shape::fill(format!("M0 0L{w} {h}L0 {h}Z")),
        '\u{e0b9}' | '\u{e0bf}' => Shape::stroke(format!("M0 0L{w} {h}"), line),
        '\u{e0ba}' => Shape::fill(format!("M{w} 0L{w} {h}L0 {h}Z")),
        '\u{e0bb}' | '\u{e0bd}' => Shape::stroke(format!("M0 {h}L{w} 0"), line),
        '\u{e0bc}' => Shape::fill(format!("M0 0L{w} 0L0 {h}Z")),
        _ => Shape::fill(format!("M0 0L{w} 0L{w} {h}Z")),
    };
    vec![shape]
}

/// Half an ellipse from the upper to the lower end of the side `from`, bent towards `to`.
fn half_circle(from: f32, to: f32, height: f32) -> String {
    let (middle, pull) = (height / 2.0, height / 2.0 * 0.552);
    let bend = from + (to - from) * 0.552;
    let (above, below) = (middle - pull, middle + pull);
    format!("M{from} 0C{bend} 0 {to} {above} {to} {middle}C{to} {below} {bend} {height} {from} {height}")
}
