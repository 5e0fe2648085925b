//! Characters as pixels: drawn once for a size, then kept.

use std::collections::HashMap;
use std::sync::Arc;

use swash::scale::image::{Content, Image};
use swash::scale::{Render, ScaleContext, Source, StrikeWith};
use swash::zeno::{Angle, Mask, Origin, Stroke, Transform};

use crate::render::fonts::{Chosen, Fonts};
use crate::render::metrics::Metrics;
use crate::render::shapes::{Paint, Shape, shapes};
use crate::width::width;

/// Pixels of a character, from the upper left corner of its cell.
#[derive(Debug, Clone)]
pub(crate) struct Glyph {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Pixels,
}

/// How a pixel is painted.
#[derive(Debug, Clone)]
pub(crate) enum Pixels {
    /// In the colour of the text, so opaque; a byte each.
    Mask(Vec<u8>),
    /// In colours of its own: red, green, blue, opacity.
    Color(Vec<u8>),
}

/// What one cell shows.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) glyphs: Vec<Glyph>,
    /// Characters that no font has.
    pub(crate) missing: Vec<char>,
}

/// What is the same for the same pixels. Texts of cells are short.
#[derive(Debug, PartialEq, Eq, Hash, Clone)]
struct Key {
    text: String,
    cols: u16,
    bold: bool,
    italic: bool,
}

/// Texts that are kept; output may show any number of different ones.
const MAX_KEPT: usize = 4096;

/// Further code points of one cell that are drawn.
const MAX_MARKS: usize = 16;

/// Slant of italics, in degrees.
const SLANT: f32 = 12.0;

pub(crate) struct Glyphs {
    fonts: Fonts,
    context: ScaleContext,
    metrics: Metrics,
    /// Plain ASCII by character and style, without a look into the table.
    ascii: Vec<Option<Arc<Drawn>>>,
    kept: HashMap<Key, Arc<Drawn>>,
}

impl Glyphs {
    pub(crate) fn new(fonts: Fonts, metrics: Metrics) -> Self {
        Self {
            fonts,
            context: ScaleContext::new(),
            metrics,
            ascii: vec![None; 128 * 4],
            kept: HashMap::new(),
        }
    }

    pub(crate) fn fonts_mut(&mut self) -> &mut Fonts {
        self.forget();
        &mut self.fonts
    }

    fn forget(&mut self) {
        self.ascii.fill(None);
        self.kept.clear();
    }

    pub(crate) fn set_metrics(&mut self, metrics: Metrics) {
        if self.metrics != metrics {
            self.metrics = metrics;
            self.forget();
        }
    }

    pub(crate) fn metrics(&self) -> Metrics {
        self.metrics
    }

    /// An ASCII character of one column.
    pub(crate) fn ascii(&mut self, byte: u8, bold: bool, italic: bool) -> Arc<Drawn> {
        let place = usize::from(byte & 127) * 4 + usize::from(bold) * 2 + usize::from(italic);
        if let Some(drawn) = &self.ascii[place] {
            return Arc::clone(drawn);
        }
        let text = char::from(byte).to_string();
        let drawn = Arc::new(self.draw(&Key { text, cols: 1, bold, italic }));
        self.ascii[place] = Some(Arc::clone(&drawn));
        drawn
    }

    /// The text of a cell.
    pub(crate) fn cell(&mut self, text: &str, cols: u16, bold: bool, italic: bool) -> Arc<Drawn> {
        let key = Key { text: text.to_owned(), cols, bold, italic };
        if let Some(drawn) = self.kept.get(&key) {
            return Arc::clone(drawn);
        }
        let drawn = Arc::new(self.draw(&key));
        if self.kept.len() >= MAX_KEPT {
            self.kept.clear();
        }
        self.kept.insert(key, Arc::clone(&drawn));
        drawn
    }

    fn draw(&mut self, key: &Key) -> Drawn {
        let mut drawn = Drawn { glyphs: Vec::new(), missing: Vec::new() };
        for (at, ch) in key.text.chars().take(MAX_MARKS).enumerate() {
            if ch == ' ' || (at > 0 && is_invisible(ch)) {
                continue;
            }
            if let Some(shapes) = shapes(ch, &self.metrics.cell()) {
                drawn.glyphs.extend(self.shapes(&shapes));
                continue;
            }
            match self.fonts.choose(ch, key.bold) {
                Some(chosen) => drawn.glyphs.extend(self.glyph(chosen, key, at > 0)),
                None => {
                    drawn.missing.push(ch);
                    // A mark upon a letter leaves the letter as it is.
                    if at == 0 {
                        drawn.glyphs.push(self.hollow_box(key.cols));
                    }
                }
            }
            // What is joined to an emoji changes it into another one, which takes a shaper: the first part stands for all.
            if at == 0 && width(ch, false) == 2 {
                break;
            }
        }
        drawn
    }

    fn shapes(&self, shapes: &[Shape]) -> Option<Glyph> {
        let (width, height) = (self.metrics.width, self.metrics.height);
        let mut all = vec![0_u8; (width * height) as usize];
        for shape in shapes {
            let mut mask = Mask::new(shape.path.as_str());
            mask.size(width, height).origin(Origin::TopLeft);
            let opacity = match shape.paint {
                Paint::Fill(opacity) => opacity,
                Paint::Stroke(line) => {
                    mask.style(Stroke::new(line));
                    255
                }
            };
            let (pixels, _) = mask.render();
            for (all, pixel) in all.iter_mut().zip(pixels) {
                *all = (*all).max((u16::from(pixel) * u16::from(opacity) / 255) as u8);
            }
        }
        Some(Glyph { left: 0, top: 0, width, height, pixels: Pixels::Mask(all) })
    }

    /// What stands for a character that no font has.
    fn hollow_box(&self, cols: u16) -> Glyph {
        let Metrics { width: cell, height: high, line, .. } = self.metrics;
        let wide = cell * u32::from(cols.max(1));
        let (left, right, top, bottom) = (line, wide - line.min(wide), high / 5, high - high / 5);
        let mut pixels = vec![0; (wide * high) as usize];
        for y in top..bottom {
            for x in left..right {
                let edge = x < left + line || x + line >= right || y < top + line || y + line >= bottom;
                pixels[(y * wide + x) as usize] = if edge { 255 } else { 0 };
            }
        }
        Glyph { left: 0, top: 0, width: wide, height: high, pixels: Pixels::Mask(pixels) }
    }

    fn glyph(&mut self, chosen: Chosen, key: &Key, is_mark: bool) -> Option<Glyph> {
        let font = self.fonts.get(chosen.font);
        let embedded = Fonts::is_embedded(chosen.font);
        let advance = font.glyph_metrics(&[]).scale(self.metrics.font).advance_width(chosen.glyph);
        let room = (self.metrics.width * u32::from(key.cols.max(1))) as f32;
        // A character of another font may be too wide for its cells.
        let fits = if embedded || advance <= room { 1.0 } else { room / advance };
        let mut scaler = self.context.builder(font).size(self.metrics.font * fits).hint(false).build();
        let sources = [
            Source::ColorOutline(0),
            Source::ColorBitmap(StrikeWith::BestFit),
            Source::Outline,
            Source::Bitmap(StrikeWith::BestFit),
        ];
        let mut render = Render::new(&sources);
        let slant = Transform::skew(Angle::from_degrees(SLANT), Angle::ZERO);
        render.transform(key.italic.then_some(slant));
        if key.bold && !embedded {
            render.embolden(self.metrics.font / 40.0);
        }
        let image = render.render(&mut scaler, chosen.glyph)?;
        let placement = image.placement;
        if placement.width == 0 || placement.height == 0 {
            return None;
        }
        // A mark that is drawn left of its origin belongs to the letter before; the advance of one that is not is its own.
        let shift = if is_mark && placement.left < 0 && placement.left + (placement.width as i32) <= 0 {
            room
        } else {
            ((room - advance * fits) / 2.0).max(0.0)
        };
        let left = (shift.round() as i32).saturating_add(placement.left);
        let top = (self.metrics.baseline as i32).saturating_sub(placement.top);
        Some(self.fitted(image, left, top, room as u32))
    }

    /// Pictures within fonts have sizes of their own.
    fn fitted(&self, image: Image, left: i32, top: i32, room: u32) -> Glyph {
        let (width, height) = (image.placement.width, image.placement.height);
        let pixels = match image.content {
            Content::Mask => return Glyph { left, top, width, height, pixels: Pixels::Mask(image.data) },
            Content::SubpixelMask | Content::Color => image.data,
        };
        let side = room.min(self.metrics.height);
        if width <= room && height <= self.metrics.height {
            return Glyph { left, top, width, height, pixels: Pixels::Color(pixels) };
        }
        let largest = width.max(height);
        let (to_width, to_height) = ((width * side / largest).max(1), (height * side / largest).max(1));
        let pixels = smaller(&pixels, (width, height), (to_width, to_height));
        let left = (room.saturating_sub(to_width) / 2) as i32;
        let top = (self.metrics.height.saturating_sub(to_height) / 2) as i32;
        Glyph { left, top, width: to_width, height: to_height, pixels: Pixels::Color(pixels) }
    }
}

/// The mean of the pixels that each new one covers, weighed by their opacity.
fn smaller(pixels: &[u8], from: (u32, u32), to: (u32, u32)) -> Vec<u8> {
    let mut out = Vec::with_capacity((to.0 * to.1 * 4) as usize);
    let span = |at: u32, from: u32, to: u32| {
        (at * from / to)..((at + 1) * from / to).max(at * from / to + 1).min(from)
    };
    for y in 0..to.1 {
        for x in 0..to.0 {
            let (mut sums, mut opacity, mut count) = ([0_u32; 3], 0_u32, 0_u32);
            for row in span(y, from.1, to.1) {
                for col in span(x, from.0, to.0) {
                    let at = ((row * from.0 + col) * 4) as usize;
                    let Some(&[red, green, blue, alpha]) =
                        pixels.get(at..at + 4).and_then(|p| p.first_chunk())
                    else {
                        continue;
                    };
                    for (sum, part) in sums.iter_mut().zip([red, green, blue]) {
                        *sum += u32::from(part) * u32::from(alpha);
                    }
                    opacity += u32::from(alpha);
                    count += 1;
                }
            }
            out.extend(sums.map(|sum| (sum / opacity.max(1)) as u8));
            out.push((opacity / count.max(1)) as u8);
        }
    }
    out
}

/// Code points that choose or join what is beside them and show nothing by themselves.
fn is_invisible(ch: char) -> bool {
    matches!(ch, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e01ef}')
}
