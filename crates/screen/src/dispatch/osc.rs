//! Operating system commands: titles, colours, links, clipboard, notifications.

use crate::base64;
use crate::color::Rgb;
use crate::events::{Event, Progress};
use crate::palette::{DYNAMIC, SPECIAL};
use crate::parser::StringSequence;
use crate::reply::Category;
use crate::state::State;
use crate::titles::Titles;

/// A longer link is none.
const MAX_LINK: usize = 4096;

impl State {
    pub(super) fn osc(&mut self, string: &StringSequence<'_>) {
        let text = String::from_utf8_lossy(string.data);
        let (number, rest) = text.split_once(';').unwrap_or((&text, ""));
        // A string that was cut says something else than was meant; a picture's size is known all the same.
        if string.omitted > 0 && number != "1337" {
            self.dropped += 1;
            return;
        }
        match number {
            "0" => self.set_titles(rest, true, true),
            "1" => self.set_titles(rest, false, true),
            "2" => self.set_titles(rest, true, false),
            "4" => self.palette_colors(0, rest, string.bell),
            "5" => self.palette_colors(SPECIAL, rest, string.bell),
            "104" => self.reset_colors(0, rest),
            "105" => self.reset_colors(SPECIAL, rest),
            "7" => self.set_cwd(rest),
            "8" => self.link(rest),
            "9" => self.notify_or_progress(rest),
            "99" => self.kitty_notification(rest),
            "777" => {
                if let Some(rest) = rest.strip_prefix("notify;") {
                    let (title, body) = rest.split_once(';').unwrap_or((rest, ""));
                    self.notify(Some(title), body);
                }
            }
            "52" => self.clipboard(rest),
            "133" => self.shell_mark(rest),
            "633" => self.vscode_mark(rest),
            "1337" => self.iterm(rest, string.omitted),
            _ => self.dynamic_colors(number, rest, string.bell),
        }
    }

    fn set_titles(&mut self, title: &str, window: bool, icon: bool) {
        let title = Titles::cleaned(title);
        if icon {
            self.titles.icon.clone_from(&title);
        }
        if window {
            self.titles.window.clone_from(&title);
            self.changed = true;
            self.events.push(Event::Title(title));
        }
    }

    pub(super) fn set_cwd(&mut self, uri: &str) {
        let uri = Titles::cleaned(uri);
        self.cwd = Some(uri.clone());
        self.events.push(Event::Cwd(uri));
    }

    /// OSC 8: parameters, of which `id` counts, and a URI that may hold semicolons.
    fn link(&mut self, rest: &str) {
        let (params, uri) = rest.split_once(';').unwrap_or((rest, ""));
        self.cursor.pen.link = 0;
        if !uri.is_empty() && rest.len() <= MAX_LINK && !uri.chars().any(char::is_control) {
            let id = params.split(':').find_map(|param| param.strip_prefix("id=")).unwrap_or("");
            self.cursor.pen.link = self.intern_link(&format!("{id}\n{uri}"));
        }
        self.cursor.pen_changed();
    }

    fn notify(&mut self, title: Option<&str>, body: &str) {
        let title = title.filter(|title| !title.is_empty()).map(Titles::cleaned);
        self.events.push(Event::Notification { title, body: Titles::cleaned(body) });
    }

    /// OSC 9 is a notification, but for `4;` which is ConEmu's progress, and other numbers, which are its too.
    fn notify_or_progress(&mut self, rest: &str) {
        let mut parts = rest.split(';');
        let first = parts.next().unwrap_or("");
        if first != "4" {
            let conemu = !first.is_empty() && first.len() < 3 && first.bytes().all(|b| b.is_ascii_digit());
            if !conemu {
                self.notify(None, rest);
            }
            return;
        }
        let state = match parts.next().unwrap_or("0") {
            "0" => Progress::None,
            "1" => Progress::Normal,
            "2" => Progress::Error,
            "3" => Progress::Indeterminate,
            "4" => Progress::Paused,
            _ => return,
        };
        let percent =
            parts.next().and_then(|percent| percent.parse::<u8>().ok()).map(|percent| percent.min(100));
        let percent = percent.filter(|_| !matches!(state, Progress::None | Progress::Indeterminate));
        self.events.push(Event::Progress { state, percent });
    }

    /// OSC 99: what it says, without what could be clicked.
    fn kitty_notification(&mut self, rest: &str) {
        let (meta, payload) = rest.split_once(';').unwrap_or(("", rest));
        let value = |key: &str| meta.split(':').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
        let text = match value("e") {
            Some("1") => base64::decode(payload.as_bytes())
                .map(|data| String::from_utf8_lossy(&data).into_owned())
                .unwrap_or_default(),
            _ => payload.to_owned(),
        };
        match value("p").unwrap_or("title") {
            "title" => self.notify(Some(&text), ""),
            "body" => self.notify(None, &text),
            _ => {}
        }
    }

    /// OSC 52.
    fn clipboard(&mut self, rest: &str) {
        let Some((selection, data)) = rest.split_once(';') else {
            return;
        };
        let selection: String =
            selection.chars().filter(|ch| "cpqs01234567".contains(*ch)).take(12).collect();
        if data == "?" {
            if self.answers(Category::Clipboard) {
                self.events.push(Event::ClipboardRead { selection });
            }
            return;
        }
        // Four digits are three bytes.
        if data.len() / 4 * 3 > self.config.max_clipboard {
            self.dropped += 1;
            return;
        }
        if let Some(data) = base64::decode(data.as_bytes()) {
            self.events.push(Event::Clipboard { selection, data });
        }
    }

    /// OSC 4 and 5: pairs of a number and a colour or `?`.
    fn palette_colors(&mut self, base: u16, rest: &str, bell: bool) {
        let mut parts = rest.split(';');
        while let (Some(number), Some(color)) = (parts.next(), parts.next()) {
            let Ok(number) = number.parse::<u16>() else {
                continue;
            };
            // Special colours are also those of OSC 4 from 256 on.
            if number >= if base == 0 { SPECIAL + 5 } else { 5 } {
                continue;
            }
            let prefix = if base == 0 { format!("4;{number}") } else { format!("5;{number}") };
            self.set_or_report_color(base + number, color, &prefix, bell);
        }
    }

    fn reset_colors(&mut self, base: u16, rest: &str) {
        if rest.is_empty() {
            let range = if base == 0 { 0..256 } else { SPECIAL..SPECIAL + 5 };
            return self.palette.reset_range(range);
        }
        for number in rest.split(';').filter_map(|number| number.parse::<u16>().ok()) {
            self.palette.reset(base.saturating_add(number));
        }
    }

    /// OSC 10 to 19, of which several can stand in one, and 110 to 119.
    fn dynamic_colors(&mut self, number: &str, rest: &str, bell: bool) {
        match number.parse::<u16>() {
            Ok(number @ 10..20) => {
                for (number, color) in (number..20).zip(rest.split(';')) {
                    self.set_or_report_color(DYNAMIC + number, color, &number.to_string(), bell);
                }
            }
            Ok(number @ 110..120) => self.palette.reset(DYNAMIC + number - 100),
            _ => {}
        }
    }

    fn set_or_report_color(&mut self, number: u16, color: &str, prefix: &str, bell: bool) {
        if color == "?" {
            let color = self.palette.get(number, &self.config.theme);
            let end = if bell { "\x07" } else { "\x1b\\" };
            self.reply(Category::Colors, format!("\x1b]{prefix};{color}{end}"));
        } else if let Some(color) = Rgb::parse(color) {
            self.palette.set(number, color);
        }
    }
}
