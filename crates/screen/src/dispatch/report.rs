//! Questions about the terminal: status, cursor, window, settings.

use crate::events::Event;
use crate::parser::Params;
use crate::reply::Category;
use crate::state::State;
use crate::titles::Titles;

/// A VT420 with 132 columns, selective erasure, horizontal scrolling, colours and rectangles.
pub(super) const DEVICE_ATTRIBUTES: &str = "\x1b[?64;1;6;21;22;28c";

/// As xterm says it: a VT420, and a version of which programs expect what is here.
pub(super) const SECONDARY_ATTRIBUTES: &str = "\x1b[>41;390;0c";

impl State {
    /// DSR.
    pub(super) fn status_report(&mut self, what: u16) {
        match what {
            5 => self.reply(Category::Device, "\x1b[0n"),
            6 => {
                let (row, col) = self.reported_position();
                self.reply(Category::Device, format!("\x1b[{row};{col}R"));
            }
            _ => {}
        }
    }

    /// DSR of DEC.
    pub(super) fn private_status_report(&mut self, params: &Params) {
        let answer = match params.get(0) {
            6 => {
                let (row, col) = self.reported_position();
                format!("\x1b[?{row};{col};1R")
            }
            // No printer, no user keys, a North American keyboard, no locator, no macros, no data, no problems.
            15 => "\x1b[?13n".to_owned(),
            25 => "\x1b[?20n".to_owned(),
            26 => "\x1b[?27;1;0;0n".to_owned(),
            53 | 55 => "\x1b[?50n".to_owned(),
            56 => "\x1b[?57;0n".to_owned(),
            62 => "\x1b[0*{".to_owned(),
            63 => format!("\x1bP{}!~0000\x1b\\", params.get(1)),
            75 => "\x1b[?70n".to_owned(),
            85 => "\x1b[?83n".to_owned(),
            996 => {
                let crate::color::Rgb(red, green, blue) = self.config.theme.background;
                let dark = u16::from(red) + u16::from(green) + u16::from(blue) < 384;
                format!("\x1b[?997;{}n", if dark { 1 } else { 2 })
            }
            _ => return,
        };
        self.reply(Category::Device, answer);
    }

    /// DECREQTPARM.
    pub(super) fn terminal_parameters(&mut self, what: u16) {
        if what < 2 {
            self.reply(Category::Device, format!("\x1b[{};1;1;128;128;1;0x", what + 2));
        }
    }

    /// XTWINOPS: the title stack and reports. Nothing here moves or resizes anything.
    pub(super) fn window_operation(&mut self, params: &Params) {
        let (cols, rows) = (u32::from(self.size.cols), u32::from(self.size.rows));
        let (width, height) = self.config.cell_pixels;
        let (width, height) = (u32::from(width), u32::from(height));
        let answer = match params.get(0) {
            11 => "\x1b[1t".to_owned(),
            13 => "\x1b[3;0;0t".to_owned(),
            14 => format!("\x1b[4;{};{}t", rows * height, cols * width),
            15 => format!("\x1b[5;{};{}t", rows * height, cols * width),
            16 => format!("\x1b[6;{height};{width}t"),
            18 => format!("\x1b[8;{rows};{cols}t"),
            19 => format!("\x1b[9;{rows};{cols}t"),
            20 => return self.report_title('L', self.titles.icon.clone()),
            21 => return self.report_title('l', self.titles.window.clone()),
            22 => return self.titles.push(),
            23 => {
                let before = self.titles.window.clone();
                let what = params.get(1);
                self.titles.pop(what != 1, what != 2);
                if self.titles.window != before {
                    self.events.push(Event::Title(self.titles.window.clone()));
                    self.changed = true;
                }
                return;
            }
            _ => return,
        };
        self.reply(Category::Winops, answer);
    }

    fn report_title(&mut self, kind: char, title: String) {
        self.reply(Category::Screen, format!("\x1b]{kind}{}\x1b\\", Titles::cleaned(&title)));
    }

    /// DECRQPSR: the cursor (1) or the tab stops (2).
    pub(super) fn presentation_report(&mut self, what: u16) {
        match what {
            1 => {
                let (row, col) = self.reported_position();
                let origin = u8::from(self.has(crate::modes::Mode::Origin));
                let wrap = 8 * u8::from(self.cursor.pending_wrap);
                let flags = char::from(b'@' + origin + wrap);
                let protected = if self.cursor.protected { 'A' } else { '@' };
                let answer = format!("\x1bP1$u{row};{col};1;@;{protected};{flags};0;2;@;BBBB\x1b\\");
                self.reply(Category::Device, answer);
            }
            2 => {
                let stops: Vec<_> = self.tabs.stops().map(|col| (col + 1).to_string()).collect();
                self.reply(Category::Device, format!("\x1bP2$u{}\x1b\\", stops.join("/")));
            }
            _ => {}
        }
    }
}
