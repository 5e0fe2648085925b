//! Device control strings: settings and capabilities that are asked for, pictures.

use crate::parser::StringSequence;
use crate::reply::Category;
use crate::state::State;

/// Capabilities that are told of one request.
const MAX_CAPABILITIES: usize = 64;

impl State {
    pub(super) fn dcs(&mut self, last: u8, string: &StringSequence<'_>) {
        match (string.params.marker, string.params.intermediates(), last) {
            (0, [], b'q') => self.sixel(string),
            (0, [b'$'], b'q') => self.setting_report(string.data),
            (0, [b'+'], b'q') => self.capability_report(string.data),
            _ => {}
        }
    }

    /// DECRQSS.
    fn setting_report(&mut self, setting: &[u8]) {
        let margins = self.margins;
        let value = match setting {
            b"m" => format!("{}m", super::sgr::numbers(&self.cursor.pen)),
            b"r" => format!("{};{}r", margins.top + 1, margins.bottom + 1),
            b"s" => format!("{};{}s", margins.left + 1, margins.right + 1),
            b"t" => format!("{}t", self.rows()),
            b"\"q" => format!("{}\"q", u8::from(self.cursor.protected)),
            b"\"p" => format!("{};{}\"p", self.conformance.0, self.conformance.1),
            b" q" => format!("{} q", self.cursor_shape.max(1)),
            b"*x" => format!("{}*x", self.attribute_extent),
            b"*|" => format!("{}*|", self.rows()),
            b"$|" => format!("{}$|", if self.cols() > 80 { 132 } else { 80 }),
            b"$}" => "0$}".to_owned(),
            b"$~" => "0$~".to_owned(),
            b">4m" => format!(">4;{}m", self.keyboard.modify_other_keys),
            _ => return self.reply(Category::Device, "\x1bP0$r\x1b\\"),
        };
        self.reply(Category::Device, format!("\x1bP1$r{value}\x1b\\"));
    }

    /// XTGETTCAP: names in hexadecimal digits, separated by semicolons.
    fn capability_report(&mut self, names: &[u8]) {
        for name in names.split(|byte| *byte == b';').take(MAX_CAPABILITIES) {
            let hex = String::from_utf8_lossy(name).into_owned();
            let value = from_hex(name).and_then(|name| capability(&name));
            let answer = match value {
                Some("") => format!("\x1bP1+r{hex}\x1b\\"),
                Some(value) => {
                    let value: String = value.bytes().map(|byte| format!("{byte:02X}")).collect();
                    format!("\x1bP1+r{hex}={value}\x1b\\")
                }
                // What was asked for is not repeated unless it is what it should be.
                None => "\x1bP0+r\x1b\\".to_owned(),
            };
            self.reply(Category::Device, answer);
        }
    }
}

fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks_exact(2).map(pair).collect()
}

/// What terminfo says of the terminal that is emulated here.
fn capability(name: &[u8]) -> Option<&'static str> {
    Some(match name {
        b"TN" | b"name" => "xterm-256color",
        b"Co" | b"colors" => "256",
        b"RGB" => "8/8/8",
        b"Tc" | b"Su" | b"AX" | b"am" | b"km" | b"bce" | b"ccc" => "",
        b"Smulx" => "\x1b[4:%p1%dm",
        b"Setulc" => "\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%dm",
        b"Sync" => "\x1b[?2026%?%p1%{1}%-%tl%eh%;",
        b"Ss" => "\x1b[%p1%d q",
        b"Se" => "\x1b[2 q",
        b"smcup" => "\x1b[?1049h",
        b"rmcup" => "\x1b[?1049l",
        b"setrgbf" => "\x1b[38:2:%p1%d:%p2%d:%p3%dm",
        b"setrgbb" => "\x1b[48:2:%p1%d:%p2%d:%p3%dm",
        b"kbs" => "\x7f",
        b"kcuu1" => "\x1bOA",
        b"kcud1" => "\x1bOB",
        b"kcuf1" => "\x1bOC",
        b"kcub1" => "\x1bOD",
        b"khome" => "\x1bOH",
        b"kend" => "\x1bOF",
        _ => return None,
    })
}
