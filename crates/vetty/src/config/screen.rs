//! What a session's screen keeps, and what it answers.

use serde::{Deserialize, Serialize};
use vetty_policy::section;

/// Lines that have left the screen at the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
#[non_exhaustive]
pub struct History {
    /// Rows. Default 10,000.
    #[serde(deserialize_with = "section::size")]
    pub lines: usize,
    /// Bytes. Default 8 MiB.
    #[serde(deserialize_with = "section::size")]
    pub bytes: usize,
}

impl Default for History {
    fn default() -> History {
        History { lines: 10_000, bytes: 8 << 20 }
    }
}

/// Which questions of programs are answered, see [`vetty_screen::Replies`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
pub struct Replies {
    /// What the terminal is and how it is set: DA, DSR, CPR, DECRQM, XTVERSION, XTGETTCAP. Default `true`.
    pub device: bool,
    /// Colours: OSC 4, 10, 11, 12. Default `true`.
    pub colors: bool,
    /// Sizes of the window: XTWINOPS. Default `false`.
    pub winops: bool,
    /// What the clipboard holds: OSC 52. Default `false`.
    pub clipboard: bool,
    /// What the screen shows: DECRQCRA, titles. A program could so have its own output typed. Default `false`.
    pub screen: bool,
}

impl Replies {
    /// All that the policy permits.
    pub const fn all() -> Replies {
        Replies { device: true, colors: true, winops: true, clipboard: true, screen: true }
    }

    /// Nothing is answered.
    pub const fn none() -> Replies {
        Replies { device: false, colors: false, winops: false, clipboard: false, screen: false }
    }

    /// What both have.
    pub(crate) const fn within(self, other: Replies) -> Replies {
        Replies {
            device: self.device && other.device,
            colors: self.colors && other.colors,
            winops: self.winops && other.winops,
            clipboard: self.clipboard && other.clipboard,
            screen: self.screen && other.screen,
        }
    }
}

impl Default for Replies {
    fn default() -> Replies {
        Replies { device: true, colors: true, ..Replies::none() }
    }
}

impl From<Replies> for vetty_screen::Replies {
    fn from(given: Replies) -> vetty_screen::Replies {
        let mut replies = vetty_screen::Replies::none();
        replies.device = given.device;
        replies.colors = given.colors;
        replies.winops = given.winops;
        replies.clipboard = given.clipboard;
        replies.screen = given.screen;
        replies
    }
}
