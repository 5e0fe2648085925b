//! The addon's pictures: a screen as SVG, HTML and PNG.

use napi::Env;
use napi::bindgen_prelude::{BufferSlice, PromiseRaw};
use napi_derive::napi;
use serde::Deserialize;
use vetty::screen::Theme;
use vetty::screen::render::RenderOptions;

use crate::screen::{NativeScreen, refused, scope};

/// The JavaScript `RenderOptions`, validated by the facade.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Wanted {
    theme: Option<Colors>,
    scope: Option<String>,
    cursor: Option<bool>,
}

/// By name, or one by one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Colors {
    Named(String),
    Custom { foreground: String, background: String, palette: Vec<String> },
}

impl Colors {
    fn theme(self) -> napi::Result<Theme> {
        match self {
            Self::Named(name) => {
                Theme::named(&name).ok_or_else(|| refused(format!("no theme is called {name}")))
            }
            Self::Custom { foreground, background, palette } => {
                Theme::custom(&foreground, &background, &palette).map_err(refused)
            }
        }
    }
}

fn render_options(json: &str) -> napi::Result<RenderOptions> {
    let wanted: Wanted = serde_json::from_str(json).map_err(refused)?;
    let mut options = RenderOptions::default();
    options.theme = wanted.theme.map(Colors::theme).transpose()?;
    options.scope = scope(wanted.scope.as_deref());
    options.cursor = wanted.cursor.unwrap_or(true);
    Ok(options)
}

#[napi]
impl NativeScreen {
    /// A picture as SVG.
    #[napi]
    pub fn svg(&self, options: String) -> napi::Result<String> {
        Ok(self.screen.svg(&render_options(&options)?))
    }

    /// A picture as HTML.
    #[napi]
    pub fn html(&self, options: String) -> napi::Result<String> {
        Ok(self.screen.html(&render_options(&options)?))
    }

    /// A picture as PNG, drawn on another thread.
    #[napi(ts_return_type = "Promise<Uint8Array>")]
    pub fn png<'env>(
        &self,
        env: &'env Env,
        options: String,
        scale: f64,
    ) -> napi::Result<PromiseRaw<'env, BufferSlice<'env>>> {
        let (screen, options) = (self.screen.clone(), render_options(&options)?);
        let draw = async move {
            let drawn = tokio::task::spawn_blocking(move || screen.png(&options, scale as f32)).await;
            Ok(drawn.map_err(refused)?.map_err(refused)?.png)
        };
        env.spawn_future_with_callback(draw, |env, png| BufferSlice::copy_from(env, &png))
    }
}
