//! What sequences do: by kind, each in its file.

mod apc;
mod csi;
mod dcs;
mod esc;
mod mode;
mod osc;
mod report;
mod sgr;
mod shell;

pub(crate) use sgr::numbers as sgr_numbers;

use crate::events::Event;
use crate::parser::{Actions, Params, StringKind, StringSequence};
use crate::state::State;

impl Actions for State {
    #[inline]
    fn print_ascii(&mut self, text: &[u8]) {
        self.write_ascii(text);
    }

    fn print_text(&mut self, bytes: &[u8]) -> usize {
        self.write_text(bytes)
    }

    #[inline]
    fn control(&mut self, byte: u8) {
        self.last_char = None;
        match byte {
            b'\n' | 0x0b | 0x0c => self.linefeed(),
            b'\r' => self.carriage_return(),
            b'\t' => self.tab(1),
            0x08 => self.left(1),
            0x07 => self.events.push(Event::Bell),
            0x0e => self.cursor.charsets.lock(1),
            0x0f => self.cursor.charsets.lock(0),
            _ => {}
        }
    }

    fn escape(&mut self, intermediates: &[u8], last: u8) {
        self.last_char = None;
        self.esc(intermediates, last);
    }

    #[inline]
    fn csi(&mut self, params: &Params, last: u8) {
        if last == b'm' && params.marker == 0 && params.intermediates().is_empty() {
            // REP repeats what was printed before colours changed, as xterm does.
            self.sgr(params);
            return;
        }
        let repeated = self.last_char.take();
        if last == b'b' && params.marker == 0 && params.intermediates().is_empty() {
            self.last_char = repeated;
            self.repeat(params.or(0, 1));
            return;
        }
        self.csi_sequence(params, last);
    }

    fn string(&mut self, string: &StringSequence<'_>) {
        self.last_char = None;
        match string.kind {
            StringKind::Osc => self.osc(string),
            StringKind::Dcs(last) => self.dcs(last, string),
            StringKind::Apc => self.apc(string),
            StringKind::Ignored => {}
        }
    }
}
