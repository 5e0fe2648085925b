//! The fonts of a picture: two that are part of the program, and further ones for what those lack.

use swash::{CacheKey, FontRef};

const REGULAR: &[u8] = include_bytes!("../../fonts/JetBrainsMono-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/JetBrainsMono-Bold.ttf");

/// Fonts at most, the two of the program counted.
const MAX_FONTS: usize = 32;

/// Why a font cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FontError {
    /// The bytes are no TrueType or OpenType font, or a collection without one.
    NotAFont,
    /// There are 32 fonts already.
    TooMany,
}

impl std::fmt::Display for FontError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotAFont => "this is no font: give the bytes of a .ttf, .otf or .ttc file",
            Self::TooMany => "a picture has at most 32 fonts: give fewer",
        })
    }
}

impl std::error::Error for FontError {}

struct Font {
    data: std::borrow::Cow<'static, [u8]>,
    offset: u32,
    key: CacheKey,
}

impl Font {
    fn new(data: std::borrow::Cow<'static, [u8]>) -> Result<Self, FontError> {
        let font = FontRef::from_index(&data, 0).ok_or(FontError::NotAFont)?;
        let (offset, key) = (font.offset, font.key);
        Ok(Self { data, offset, key })
    }
}

/// JetBrains Mono, regular and bold, then what was added.
pub(crate) struct Fonts {
    fonts: Vec<Font>,
}

/// Which font draws a character, and as which of its glyphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) font: usize,
    pub(crate) glyph: u16,
}

impl Fonts {
    pub(crate) fn new() -> Self {
        let embedded = |data: &'static [u8]| Font::new(data.into()).expect("an embedded font is one");
        Self { fonts: vec![embedded(REGULAR), embedded(BOLD)] }
    }

    pub(crate) fn add(&mut self, data: Vec<u8>) -> Result<(), FontError> {
        if self.fonts.len() >= MAX_FONTS {
            return Err(FontError::TooMany);
        }
        self.fonts.push(Font::new(data.into())?);
        Ok(())
    }

    pub(crate) fn get(&self, font: usize) -> FontRef<'_> {
        let Font { data, offset, key } = &self.fonts[font];
        FontRef { data, offset: *offset, key: *key }
    }

    /// Whether the font has a bold face of its own for what the other one has.
    pub(crate) fn is_embedded(font: usize) -> bool {
        font < 2
    }

    /// The first font that has the character.
    pub(crate) fn choose(&self, ch: char, bold: bool) -> Option<Chosen> {
        let first = usize::from(bold);
        std::iter::once(first).chain(2..self.fonts.len()).find_map(|font| {
            let glyph = self.get(font).charmap().map(ch);
            (glyph > 0).then_some(Chosen { font, glyph })
        })
    }
}
