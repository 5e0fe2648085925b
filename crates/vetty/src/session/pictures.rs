//! Pictures of a session's screen: see [`vetty_screen::render`].

use std::sync::{Mutex, PoisonError};

use vetty_screen::render::{Picture, PictureError, RenderOptions, Renderer};

use super::screen::SessionScreen;

/// Renderers that have drawn before, which makes the next picture faster: for so many threads that draw at once.
static KEPT: Mutex<Vec<Renderer>> = Mutex::new(Vec::new());
const MAX_KEPT: usize = 2;

impl SessionScreen {
    /// A picture as SVG.
    pub fn svg(&self, options: &RenderOptions) -> String {
        self.scene(options).svg()
    }

    /// A picture as HTML: one `<pre>` with its styles in it.
    pub fn html(&self, options: &RenderOptions) -> String {
        self.scene(options).html()
    }

    /// A picture as PNG, at scale 1 with 10 x 20 pixels a cell. It takes some milliseconds of this thread: in a runtime, let
    /// `spawn_blocking` do it. For further fonts take [`scene`](SessionScreen::scene) and a [`Renderer`] of your own.
    ///
    /// # Errors
    ///
    /// The scale is not within 0.5 to 8, or there would be more than 33,554,432 pixels.
    pub fn png(&self, options: &RenderOptions, scale: f32) -> Result<Picture, PictureError> {
        let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let scene = self.scene(options);
        let earlier = kept().pop();
        let mut renderer = earlier.unwrap_or_default();
        let picture = renderer.png(&scene, scale);
        let mut kept = kept();
        if kept.len() < MAX_KEPT {
            kept.push(renderer);
        }
        picture
    }
}
