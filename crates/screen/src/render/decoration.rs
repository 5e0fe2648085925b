//! Lines below, through and above the text, and the cursors that are lines.

use crate::color::Rgb;
use crate::render::metrics::Metrics;
use crate::render::scene::{CursorLine, Looks};
use crate::screen::CursorShape;
use crate::style::Underline;

/// Left, top, width and height, in pixels from the upper left corner of a span.
pub(crate) type Rectangle = (u32, u32, u32, u32);

/// Lines of one colour.
pub(crate) struct Part {
    pub(crate) color: Rgb,
    pub(crate) rectangles: Vec<Rectangle>,
}

/// The lines of a span of so many columns.
pub(crate) fn parts(looks: &Looks, cols: u16, metrics: &Metrics) -> Vec<Part> {
    let width = u32::from(cols) * metrics.width;
    let line = metrics.line;
    let mut parts = Vec::new();
    if looks.underline != Underline::None {
        let rectangles = underline(looks.underline, width, metrics);
        parts.push(Part { color: looks.underline_color, rectangles });
    }
    let mut own = Vec::new();
    if looks.strike {
        own.push((0, metrics.strike, width, line));
    }
    if looks.overline {
        own.push((0, 0, width, line));
    }
    if !own.is_empty() {
        parts.push(Part { color: looks.foreground, rectangles: own });
    }
    parts
}

fn underline(kind: Underline, width: u32, metrics: &Metrics) -> Vec<Rectangle> {
    let (line, top) = (metrics.line, metrics.underline);
    let lowest = metrics.height - line;
    let pieces = |step: u32, length: u32| {
        (0..width.div_ceil(step))
            .map(move |at| (at * step, top, length.min(width - at * step), line))
            .collect()
    };
    match kind {
        Underline::None => Vec::new(),
        Underline::Single => vec![(0, top, width, line)],
        Underline::Double => {
            vec![(0, top.min(lowest), width, line), (0, (top + 2 * line).min(lowest), width, line)]
        }
        Underline::Dotted => pieces(2 * line, line),
        Underline::Dashed => pieces(metrics.width / 2, metrics.width / 4),
        Underline::Curly => wave(width, metrics),
    }
}

/// A wave of one cell's length; its phase begins anew with each cell, so that spans fit together.
fn wave(width: u32, metrics: &Metrics) -> Vec<Rectangle> {
    let line = metrics.line;
    let height = metrics.height.saturating_sub(metrics.underline + line).min(3 * line);
    let top = metrics.height - line - height;
    let y = |x: u32| {
        let phase = (x % metrics.width) as f32 / metrics.width as f32 * std::f32::consts::TAU;
        top + ((1.0 - phase.cos()) / 2.0 * height as f32).round() as u32
    };
    (0..width)
        .map(|x| {
            // No step leaves a hole.
            let (here, next) = (y(x), y(x + 1));
            let (from, to) = (here.min(next), here.max(next));
            (x, from, 1, (to - from).max(line))
        })
        .collect()
}

/// Where a cursor that is a line lies, from the left of the cells and the top of its row.
pub(crate) fn cursor(cursor: &CursorLine, metrics: &Metrics) -> Rectangle {
    let left = u32::from(cursor.col) * metrics.width;
    let thick = metrics.line * 2;
    match cursor.shape {
        CursorShape::Bar => (left, 0, thick, metrics.height),
        _ => (left, metrics.height - thick, u32::from(cursor.cols) * metrics.width, thick),
    }
}
