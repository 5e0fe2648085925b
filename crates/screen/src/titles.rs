//! The window's title and the icon's, and the stack that programs keep them on.

/// What a title is cut to, in bytes, and how many can be put aside.
const MAX_BYTES: usize = 4096;
const MAX_SAVED: usize = 10;

/// Titles of window and icon.
#[derive(Debug, Clone, Default)]
pub(crate) struct Titles {
    pub(crate) window: String,
    pub(crate) icon: String,
    saved: Vec<(String, String)>,
}

impl Titles {
    /// Without controls, and not too long.
    pub(crate) fn cleaned(text: &str) -> String {
        let end = text.floor_char_boundary(MAX_BYTES);
        text[..end].chars().filter(|ch| !ch.is_control()).collect()
    }

    /// The oldest one goes if there are too many.
    pub(crate) fn push(&mut self) {
        if self.saved.len() == MAX_SAVED {
            self.saved.remove(0);
        }
        self.saved.push((self.window.clone(), self.icon.clone()));
    }

    pub(crate) fn pop(&mut self, window: bool, icon: bool) {
        let Some((saved_window, saved_icon)) = self.saved.pop() else {
            return;
        };
        if window {
            self.window = saved_window;
        }
        if icon {
            self.icon = saved_icon;
        }
    }
}
