//! How a cell looks: colours, attributes, link.

use crate::color::Color;

/// Attributes as bits of a [`Style`].
pub(crate) mod attribute {
    pub(crate) const BOLD: u16 = 1;
    pub(crate) const DIM: u16 = 1 << 1;
    pub(crate) const ITALIC: u16 = 1 << 2;
    pub(crate) const BLINK: u16 = 1 << 3;
    pub(crate) const INVERSE: u16 = 1 << 4;
    pub(crate) const HIDDEN: u16 = 1 << 5;
    pub(crate) const STRIKE: u16 = 1 << 6;
    pub(crate) const OVERLINE: u16 = 1 << 7;
    /// Three bits: an [`Underline`](super::Underline).
    pub(crate) const UNDERLINE: u16 = 7 << UNDERLINE_SHIFT;
    pub(crate) const UNDERLINE_SHIFT: u16 = 8;
}

/// The line below a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Underline {
    /// No line.
    #[default]
    None,
    /// One line.
    Single,
    /// Two lines.
    Double,
    /// A wave.
    Curly,
    /// Dots.
    Dotted,
    /// Dashes.
    Dashed,
}

impl Underline {
    pub(crate) fn from_bits(bits: u16) -> Self {
        match (bits & attribute::UNDERLINE) >> attribute::UNDERLINE_SHIFT {
            1 => Self::Single,
            2 => Self::Double,
            3 => Self::Curly,
            4 => Self::Dotted,
            5 => Self::Dashed,
            _ => Self::None,
        }
    }
}

/// Colours, attributes and the id of a link, as interned by the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Style {
    pub(crate) foreground: Color,
    pub(crate) background: Color,
    pub(crate) underline_color: Color,
    pub(crate) attributes: u16,
    /// 0 is none.
    pub(crate) link: u16,
}

impl Style {
    pub(crate) fn has(&self, attribute: u16) -> bool {
        self.attributes & attribute != 0
    }

    pub(crate) fn set(&mut self, attribute: u16, on: bool) {
        if on {
            self.attributes |= attribute;
        } else {
            self.attributes &= !attribute;
        }
    }

    pub(crate) fn set_underline(&mut self, underline: u16) {
        let kept = self.attributes & !attribute::UNDERLINE;
        self.attributes = kept | (underline << attribute::UNDERLINE_SHIFT);
    }

    /// What erasing leaves: the background alone.
    pub(crate) fn erased(&self) -> Self {
        Self { background: self.background, ..Self::default() }
    }

    /// The nearest style of which there are few: colours of the palette, no link.
    pub(crate) fn reduced(&self) -> Self {
        Self {
            foreground: self.foreground.reduced(),
            background: self.background.reduced(),
            underline_color: Color::DEFAULT,
            attributes: self.attributes,
            link: 0,
        }
    }
}
