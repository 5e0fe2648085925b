//! Pictures as SVG.

use std::fmt::Write;

use crate::color::Rgb;
use crate::render::decoration;
use crate::render::escape;
use crate::render::metrics::Metrics;
use crate::render::scene::{Looks, Scene, SceneRow, Span};
use crate::render::shapes::{Paint, shapes};

/// Fonts of terminals, the one that PNG has first.
pub(crate) const FAMILIES: &str =
    "JetBrains Mono,Cascadia Mono,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,Liberation Mono,monospace";

impl Scene {
    /// The picture as SVG: see [`Screen::svg`](crate::Screen::svg).
    pub fn svg(&self) -> String {
        let mut svg = Svg::open(self.cols, self.rows.len(), self.background, self.foreground, &self.title);
        for (at, row) in self.rows.iter().enumerate() {
            let top = svg.metrics.padding + at as u32 * svg.metrics.height;
            if !row.is_empty() {
                let left = svg.metrics.padding;
                svg.push(format_args!("<g transform=\"translate({left} {top})\">"));
                svg.row(row, self.background);
                svg.out.push_str("</g>\n");
            }
        }
        svg.close()
    }
}

impl SceneRow {
    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.cursor.is_none()
    }
}

/// A document that is being written.
pub(crate) struct Svg {
    pub(crate) out: String,
    pub(crate) metrics: Metrics,
}

impl Svg {
    /// The head, and the background.
    pub(crate) fn open(cols: u16, rows: usize, background: Rgb, foreground: Rgb, title: &str) -> Self {
        let metrics = Metrics::new(1.0);
        let (width, height) = metrics.size(cols, rows);
        let mut svg = Self { out: String::new(), metrics };
        svg.push(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"{FAMILIES}\" font-size=\"{}\" fill=\"",
            metrics.font
        ));
        escape::color(&mut svg.out, foreground);
        svg.out.push_str("\">\n");
        if !title.is_empty() {
            svg.out.push_str("<title>");
            escape::text(&mut svg.out, title);
            svg.out.push_str("</title>\n");
        }
        svg.out.push_str("<style>text{white-space:pre}</style>\n");
        svg.push(format_args!("<rect width=\"{width}\" height=\"{height}\" fill=\""));
        escape::color(&mut svg.out, background);
        svg.out.push_str("\"/>\n");
        svg
    }

    /// Rows without a document around them.
    pub(crate) fn fragment() -> Self {
        Self { out: String::new(), metrics: Metrics::new(1.0) }
    }

    pub(crate) fn close(mut self) -> String {
        self.out.push_str("</svg>\n");
        self.out
    }

    pub(crate) fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String never fails.
        let _ = self.out.write_fmt(text);
    }

    fn rect(&mut self, (left, top, width, height): decoration::Rectangle, color: Rgb) {
        self.push(format_args!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\""
        ));
        escape::color(&mut self.out, color);
        self.out.push_str("\"/>");
    }

    /// What a row shows, from the upper left corner of its first cell.
    pub(crate) fn row(&mut self, row: &SceneRow, background: Rgb) {
        for group in row.spans.chunk_by(|a, b| a.looks.background == b.looks.background) {
            let color = group[0].looks.background;
            if color != background {
                let cols: u32 = group.iter().map(|span| u32::from(span.cols)).sum();
                let left = u32::from(group[0].col) * self.metrics.width;
                self.rect((left, 0, cols * self.metrics.width, self.metrics.height), color);
            }
        }
        for group in row.spans.chunk_by(|a, b| a.looks.link == b.looks.link) {
            let link = group[0].looks.link.as_deref().filter(|uri| escape::is_harmless(uri));
            if let Some(uri) = link {
                self.out.push_str("<a href=\"");
                escape::text(&mut self.out, uri);
                self.out.push_str("\" target=\"_blank\" rel=\"noopener noreferrer\">");
            }
            for span in group {
                self.decorations(span);
                self.text(span);
            }
            if link.is_some() {
                self.out.push_str("</a>");
            }
        }
        if let Some(cursor) = row.cursor {
            self.rect(decoration::cursor(&cursor, &self.metrics), cursor.color);
        }
    }

    fn decorations(&mut self, span: &Span) {
        for part in decoration::parts(&span.looks, span.cols, &self.metrics) {
            let x = u32::from(span.col) * self.metrics.width;
            if let [(left, top, width, height)] = part.rectangles[..] {
                self.rect((x + left, top, width, height), part.color);
                continue;
            }
            self.out.push_str("<path fill=\"");
            escape::color(&mut self.out, part.color);
            self.out.push_str("\" d=\"");
            for (left, top, width, height) in part.rectangles {
                self.push(format_args!("M{} {top}h{width}v{height}h-{width}z", x + left));
            }
            self.out.push_str("\"/>");
        }
    }

    fn text(&mut self, span: &Span) {
        if span.is_blank() {
            return;
        }
        let cell = self.metrics.cell();
        let mut chars = span.text.chars();
        if let (Some(ch), None) = (chars.next(), chars.next())
            && let Some(shapes) = shapes(ch, &cell)
        {
            let x = u32::from(span.col) * self.metrics.width;
            for shape in shapes {
                let path = &shape.path;
                self.push(format_args!("<path transform=\"translate({x})\" d=\"{path}\" "));
                match shape.paint {
                    Paint::Fill(opacity) => {
                        self.out.push_str("fill=\"");
                        escape::color(&mut self.out, span.looks.foreground);
                        if opacity < 255 {
                            self.push(format_args!("\" fill-opacity=\"{:.2}", f32::from(opacity) / 255.0));
                        }
                    }
                    Paint::Stroke(width) => {
                        self.push(format_args!("fill=\"none\" stroke-width=\"{width}\" stroke=\""));
                        escape::color(&mut self.out, span.looks.foreground);
                    }
                }
                self.out.push_str("\"/>");
            }
            return;
        }
        // Blanks at the ends would only be in the way of the grid.
        let start = span.text.len() - span.text.trim_start_matches(' ').len();
        let text = span.text.trim_matches(' ');
        let x = (u32::from(span.col) + start as u32) * self.metrics.width;
        let y = self.metrics.baseline;
        self.push(format_args!("<text x=\"{x}\" y=\"{y}\""));
        if span.is_plain() {
            let width = text.len() as u32 * self.metrics.width;
            self.push(format_args!(" textLength=\"{width}\""));
        } else if span.cols > 1 {
            self.push(format_args!(" textLength=\"{}\"", u32::from(span.cols) * self.metrics.width));
            self.out.push_str(" lengthAdjust=\"spacingAndGlyphs\"");
        }
        self.looks(&span.looks);
        self.out.push('>');
        escape::text(&mut self.out, text);
        self.out.push_str("</text>");
    }

    fn looks(&mut self, looks: &Looks) {
        self.out.push_str(" fill=\"");
        escape::color(&mut self.out, looks.foreground);
        self.out.push('"');
        if looks.bold {
            self.out.push_str(" font-weight=\"bold\"");
        }
        if looks.italic {
            self.out.push_str(" font-style=\"italic\"");
        }
    }
}
