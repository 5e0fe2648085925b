//! One cell of the grid in eight bytes: what it shows, in which style, and how wide.

use crate::texts::Texts;

/// A glyph in the low 32 bits, the id of a style in the next 16, flags in the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cell(pub(crate) u64);

/// What a cell shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    /// Nothing was printed here.
    Blank,
    Char(char),
    /// Several code points; the id is that of a text.
    Cluster(u32),
}

const CLUSTER: u64 = 1 << 31;
const FLAGS: u32 = 48;

impl Cell {
    /// Nothing, in the default style.
    pub(crate) const BLANK: Self = Self(0);
    /// The first half of a character of two columns.
    pub(crate) const WIDE: u64 = 1 << FLAGS;
    /// The second half; shows nothing of its own.
    pub(crate) const SPACER: u64 = 2 << FLAGS;
    /// The last column, left free because a wide character did not fit.
    pub(crate) const SKIPPED: u64 = 4 << FLAGS;
    /// Held by DECSCA against selective erasure.
    pub(crate) const PROTECTED: u64 = 8 << FLAGS;

    /// What all cells of a run have in common, to be completed by [`Cell::with_char`].
    pub(crate) fn base(style: u16, flags: u64) -> Self {
        Self((u64::from(style) << 32) | flags)
    }

    /// Blank, in a style (of which only the background shows).
    pub(crate) fn blank(style: u16) -> Self {
        Self(u64::from(style) << 32)
    }

    pub(crate) fn with_char(self, ch: char) -> Self {
        Self((self.0 & !0xffff_ffff) | u64::from(u32::from(ch)))
    }

    pub(crate) fn with_byte(self, byte: u8) -> Self {
        Self(self.0 | u64::from(byte))
    }

    pub(crate) fn with_cluster(self, id: u32) -> Self {
        Self((self.0 & !0xffff_ffff) | CLUSTER | u64::from(id))
    }

    pub(crate) fn with_style(self, style: u16) -> Self {
        Self((self.0 & !0xffff_0000_0000) | (u64::from(style) << 32))
    }

    pub(crate) fn with_flags(self, flags: u64) -> Self {
        Self(self.0 | flags)
    }

    pub(crate) fn has(self, flags: u64) -> bool {
        self.0 & flags != 0
    }

    pub(crate) fn style(self) -> u16 {
        (self.0 >> 32) as u16
    }

    pub(crate) fn glyph(self) -> Glyph {
        let low = self.0 & 0xffff_ffff;
        if low == 0 {
            return Glyph::Blank;
        }
        if low & CLUSTER != 0 {
            return Glyph::Cluster((low & !CLUSTER) as u32);
        }
        char::from_u32(low as u32).map_or(Glyph::Blank, Glyph::Char)
    }

    /// Nothing was printed here since the last erasure.
    pub(crate) fn is_blank(self) -> bool {
        self.0 & 0xffff_ffff == 0
    }

    /// Columns: 0 for a second half.
    pub(crate) fn width(self) -> u8 {
        match self.0 & (Self::WIDE | Self::SPACER) {
            0 => 1,
            Self::WIDE => 2,
            _ => 0,
        }
    }

    /// Adds what the cell shows: a space for a blank, nothing for a second half.
    pub(crate) fn push_to(self, text: &mut String, clusters: &Texts) {
        if self.has(Self::SPACER) {
            return;
        }
        match self.glyph() {
            Glyph::Blank => text.push(' '),
            Glyph::Char(ch) => text.push(ch),
            Glyph::Cluster(id) => text.push_str(clusters.get(id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Glyph};

    #[test]
    fn a_cell_has_eight_bytes() {
        assert_eq!(size_of::<Cell>(), 8);
    }

    #[test]
    fn glyph_style_and_flags_do_not_touch_each_other() {
        let cell = Cell::base(0xffff, Cell::WIDE).with_char('\u{10ffff}');
        assert!(cell.glyph() == Glyph::Char('\u{10ffff}') && cell.style() == 0xffff && cell.width() == 2);
        let cell = cell.with_style(7).with_cluster(0x7fff_ffff);
        assert!(cell.glyph() == Glyph::Cluster(0x7fff_ffff) && cell.style() == 7 && cell.has(Cell::WIDE));
    }
}
