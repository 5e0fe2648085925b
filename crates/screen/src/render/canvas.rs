//! A picture's pixels: red, green and blue, a byte each, row by row.

use crate::color::Rgb;
use crate::render::glyphs::{Glyph, Pixels};

pub(crate) struct Canvas {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

impl Canvas {
    /// Of one colour. The memory of an earlier one is used again: asking the system for it costs a third of a picture.
    pub(crate) fn new(width: u32, height: u32, color: Rgb, mut pixels: Vec<u8>) -> Self {
        let stride = width as usize * 3;
        pixels.resize(stride * height as usize, 0);
        let mut canvas = Self { width, height, pixels };
        canvas.fill(0, 0, width, height, color);
        canvas
    }

    fn place(&self, x: u32, y: u32) -> usize {
        (y as usize * self.width as usize + x as usize) * 3
    }

    /// What of a rectangle lies outside is cut.
    pub(crate) fn fill(&mut self, x: u32, y: u32, width: u32, height: u32, color: Rgb) {
        let (right, bottom) =
            (x.saturating_add(width).min(self.width), y.saturating_add(height).min(self.height));
        if x >= right || y >= bottom {
            return;
        }
        let (start, end) = (self.place(x, y), self.place(right, y));
        for pixel in self.pixels[start..end].chunks_exact_mut(3) {
            pixel.copy_from_slice(&[color.0, color.1, color.2]);
        }
        for row in y + 1..bottom {
            let to = self.place(x, row);
            self.pixels.copy_within(start..end, to);
        }
    }

    /// Paints a character whose cell is at `x`, `y`; what lies outside of the picture is cut.
    pub(crate) fn glyph(&mut self, x: u32, y: u32, glyph: &Glyph, color: Rgb) {
        let (left, top) = (x as i32 + glyph.left, y as i32 + glyph.top);
        let (from_x, from_y) = ((-left).max(0) as u32, (-top).max(0) as u32);
        let room = |start: i32, size: u32, limit: u32| (limit as i32 - start).clamp(0, size as i32) as u32;
        let to_x = room(left, glyph.width, self.width);
        let to_y = room(top, glyph.height, self.height);
        if from_x >= to_x {
            return;
        }
        for row in from_y..to_y {
            let start = self.place((left + from_x as i32) as u32, (top + row as i32) as u32);
            let count = (to_x - from_x) as usize;
            let target = self.pixels[start..start + count * 3].chunks_exact_mut(3);
            let source = (row * glyph.width + from_x) as usize;
            match &glyph.pixels {
                Pixels::Mask(mask) => {
                    for (pixel, &opacity) in target.zip(&mask[source..source + count]) {
                        match opacity {
                            0 => {}
                            255 => pixel.copy_from_slice(&[color.0, color.1, color.2]),
                            _ => blend(pixel, [color.0, color.1, color.2], opacity),
                        }
                    }
                }
                Pixels::Color(colors) => {
                    let colors = colors[source * 4..(source + count) * 4].chunks_exact(4);
                    for (pixel, color) in target.zip(colors) {
                        blend(pixel, [color[0], color[1], color[2]], color[3]);
                    }
                }
            }
        }
    }
}

fn blend(pixel: &mut [u8], color: [u8; 3], opacity: u8) {
    let opacity = u32::from(opacity);
    for (below, above) in pixel.iter_mut().zip(color) {
        let sum = u32::from(above) * opacity + u32::from(*below) * (255 - opacity) + 127;
        *below = (sum / 255) as u8;
    }
}
