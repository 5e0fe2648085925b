//! The colours that a program has changed.

use std::collections::BTreeMap;

use crate::color::{Rgb, Theme};

/// The palette's colours are 0 to 255; then the special ones of OSC 5, then those of OSC 10 to 19.
pub(crate) const SPECIAL: u16 = 256;
pub(crate) const DYNAMIC: u16 = 300;

/// What differs from the theme.
#[derive(Debug, Clone, Default)]
pub(crate) struct Palette {
    changed: BTreeMap<u16, Rgb>,
}

impl Palette {
    pub(crate) fn set(&mut self, number: u16, color: Rgb) {
        self.changed.insert(number, color);
    }

    pub(crate) fn reset(&mut self, number: u16) {
        self.changed.remove(&number);
    }

    pub(crate) fn reset_range(&mut self, numbers: std::ops::Range<u16>) {
        self.changed.retain(|number, _| !numbers.contains(number));
    }

    pub(crate) fn get(&self, number: u16, theme: &Theme) -> Rgb {
        self.changed.get(&number).copied().unwrap_or_else(|| match number {
            0..256 => theme.color(number as u8),
            // Text background, pointer background, Tektronix background, highlight background.
            n if [11, 14, 16, 17].contains(&(n.wrapping_sub(DYNAMIC))) => theme.background,
            n if n == DYNAMIC + 12 => theme.cursor,
            _ => theme.foreground,
        })
    }

    pub(crate) fn changed(&self) -> impl Iterator<Item = (u16, Rgb)> + '_ {
        self.changed.iter().map(|(number, color)| (*number, *color))
    }
}
