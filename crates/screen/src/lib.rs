//! What a terminal shows, as data: the bytes of a program become cells, lines, history and events; keys, mouse and pasted
//! text become the bytes that a program expects.
//!
//! It needs no runtime, no terminal and no operating system, and makes no call to any: what output asks for beside text is
//! told as an [`Event`], and only the owner of a [`Screen`] may act on it.
//!
//! ```
//! use vetty_screen::{Config, Pattern, Scope, Screen, Size, TextOptions};
//!
//! let mut screen = Screen::new(Size::new(20, 4), Config::default());
//! screen.feed("compiling\rdone\x1b[K\r\n漢字 $ ".as_bytes());
//! assert_eq!(screen.text(&TextOptions::default()), "done\n漢字 $");
//!
//! let found = screen.search(&Pattern::Text("$".into()), Scope::Screen, 10);
//! assert_eq!((found[0].at.row, found[0].at.col), (1, 5));
//! ```
//!
//! # Limitations
//!
//! Nothing is drawn: pictures are events, blinking is an attribute. Characters are laid out from left to right. Double
//! width lines (DECDWL), downloaded fonts, VT52 and Tektronix modes are not there.

#![forbid(unsafe_code)]

mod after;
mod alternate;
mod base64;
mod cell;
mod charset;
mod color;
mod config;
mod cursor;
mod dispatch;
mod erase;
mod events;
pub mod golden;
mod grid;
mod history;
mod images;
mod input;
mod keyboard;
mod locate;
mod marks;
mod modes;
mod motion;
mod palette;
mod parser;
mod print;
pub mod recording;
mod rectangle;
mod reflow;
#[cfg(feature = "render")]
pub mod render;
mod reply;
mod reset;
mod row;
mod screen;
mod scroll;
mod search;
mod size;
mod snapshot;
mod state;
mod style;
mod styles;
mod tabs;
mod text;
mod texts;
mod titles;
mod vt;
mod width;

pub use after::Mark;
pub use color::{Color, Rgb, Theme};
pub use config::{Config, Replies};
pub use events::{Event, Progress};
pub use images::{Image, ImageFile, ImageMedium, ImageProtocol};
pub use input::{Key, KeyName, Modifiers, Mouse, MouseAction, MouseButton, UnknownKey};
pub use locate::Found;
pub use marks::CommandMark;
pub use screen::{CursorShape, CursorView, Screen};
pub use search::{Match, Pattern};
pub use size::{Position, Size};
pub use snapshot::{CellView, Link, Snapshot};
pub use style::Underline;
pub use text::{Scope, TextOptions};
