//! Splits the bytes of a program into text, controls and sequences, whole runs at a time.
//!
//! A state machine in the manner of the DEC terminals: CAN and SUB end everything, ESC begins anew everywhere, controls
//! act within sequences. Strings are held up to a cap and counted beyond it. Text is UTF-8; what is none becomes U+FFFD.

mod params;
mod scan;
mod utf8;

pub(crate) use params::Params;
pub(crate) use utf8::decode;

/// What the bytes mean.
pub(crate) trait Actions {
    /// Printable ASCII, at least one byte.
    fn print_ascii(&mut self, text: &[u8]);
    /// The characters that the bytes begin with, as far as [`decode`] knows them. Gives their length in bytes.
    fn print_text(&mut self, bytes: &[u8]) -> usize;
    /// A C0 control other than ESC, CAN and SUB.
    fn control(&mut self, byte: u8);
    /// An escape sequence.
    fn escape(&mut self, intermediates: &[u8], last: u8);
    /// A control sequence.
    fn csi(&mut self, params: &Params, last: u8);
    /// A complete string.
    fn string(&mut self, string: &StringSequence<'_>);
}

/// What introduced a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StringKind {
    /// Device control, with the last byte of its introduction.
    Dcs(u8),
    Osc,
    Apc,
    /// SOS and PM, which nobody uses.
    Ignored,
}

/// A string sequence that was ended properly.
pub(crate) struct StringSequence<'a> {
    pub(crate) kind: StringKind,
    /// Of a DCS.
    pub(crate) params: &'a Params,
    pub(crate) data: &'a [u8],
    /// Bytes beyond the cap.
    pub(crate) omitted: u64,
    /// Ended by BEL instead of ST: a reply ends alike.
    pub(crate) bell: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// A control sequence, or with `true` the introduction of a DCS.
    Csi(bool),
    String(StringKind),
    /// ESC was seen in a string: a backslash ends it, all else is a new sequence.
    StringEscape(StringKind),
}

/// Bytes that strings may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    pub(crate) string: usize,
    /// Of those that begin as pictures do.
    pub(crate) image: usize,
}

/// The state between two calls.
#[derive(Debug)]
pub(crate) struct Parser {
    state: State,
    params: Params,
    caps: Caps,
    string: Vec<u8>,
    omitted: u64,
    /// The beginning of a character whose rest has not come yet.
    partial: [u8; 4],
    partial_len: usize,
}

const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const ESC: u8 = 0x1b;

/// Bytes of a string that say whether it is a picture.
const PREFIX: usize = 5;

/// A string's buffer is given back if it grew beyond this.
const KEPT_BUFFER: usize = 4096;

impl Parser {
    pub(crate) fn new(caps: Caps) -> Self {
        Self {
            state: State::Ground,
            params: Params::new(),
            caps,
            string: Vec::new(),
            omitted: 0,
            partial: [0; 4],
            partial_len: 0,
        }
    }

    /// Reads on. A sequence may be split anywhere between two calls.
    pub(crate) fn advance(&mut self, mut bytes: &[u8], actions: &mut impl Actions) {
        while !bytes.is_empty() {
            let read = match self.state {
                State::Ground => self.ground(bytes, actions),
                State::Escape => self.escape(bytes, actions),
                State::Csi(is_dcs) => self.csi(bytes, is_dcs, actions),
                State::String(kind) => self.string(bytes, kind, actions),
                State::StringEscape(kind) => self.string_escape(bytes, kind, actions),
            };
            bytes = &bytes[read..];
        }
    }

    fn ground(&mut self, bytes: &[u8], actions: &mut impl Actions) -> usize {
        let mut at = if self.partial_len > 0 { self.finish_character(bytes, actions) } else { 0 };
        while at < bytes.len() && self.state == State::Ground {
            let rest = &bytes[at..];
            let ascii = scan::ascii(rest);
            if ascii > 0 {
                actions.print_ascii(&rest[..ascii]);
                at += ascii;
                continue;
            }
            match rest[0] {
                ESC => {
                    self.params.clear();
                    self.state = State::Escape;
                    at += 1;
                    if rest.get(1) == Some(&b'[') {
                        self.state = State::Csi(false);
                        at += 1;
                    }
                }
                CAN | SUB | 0x7f => at += 1,
                byte @ 0..0x20 => {
                    actions.control(byte);
                    at += 1;
                }
                _ => at += self.text(rest, actions),
            }
        }
        at
    }

    /// Text that begins with a byte beyond ASCII.
    fn text(&mut self, bytes: &[u8], actions: &mut impl Actions) -> usize {
        let read = actions.print_text(bytes);
        if read > 0 {
            return read;
        }
        if let [0xc2, control @ 0x80..0xa0, ..] = bytes {
            // A C1 control in UTF-8 is ESC and a byte of 0x40 to 0x5f.
            self.params.clear();
            self.state = State::Escape;
            self.escape(&[control - 0x40], actions);
            return 2;
        }
        let begun = &bytes[..bytes.len().min(4)];
        let wrong = std::str::from_utf8(begun).err().map(|error| error.error_len());
        if let Some(None) = wrong {
            // The rest of the character has not come yet.
            self.partial[..begun.len()].copy_from_slice(begun);
            self.partial_len = begun.len();
            return begun.len();
        }
        actions.print_text("\u{fffd}".as_bytes());
        wrong.flatten().unwrap_or(1)
    }

    fn finish_character(&mut self, bytes: &[u8], actions: &mut impl Actions) -> usize {
        let mut whole = [0; 4];
        let begun = std::mem::take(&mut self.partial_len);
        whole[..begun].copy_from_slice(&self.partial[..begun]);
        let mut size = begun;
        for &byte in bytes.iter().take(4 - begun) {
            whole[size] = byte;
            size += 1;
            match std::str::from_utf8(&whole[..size]) {
                Ok(_) => {
                    let read = self.text(&whole[..size], actions);
                    debug_assert_eq!(read, size);
                    return size - begun;
                }
                Err(error) if error.error_len().is_some() => {
                    actions.print_text("\u{fffd}".as_bytes());
                    return size - 1 - begun;
                }
                Err(_) => {}
            }
        }
        self.partial = whole;
        self.partial_len = size;
        size - begun
    }

    fn escape(&mut self, bytes: &[u8], actions: &mut impl Actions) -> usize {
        let byte = bytes[0];
        match byte {
            CAN | SUB => self.state = State::Ground,
            ESC => self.params.clear(),
            0..0x20 => actions.control(byte),
            0x20..0x30 => self.params.intermediate(byte),
            0x7f => {}
            0x80.. => {
                self.state = State::Ground;
                return 0;
            }
            _ if !self.params.intermediates().is_empty() => {
                self.state = State::Ground;
                if !self.params.ignored {
                    actions.escape(self.params.intermediates(), byte);
                }
            }
            b'[' => self.state = State::Csi(false),
            b'P' => self.state = State::Csi(true),
            b']' => self.begin_string(StringKind::Osc),
            b'_' => self.begin_string(StringKind::Apc),
            b'X' | b'^' => self.begin_string(StringKind::Ignored),
            _ => {
                self.state = State::Ground;
                actions.escape(&[], byte);
            }
        }
        1
    }

    fn csi(&mut self, bytes: &[u8], is_dcs: bool, actions: &mut impl Actions) -> usize {
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                b'0'..=b'9' => self.params.digit(byte - b'0'),
                b';' => self.params.separator(false),
                b':' => self.params.separator(true),
                0x40..0x7f => {
                    self.params.finish();
                    if is_dcs {
                        self.begin_string(StringKind::Dcs(byte));
                    } else {
                        self.state = State::Ground;
                        if !self.params.ignored {
                            actions.csi(&self.params, byte);
                        }
                    }
                    return at + 1;
                }
                0x3c..0x40 => self.params.set_marker(byte),
                0x20..0x30 => self.params.intermediate(byte),
                CAN | SUB => {
                    self.state = State::Ground;
                    return at + 1;
                }
                ESC => {
                    self.params.clear();
                    self.state = State::Escape;
                    return at + 1;
                }
                0x80.. => {
                    self.state = State::Ground;
                    return at;
                }
                0x7f => {}
                _ if is_dcs => {}
                _ => actions.control(byte),
            }
        }
        bytes.len()
    }

    fn begin_string(&mut self, kind: StringKind) {
        self.string.clear();
        self.omitted = 0;
        self.state = State::String(kind);
    }

    fn string(&mut self, bytes: &[u8], kind: StringKind, actions: &mut impl Actions) -> usize {
        let end = scan::string(bytes);
        self.hold(&bytes[..end], kind);
        let Some(&byte) = bytes.get(end) else {
            return end;
        };
        match byte {
            ESC => self.state = State::StringEscape(kind),
            CAN | SUB => self.end_string(),
            0x07 if kind == StringKind::Osc => self.finish_string(kind, true, actions),
            // ST as one character in UTF-8.
            0x9c if self.string.last() == Some(&0xc2) => {
                self.string.pop();
                self.finish_string(kind, false, actions);
            }
            _ => self.hold(&[byte], kind),
        }
        end + 1
    }

    fn string_escape(&mut self, bytes: &[u8], kind: StringKind, actions: &mut impl Actions) -> usize {
        if bytes[0] == b'\\' {
            self.finish_string(kind, false, actions);
            return 1;
        }
        self.end_string();
        self.params.clear();
        self.state = State::Escape;
        0
    }

    fn hold(&mut self, data: &[u8], kind: StringKind) {
        if kind == StringKind::Ignored {
            return;
        }
        if self.string.is_empty() && data.len() > PREFIX {
            // What it is must be known before its cap is.
            let (prefix, rest) = data.split_at(PREFIX);
            self.hold(prefix, kind);
            return self.hold(rest, kind);
        }
        let cap = match (kind, &self.string[..]) {
            (StringKind::Dcs(b'q'), _) if self.params.intermediates().is_empty() => self.caps.image,
            (StringKind::Apc, [b'G', ..]) => self.caps.image,
            (StringKind::Osc, [b'1', b'3', b'3', b'7', b';', ..]) => self.caps.image,
            _ => self.caps.string,
        };
        let room = data.len().min(cap.saturating_sub(self.string.len()));
        self.string.extend_from_slice(&data[..room]);
        self.omitted += (data.len() - room) as u64;
    }

    fn finish_string(&mut self, kind: StringKind, bell: bool, actions: &mut impl Actions) {
        if kind != StringKind::Ignored && !self.params.ignored {
            actions.string(&StringSequence {
                kind,
                params: &self.params,
                data: &self.string,
                omitted: self.omitted,
                bell,
            });
        }
        self.end_string();
    }

    fn end_string(&mut self) {
        self.state = State::Ground;
        self.string.clear();
        if self.string.capacity() > KEPT_BUFFER {
            self.string = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests;
