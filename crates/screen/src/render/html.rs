//! Pictures as HTML.

use std::fmt::Write;

use crate::render::decoration;
use crate::render::escape;
use crate::render::metrics::Metrics;
use crate::render::scene::{Looks, Scene, SceneRow, Span};
use crate::render::svg::FAMILIES;
use crate::style::Underline;

impl Scene {
    /// The picture as HTML: see [`Screen::html`](crate::Screen::html).
    pub fn html(&self) -> String {
        let metrics = Metrics::new(1.0);
        let mut html = Html { out: String::new(), scene: self };
        html.push(format_args!(
            "<pre style=\"margin:0;padding:{}px;width:{}ch;font:{}px/{}px {FAMILIES};overflow:hidden;position:relative;color:",
            metrics.padding, self.cols, metrics.font, metrics.height
        ));
        escape::color(&mut html.out, self.foreground);
        html.out.push_str(";background:");
        escape::color(&mut html.out, self.background);
        html.out.push_str("\">");
        for (at, row) in self.rows.iter().enumerate() {
            html.row(row);
            html.cursor(row, at as u32, &metrics);
            html.out.push('\n');
        }
        html.out.push_str("</pre>\n");
        html.out
    }
}

struct Html<'a> {
    out: String,
    scene: &'a Scene,
}

impl Html<'_> {
    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String never fails.
        let _ = self.out.write_fmt(text);
    }

    fn row(&mut self, row: &SceneRow) {
        for group in row.spans.chunk_by(|a, b| a.looks == b.looks) {
            let looks = &group[0].looks;
            let link = looks.link.as_deref().filter(|uri| escape::is_harmless(uri));
            let mut style = self.style(looks);
            if let Some(uri) = link {
                self.out.push_str("<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"");
                escape::text(&mut self.out, uri);
                // A link looks as the program had it.
                if !style.contains("color:") {
                    style.push_str(";color:inherit");
                }
                if !style.contains("text-decoration") {
                    style.push_str(";text-decoration:none");
                }
                self.push(format_args!("\" style=\"{}\">", style.trim_start_matches(';')));
            } else if !style.is_empty() {
                self.push(format_args!("<span style=\"{}\">", style.trim_start_matches(';')));
            }
            for span in group {
                self.text(span);
            }
            match (link, style.is_empty()) {
                (Some(_), _) => self.out.push_str("</a>"),
                (None, false) => self.out.push_str("</span>"),
                (None, true) => {}
            }
        }
    }

    fn text(&mut self, span: &Span) {
        if span.is_plain() {
            return escape::text(&mut self.out, &span.text);
        }
        // Another font than that of the grid may draw it, which has other widths.
        self.push(format_args!(
            "<span style=\"display:inline-block;width:{}ch;vertical-align:bottom\">",
            span.cols
        ));
        escape::text(&mut self.out, &span.text);
        self.out.push_str("</span>");
    }

    fn style(&self, looks: &Looks) -> String {
        let mut style = String::new();
        if looks.foreground != self.scene.foreground {
            style.push_str(";color:");
            escape::color(&mut style, looks.foreground);
        }
        if looks.background != self.scene.background {
            style.push_str(";background:");
            escape::color(&mut style, looks.background);
        }
        if looks.bold {
            style.push_str(";font-weight:bold");
        }
        if looks.italic {
            style.push_str(";font-style:italic");
        }
        let below = match looks.underline {
            Underline::None => None,
            Underline::Single => Some("solid"),
            Underline::Double => Some("double"),
            Underline::Curly => Some("wavy"),
            Underline::Dotted => Some("dotted"),
            Underline::Dashed => Some("dashed"),
        };
        let lines =
            [(below.is_some(), " underline"), (looks.overline, " overline"), (looks.strike, " line-through")];
        if lines.iter().any(|(is_there, _)| *is_there) {
            style.push_str(";text-decoration:");
            style.push_str(below.unwrap_or("solid"));
            lines.iter().filter(|(is_there, _)| *is_there).for_each(|(_, name)| style.push_str(name));
            if below.is_some() && looks.underline_color != looks.foreground {
                style.push(' ');
                escape::color(&mut style, looks.underline_color);
            }
        }
        style
    }

    /// A cursor that is a line lies above its cell.
    fn cursor(&mut self, row: &SceneRow, at: u32, metrics: &Metrics) {
        let Some(cursor) = row.cursor else {
            return;
        };
        let (_, top, width, height) = decoration::cursor(&cursor, metrics);
        let width = if cursor.cols as u32 * metrics.width == width {
            format!("{}ch", cursor.cols)
        } else {
            format!("{width}px")
        };
        let y = metrics.padding + at * metrics.height + top;
        self.push(format_args!(
            "<span style=\"position:absolute;left:calc({}px + {}ch);top:{y}px;width:{width};height:{height}px;background:",
            metrics.padding, cursor.col
        ));
        escape::color(&mut self.out, cursor.color);
        self.out.push_str("\"></span>");
    }
}
