//! What shells tell of themselves: OSC 133, 633 and 1337.

use crate::base64;
use crate::events::Event;
use crate::state::State;

impl State {
    /// OSC 133: A prompt, B input, C output, D end with the exit code.
    pub(super) fn shell_mark(&mut self, rest: &str) {
        let mut parts = rest.split(';');
        let kind = parts.next().unwrap_or("");
        match kind {
            "A" | "N" => self.prompt_begins(),
            "B" | "I" => self.input_begins(),
            "C" => {
                let command = parts.find_map(|part| part.strip_prefix("cmdline_url=")).map(percent_decoded);
                self.output_begins(command);
            }
            "D" => {
                let code = parts.next().and_then(|code| code.parse().ok());
                self.command_ended(code);
            }
            _ => {}
        }
    }

    /// OSC 633: the same, and E with the command's text, P with properties.
    pub(super) fn vscode_mark(&mut self, rest: &str) {
        let (kind, argument) = rest.split_once(';').unwrap_or((rest, ""));
        match kind {
            "E" => {
                let text = argument.split(';').next().unwrap_or("");
                self.marks.announce(unescaped(text));
            }
            "P" => {
                if let Some(cwd) = argument.strip_prefix("Cwd=") {
                    self.set_cwd(&unescaped(cwd));
                }
            }
            _ => self.shell_mark(rest),
        }
    }

    /// OSC 1337 of iTerm2.
    pub(super) fn iterm(&mut self, rest: &str, omitted: u64) {
        if let Some(file) = rest.strip_prefix("File=") {
            return self.iterm_file(file, omitted);
        }
        if omitted > 0 {
            self.dropped += 1;
            return;
        }
        if let Some(cwd) = rest.strip_prefix("CurrentDir=") {
            return self.set_cwd(cwd);
        }
        let copied =
            rest.strip_prefix("Copy=:").filter(|text| text.len() / 4 * 3 <= self.config.max_clipboard);
        if let Some(data) = copied.and_then(|text| base64::decode(text.as_bytes())) {
            self.events.push(Event::Clipboard { selection: "c".to_owned(), data });
        }
    }
}

/// `\\` and `\xAB`.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        let (byte, size) = match after {
            [b'\\', ..] if byte == b'\\' => (b'\\', 2),
            [b'x', high, low, ..] if byte == b'\\' => match hex(&[*high, *low]) {
                Some(value) => (value, 4),
                None => (byte, 1),
            },
            _ => (byte, 1),
        };
        bytes.push(byte);
        rest = &rest[size..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let value = match (byte, after) {
            (b'%', [high, low, ..]) => {
                let digits = [*high, *low];
                std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok())
            }
            _ => None,
        };
        bytes.push(value.unwrap_or(byte));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{percent_decoded, unescaped};

    #[test]
    fn escapes_of_commands_are_undone() {
        assert_eq!(unescaped(r"echo \x3b\x0a\\n é"), "echo ;\n\\n é");
        assert_eq!(unescaped(r"\xzz\"), r"\xzz\");
        assert_eq!(percent_decoded("a%20b%C3%A9%"), "a bé%");
    }
}
