//! What the terminal answers, by category, in the order of the questions, through one bounded buffer.

use crate::state::State;

/// Bytes of answers that may wait; a program that asks and never reads gets no more.
const MAX_WAITING: usize = 64 << 10;

/// A category of `config.replies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    Device,
    Colors,
    Winops,
    Screen,
    Clipboard,
}

/// Answers that wait to be written to the program.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    waiting: Vec<u8>,
}

impl Replies {
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl State {
    /// Whether questions of this kind are answered.
    pub(crate) fn answers(&self, category: Category) -> bool {
        let replies = &self.config.replies;
        match category {
            Category::Device => replies.device,
            Category::Colors => replies.colors,
            Category::Winops => replies.winops,
            Category::Screen => replies.screen,
            Category::Clipboard => replies.clipboard,
        }
    }

    /// Answers whole or not at all.
    pub(crate) fn reply(&mut self, category: Category, answer: impl AsRef<[u8]>) {
        if !self.answers(category) {
            return;
        }
        let answer = answer.as_ref();
        if self.replies.waiting.len() + answer.len() > MAX_WAITING {
            self.dropped += 1;
            return;
        }
        self.replies.waiting.extend_from_slice(answer);
    }
}
