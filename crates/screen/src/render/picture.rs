//! Pictures of pixels: a scene is painted, then written as PNG.

use crate::render::canvas::Canvas;
use crate::render::decoration;
use crate::render::fonts::{FontError, Fonts};
use crate::render::glyphs::{Drawn, Glyphs};
use crate::render::metrics::Metrics;
use crate::render::png;
use crate::render::scene::{Scene, SceneRow, Span};

/// Pixels of a picture at most.
const MAX_PIXELS: u64 = 32 << 20;

/// Different missing characters that are told.
const MAX_MISSING: usize = 64;

/// A picture of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picture {
    /// The file.
    pub png: Vec<u8>,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Cells with a character that no font has: a hollow box stands there. Add a font that has it.
    pub missing: usize,
    /// Which characters these are, each once, 64 at most.
    pub missing_chars: Vec<char>,
}

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PictureError {
    /// It would have so many pixels, more than 33,554,432: give fewer rows or a smaller scale.
    TooLarge {
        /// Pixels from left to right.
        width: u64,
        /// Pixels from top to bottom.
        height: u64,
    },
    /// The scale is not within 0.5 to 8.
    Scale(f32),
}

impl std::fmt::Display for PictureError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge { width, height } => write!(
                f,
                "a picture of {width} x {height} pixels is larger than {MAX_PIXELS} pixels: take fewer rows or a smaller scale"
            ),
            Self::Scale(scale) => write!(f, "the scale is {scale}: it has to lie within 0.5 to 8"),
        }
    }
}

impl std::error::Error for PictureError {}

/// Paints pictures. It keeps what characters look like, so that the second picture is faster: keep it for as long as
/// pictures are made. It may be moved to another thread, but not shared.
///
/// ```
/// use vetty_screen::{Config, Screen, Size, render::{RenderOptions, Renderer}};
///
/// let mut screen = Screen::new(Size::new(80, 24), Config::default());
/// screen.feed("\x1b[32m✓\x1b[m 12 passed ─ 漢".as_bytes());
/// let mut renderer = Renderer::new();
/// let picture = renderer.png(&screen.scene(&RenderOptions::default()), 1.0)?;
/// assert_eq!((picture.width, picture.height), (820, 500));
/// assert_eq!(picture.missing_chars, ['漢']);
/// # Ok::<(), vetty_screen::render::PictureError>(())
/// ```
pub struct Renderer {
    glyphs: Glyphs,
    /// Memory of the picture before.
    pixels: Vec<u8>,
    filtered: Vec<u8>,
}

/// Bytes of such memory that are kept.
const MAX_KEPT: usize = 16 << 20;

impl Default for Renderer {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").field("metrics", &self.glyphs.metrics()).finish_non_exhaustive()
    }
}

impl Renderer {
    /// With JetBrains Mono, regular and bold.
    pub fn new() -> Self {
        Self {
            glyphs: Glyphs::new(Fonts::new(), Metrics::new(1.0)),
            pixels: Vec::new(),
            filtered: Vec::new(),
        }
    }

    /// A further font, by the content of its file (`.ttf`, `.otf`, the first of a `.ttc`): it is asked for characters that
    /// those before it lack.
    ///
    /// # Errors
    ///
    /// The bytes are no font, or there are 32 already.
    pub fn add_font(&mut self, data: Vec<u8>) -> Result<(), FontError> {
        self.glyphs.fonts_mut().add(data)
    }

    /// A picture. At scale 1 a cell has 10 x 20 pixels, and 10 more lie around the cells.
    ///
    /// # Errors
    ///
    /// The scale is not within 0.5 to 8, or there would be more than 33,554,432 pixels.
    pub fn png(&mut self, scene: &Scene, scale: f32) -> Result<Picture, PictureError> {
        if !(0.5..=8.0).contains(&scale) {
            return Err(PictureError::Scale(scale));
        }
        self.glyphs.set_metrics(Metrics::new(scale));
        let metrics = self.glyphs.metrics();
        let (width, height) = metrics.size(scene.cols, scene.rows.len());
        if width * height > MAX_PIXELS {
            return Err(PictureError::TooLarge { width, height });
        }
        let canvas =
            Canvas::new(width as u32, height as u32, scene.background, std::mem::take(&mut self.pixels));
        let mut painter = Painter { canvas, metrics, missing: 0, missing_chars: Vec::new() };
        for (at, row) in scene.rows.iter().enumerate() {
            painter.row(at as u32, row, scene, &mut self.glyphs);
        }
        let Painter { canvas, missing, missing_chars, .. } = painter;
        let png = png::encode(&canvas, &mut self.filtered);
        self.pixels = canvas.pixels;
        for memory in [&mut self.pixels, &mut self.filtered] {
            if memory.capacity() > MAX_KEPT {
                *memory = Vec::new();
            }
        }
        Ok(Picture { png, width: width as u32, height: height as u32, missing, missing_chars })
    }
}

struct Painter {
    canvas: Canvas,
    metrics: Metrics,
    missing: usize,
    missing_chars: Vec<char>,
}

impl Painter {
    fn x(&self, col: u16) -> u32 {
        self.metrics.padding + u32::from(col) * self.metrics.width
    }

    fn row(&mut self, row: u32, content: &SceneRow, scene: &Scene, glyphs: &mut Glyphs) {
        let y = self.metrics.padding + row * self.metrics.height;
        // All that lies behind comes first: a character may reach into the cell beside.
        for span in content.spans.iter().filter(|span| span.looks.background != scene.background) {
            let width = u32::from(span.cols) * self.metrics.width;
            self.canvas.fill(self.x(span.col), y, width, self.metrics.height, span.looks.background);
        }
        for span in &content.spans {
            self.decorations(span, y);
            self.text(span, y, glyphs);
        }
        if let Some(cursor) = content.cursor {
            let (left, top, width, height) = decoration::cursor(&cursor, &self.metrics);
            let x = self.metrics.padding + left;
            self.canvas.fill(x, y + top, width, height, cursor.color);
        }
    }

    fn decorations(&mut self, span: &Span, y: u32) {
        let x = self.x(span.col);
        for part in decoration::parts(&span.looks, span.cols, &self.metrics) {
            for (left, top, width, height) in part.rectangles {
                self.canvas.fill(x + left, y + top, width, height, part.color);
            }
        }
    }

    fn text(&mut self, span: &Span, y: u32, glyphs: &mut Glyphs) {
        let looks = &span.looks;
        if span.is_plain() {
            for (at, byte) in span.text.bytes().enumerate().filter(|(_, byte)| *byte != b' ') {
                let drawn = glyphs.ascii(byte, looks.bold, looks.italic);
                self.drawn(span.col + at as u16, y, &drawn, span);
            }
        } else if !span.is_blank() {
            let drawn = glyphs.cell(&span.text, span.cols, looks.bold, looks.italic);
            self.drawn(span.col, y, &drawn, span);
        }
    }

    fn drawn(&mut self, col: u16, y: u32, drawn: &Drawn, span: &Span) {
        for glyph in &drawn.glyphs {
            self.canvas.glyph(self.x(col), y, glyph, span.looks.foreground);
        }
        self.missing += usize::from(!drawn.missing.is_empty());
        for ch in &drawn.missing {
            if self.missing_chars.len() < MAX_MISSING && !self.missing_chars.contains(ch) {
                self.missing_chars.push(*ch);
            }
        }
    }
}
