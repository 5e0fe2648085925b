//! Hiding secrets in what is read, before anybody gets it.

use bytes::Bytes;

use super::{Pull, Streams};
use crate::audit::redact::Redactor;
use crate::output::Chunk;

impl Streams {
    /// To whom it is for, of a side that the pump reads.
    pub(super) fn give(&mut self, index: usize, data: &[u8]) {
        if data.is_empty() {
            return;
        }
        let side = &mut self.sides[index];
        let drains = side.pull == Pull::Drain;
        if let Some(watch) = &mut self.watch {
            watch.see(data);
        }
        if drains {
            side.capture.push(data);
        }
        if self.taps.any() {
            self.taps.push(&Chunk { source: side.source, data: Bytes::copy_from_slice(data) });
        }
        if !drains {
            self.held.push(side.source, data);
            self.wake_reader(index);
            if self.sides[index].pull == Pull::Watched {
                self.forget_oldest();
            }
        }
    }

    /// What was held back because a secret might have begun in it.
    pub(super) fn give_rest(&mut self, index: usize) {
        if let Some(mut redaction) = self.sides[index].redaction.take() {
            self.give(index, &redaction.finish());
        }
    }

    /// Hides secrets in all that is read from now on.
    pub(crate) fn redact_with(&mut self, redactor: &Redactor) {
        self.sides.iter_mut().for_each(|side| side.redaction = Some(redactor.stream()));
    }
}
