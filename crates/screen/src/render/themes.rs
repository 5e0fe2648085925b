//! Colours by name, and colours of one's own.

use crate::color::{Rgb, Theme};

/// Name, text, background, cursor, palette.
type Row = (&'static str, u32, u32, u32, [u32; 16]);

const THEMES: [Row; 6] = [
    (
        "solarized-dark",
        0x839496,
        0x002b36,
        0x93a1a1,
        [
            0x073642, 0xdc322f, 0x859900, 0xb58900, 0x268bd2, 0xd33682, 0x2aa198, 0xeee8d5, 0x002b36,
            0xcb4b16, 0x586e75, 0x657b83, 0x839496, 0x6c71c4, 0x93a1a1, 0xfdf6e3,
        ],
    ),
    (
        "solarized-light",
        0x657b83,
        0xfdf6e3,
        0x586e75,
        [
            0x073642, 0xdc322f, 0x859900, 0xb58900, 0x268bd2, 0xd33682, 0x2aa198, 0xeee8d5, 0x002b36,
            0xcb4b16, 0x586e75, 0x657b83, 0x839496, 0x6c71c4, 0x93a1a1, 0xfdf6e3,
        ],
    ),
    (
        "gruvbox-dark",
        0xebdbb2,
        0x282828,
        0xebdbb2,
        [
            0x282828, 0xcc241d, 0x98971a, 0xd79921, 0x458588, 0xb16286, 0x689d6a, 0xa89984, 0x928374,
            0xfb4934, 0xb8bb26, 0xfabd2f, 0x83a598, 0xd3869b, 0x8ec07c, 0xebdbb2,
        ],
    ),
    (
        "nord",
        0xd8dee9,
        0x2e3440,
        0xd8dee9,
        [
            0x3b4252, 0xbf616a, 0xa3be8c, 0xebcb8b, 0x81a1c1, 0xb48ead, 0x88c0d0, 0xe5e9f0, 0x4c566a,
            0xbf616a, 0xa3be8c, 0xebcb8b, 0x81a1c1, 0xb48ead, 0x8fbcbb, 0xeceff4,
        ],
    ),
    (
        "dracula",
        0xf8f8f2,
        0x282a36,
        0xf8f8f2,
        [
            0x21222c, 0xff5555, 0x50fa7b, 0xf1fa8c, 0xbd93f9, 0xff79c6, 0x8be9fd, 0xf8f8f2, 0x6272a4,
            0xff6e6e, 0x69ff94, 0xffffa5, 0xd6acff, 0xff92df, 0xa4ffff, 0xffffff,
        ],
    ),
    (
        "paper",
        0x24292f,
        0xffffff,
        0x24292f,
        [
            0x24292f, 0xb3261e, 0x1a6e2e, 0x8a5a00, 0x0b57d0, 0x8430ce, 0x00696e, 0x6e7781, 0x57606a,
            0xd93025, 0x188038, 0xb06000, 0x1967d2, 0xa142f4, 0x007b83, 0x8c959f,
        ],
    ),
];

/// A colour that cannot be understood, or a palette of another length.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThemeError {
    /// The text is no colour.
    Color {
        /// Which one: `foreground`, `background`, `palette[3]`.
        of: String,
        /// What was given, cut after 64 characters.
        given: String,
    },
    /// The palette has so many colours, not 16.
    Palette(usize),
}

impl std::fmt::Display for ThemeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Color { of, given } => write!(f, "{of} is {given:?}: give a colour as `#rrggbb`"),
            Self::Palette(count) => write!(f, "the palette has {count} colours: give 16"),
        }
    }
}

impl std::error::Error for ThemeError {}

impl Theme {
    /// Colours of one's own, each as `#rrggbb` or as X11 spells it (`rgb:rr/gg/bb`, `red`). The cursor has the colour of
    /// the text.
    ///
    /// # Errors
    ///
    /// One is no colour, or the palette has not 16; the error says which.
    pub fn custom<T: AsRef<str>>(
        foreground: &str,
        background: &str,
        palette: &[T],
    ) -> Result<Self, ThemeError> {
        let color = |of: &dyn Fn() -> String, text: &str| {
            let given = || text.chars().take(64).collect();
            Rgb::parse(text).ok_or_else(|| ThemeError::Color { of: of(), given: given() })
        };
        let mut colors = [Rgb(0, 0, 0); 16];
        if palette.len() != colors.len() {
            return Err(ThemeError::Palette(palette.len()));
        }
        for (at, (slot, text)) in colors.iter_mut().zip(palette).enumerate() {
            *slot = color(&|| format!("palette[{at}]"), text.as_ref())?;
        }
        let foreground = color(&|| "foreground".to_owned(), foreground)?;
        let background = color(&|| "background".to_owned(), background)?;
        Ok(Self { foreground, background, cursor: foreground, palette: colors })
    }

    /// The names that [`Theme::named`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ["dark", "light"].into_iter().chain(THEMES.iter().map(|row| row.0))
    }

    /// The colours of this name: `dark` and `light` as xterm has them, `paper` (dark on white, each colour to be read),
    /// `solarized-dark`, `solarized-light`, `gruvbox-dark`, `nord`, `dracula`.
    pub fn named(name: &str) -> Option<Self> {
        let color = |value: u32| Rgb((value >> 16) as u8, (value >> 8) as u8, value as u8);
        match name {
            "dark" => Some(Self::dark()),
            "light" => Some(Self::light()),
            _ => {
                THEMES.iter().find(|row| row.0 == name).map(|(_, foreground, background, cursor, palette)| {
                    Self {
                        foreground: color(*foreground),
                        background: color(*background),
                        cursor: color(*cursor),
                        palette: palette.map(color),
                    }
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::color::{Rgb, Theme};

    #[test]
    fn a_theme_of_one_s_own_is_checked() {
        let palette = vec!["#010203"; 16];
        let theme = Theme::custom("#ffffff", "rgb:00/80/ff", &palette).unwrap();
        assert_eq!((theme.background, theme.cursor), (Rgb(0, 0x80, 0xff), Rgb(0xff, 0xff, 0xff)));
        assert_eq!(theme.palette, [Rgb(1, 2, 3); 16]);
        let message = |result: Result<Theme, super::ThemeError>| result.unwrap_err().to_string();
        let wrong = message(Theme::custom("red;}", "#000000", &palette));
        assert_eq!(wrong, "foreground is \"red;}\": give a colour as `#rrggbb`");
        assert_eq!(
            message(Theme::custom("red", "red", &palette[1..])),
            "the palette has 15 colours: give 16"
        );
        let mut palette = palette;
        palette[3] = "#12345";
        assert!(message(Theme::custom("red", "red", &palette)).starts_with("palette[3] is"));
    }

    #[test]
    fn each_name_has_its_colours() {
        let names: Vec<_> = Theme::names().collect();
        assert_eq!(names.len(), 8);
        for name in names {
            let theme = Theme::named(name).unwrap();
            assert_ne!(theme.foreground, theme.background, "{name}");
        }
        assert_eq!(Theme::named("nord").unwrap().palette[1], Rgb(0xbf, 0x61, 0x6a));
        assert!(Theme::named("Nord").is_none());
    }
}
