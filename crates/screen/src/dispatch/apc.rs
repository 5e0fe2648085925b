//! Application program commands: kitty's pictures.

use crate::parser::StringSequence;
use crate::state::State;

impl State {
    pub(super) fn apc(&mut self, string: &StringSequence<'_>) {
        if let Some(command) = string.data.strip_prefix(b"G") {
            self.kitty_image(command, string.omitted);
        }
    }
}
