//! Sizes of a picture's parts, in pixels: the same for PNG, SVG and HTML.

use crate::render::shapes::CellBox;

/// The height of the font and the cell at scale 1.
pub(crate) const FONT: f32 = 16.0;
const CELL: (f32, f32) = (10.0, 20.0);
const PADDING: f32 = 10.0;

/// Where things are in a cell, on whole pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Metrics {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) font: f32,
    /// Of the letters, from the top of the cell.
    pub(crate) baseline: u32,
    /// Around the cells.
    pub(crate) padding: u32,
    /// Thickness of lines.
    pub(crate) line: u32,
    pub(crate) underline: u32,
    pub(crate) strike: u32,
}

impl Metrics {
    pub(crate) fn new(scale: f32) -> Self {
        let pixels = |length: f32| (length * scale).round().max(1.0) as u32;
        let height = pixels(CELL.1);
        let line = pixels(1.0);
        let baseline = pixels(15.0).min(height);
        Self {
            width: pixels(CELL.0),
            height,
            font: FONT * scale,
            baseline,
            padding: pixels(PADDING),
            line,
            underline: (baseline + pixels(2.0)).min(height - line),
            strike: baseline.saturating_sub(pixels(5.0)),
        }
    }

    pub(crate) fn cell(&self) -> CellBox {
        CellBox { width: self.width as f32, height: self.height as f32, line: self.line as f32 }
    }
}

impl Metrics {
    /// Width and height of a picture.
    pub(crate) fn size(&self, cols: u16, rows: usize) -> (u64, u64) {
        let around = u64::from(self.padding) * 2;
        (u64::from(cols) * u64::from(self.width) + around, rows as u64 * u64::from(self.height) + around)
    }
}
