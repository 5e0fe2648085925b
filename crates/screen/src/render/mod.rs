//! Pictures of a screen: SVG, HTML and PNG from one [`Scene`].
//!
//! ```
//! use vetty_screen::{Config, Screen, Size, render::RenderOptions};
//!
//! let mut screen = Screen::new(Size::new(40, 2), Config::default());
//! screen.feed(b"\x1b[1;31merror\x1b[m: <nothing> to do");
//! let svg = screen.svg(&RenderOptions::default());
//! assert!(svg.contains("&lt;nothing&gt;"));
//! ```

mod animation;
mod canvas;
mod decoration;
mod escape;
mod fonts;
mod glyphs;
mod html;
mod metrics;
mod picture;
mod png;
mod scene;
mod shapes;
mod svg;
mod themes;

use crate::color::Theme;
use crate::screen::Screen;
use crate::search::Match;
use crate::text::Scope;

pub use animation::{Animation, AnimationOptions};
pub use fonts::FontError;
pub use picture::{Picture, PictureError, Renderer};
pub use scene::Scene;
pub use themes::ThemeError;

/// How a picture is made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RenderOptions {
    /// Colours; where the program changed some (OSC 4, 10, 11), those are shown. Default: those of the screen's `Config`.
    pub theme: Option<Theme>,
    /// Which rows. Default: the screen.
    pub scope: Scope,
    /// Show the cursor, where the program shows it. Default `true`.
    pub cursor: bool,
    /// Places to be marked: what [`Screen::search`] found in the same scope.
    pub highlights: Vec<Match>,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self { theme: None, scope: Scope::Screen, cursor: true, highlights: Vec::new() }
    }
}

impl Screen {
    /// A picture as SVG. Its text is text: it can be searched and copied, and is drawn by the viewer's fonts, kept to the
    /// grid of cells.
    pub fn svg(&self, options: &RenderOptions) -> String {
        self.scene(options).svg()
    }

    /// A picture as HTML: one `<pre>` with its styles in it, to be put into any page.
    pub fn html(&self, options: &RenderOptions) -> String {
        self.scene(options).html()
    }
}
