//! What the owner of a screen decides. No byte that a program writes changes any of it.

use crate::color::Theme;

/// How a [`Screen`](crate::Screen) behaves and what it may hold.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Rows of history at most. Default 10,000.
    pub history_lines: usize,
    /// Bytes of history at most. Default 8 MiB.
    pub history_bytes: usize,
    /// Which device queries are answered.
    pub replies: Replies,
    /// Bytes of an OSC, DCS or APC string that is no picture; a longer one is ignored. Default 1 MiB.
    pub max_string: usize,
    /// Bytes of a clipboard write, decoded; a longer one is ignored. Default 100 KiB.
    pub max_clipboard: usize,
    /// Bytes of a picture's data that an event carries; of a longer one the event says only its size. Default 4 MiB.
    pub max_image: usize,
    /// Events that wait to be taken; then the oldest go and are counted. Default 1024.
    pub max_events: usize,
    /// Commands that shell marks told of; then the oldest are forgotten. Default 1000.
    pub max_commands: usize,
    /// Characters of ambiguous width take two columns. Default `false`.
    pub ambiguous_wide: bool,
    /// Pixels of one cell, for programs that ask and for pictures. Default 8 wide, 16 high.
    pub cell_pixels: (u16, u16),
    /// Colours that are reported to programs that ask.
    pub theme: Theme,
    /// Name and version that XTVERSION reports. Default `vetty` and the version of this crate.
    pub version: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            history_lines: 10_000,
            history_bytes: 8 << 20,
            replies: Replies::default(),
            max_string: 1 << 20,
            max_clipboard: 100 << 10,
            max_image: 4 << 20,
            max_events: 1024,
            max_commands: 1000,
            ambiguous_wide: false,
            cell_pixels: (8, 16),
            theme: Theme::dark(),
            version: concat!("vetty ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Which device queries are answered, by category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replies {
    /// What the terminal is and how it is set: DA, DSR, CPR, DECRQM, DECRQSS, XTVERSION, XTGETTCAP, kitty keyboard.
    /// Programs wait for these. Default `true`.
    pub device: bool,
    /// Colours: OSC 4, 5, 10 to 19. Default `true`.
    pub colors: bool,
    /// Sizes of the window: the reports of XTWINOPS. Default `false`.
    pub winops: bool,
    /// What the clipboard holds: reads by OSC 52 come as events. Default `false`.
    pub clipboard: bool,
    /// What the screen shows and what the title is: DECRQCRA, and XTWINOPS 20 and 21. A program could so have its own
    /// output typed as input. Default `false`.
    pub screen: bool,
}

impl Default for Replies {
    fn default() -> Self {
        Self { device: true, colors: true, winops: false, clipboard: false, screen: false }
    }
}

impl Replies {
    /// Nothing is answered. Programs that wait for an answer stall until they give up.
    pub fn none() -> Self {
        Self { device: false, colors: false, winops: false, clipboard: false, screen: false }
    }
}
