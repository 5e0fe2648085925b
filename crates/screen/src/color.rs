//! Colours: of cells, of the palette, and as programs spell them.

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The default, an index into the palette, or red, green and blue; one word, so that styles compare quickly.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Color(pub(crate) u32);

const INDEXED: u32 = 1 << 24;
const DIRECT: u32 = 2 << 24;

impl Color {
    /// What the terminal's owner chose for text or background.
    pub const DEFAULT: Self = Self(0);

    /// A colour of the palette.
    pub fn indexed(index: u8) -> Self {
        Self(INDEXED | u32::from(index))
    }

    /// A colour by its parts.
    pub fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self(DIRECT | (u32::from(red) << 16) | (u32::from(green) << 8) | u32::from(blue))
    }

    /// The index, if it is a colour of the palette.
    pub fn index(self) -> Option<u8> {
        (self.0 & INDEXED != 0).then_some(self.0 as u8)
    }

    /// The parts, if it was given by them.
    pub fn parts(self) -> Option<Rgb> {
        (self.0 & DIRECT != 0).then_some(Rgb((self.0 >> 16) as u8, (self.0 >> 8) as u8, self.0 as u8))
    }

    /// A colour of the palette's cube instead of one by its parts.
    pub(crate) fn reduced(self) -> Self {
        let Some(Rgb(red, green, blue)) = self.parts() else {
            return self;
        };
        let step = |part: u8| (u16::from(part) * 5 + 127) / 255;
        Self::indexed((16 + 36 * step(red) + 6 * step(green) + step(blue)) as u8)
    }
}

impl std::fmt::Debug for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.index(), self.parts()) {
            (Some(index), _) => write!(f, "Indexed({index})"),
            (_, Some(Rgb(red, green, blue))) => write!(f, "#{red:02x}{green:02x}{blue:02x}"),
            _ => f.write_str("Default"),
        }
    }
}

impl serde::Serialize for Color {
    /// The index, `"#rrggbb"`, or null for the default.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.index(), self.parts()) {
            (Some(index), _) => serializer.serialize_u8(index),
            (_, Some(_)) => serializer.collect_str(&format_args!("{self:?}")),
            _ => serializer.serialize_none(),
        }
    }
}

/// The colours that a terminal starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Of text.
    pub foreground: Rgb,
    /// Behind text.
    pub background: Rgb,
    /// Of the cursor.
    pub cursor: Rgb,
    /// The first 16 colours of the palette; the others are xterm's cube and greys.
    pub palette: [Rgb; 16],
}

impl Theme {
    /// Light text on black.
    pub fn dark() -> Self {
        Self {
            foreground: Rgb(0xe5, 0xe5, 0xe5),
            background: Rgb(0, 0, 0),
            cursor: Rgb(0xe5, 0xe5, 0xe5),
            palette: BASIC,
        }
    }

    /// Dark text on white.
    pub fn light() -> Self {
        Self {
            foreground: Rgb(0, 0, 0),
            background: Rgb(0xff, 0xff, 0xff),
            cursor: Rgb(0, 0, 0),
            palette: BASIC,
        }
    }

    /// A colour of the palette of 256.
    pub fn color(&self, index: u8) -> Rgb {
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        match index {
            0..16 => self.palette[usize::from(index)],
            16..232 => {
                let cube = index - 16;
                Rgb(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
            }
            _ => {
                let grey = 8 + 10 * (index - 232);
                Rgb(grey, grey, grey)
            }
        }
    }
}

/// What xterm has without configuration.
const BASIC: [Rgb; 16] = [
    Rgb(0x00, 0x00, 0x00),
    Rgb(0xcd, 0x00, 0x00),
    Rgb(0x00, 0xcd, 0x00),
    Rgb(0xcd, 0xcd, 0x00),
    Rgb(0x00, 0x00, 0xee),
    Rgb(0xcd, 0x00, 0xcd),
    Rgb(0x00, 0xcd, 0xcd),
    Rgb(0xe5, 0xe5, 0xe5),
    Rgb(0x7f, 0x7f, 0x7f),
    Rgb(0xff, 0x00, 0x00),
    Rgb(0x00, 0xff, 0x00),
    Rgb(0xff, 0xff, 0x00),
    Rgb(0x5c, 0x5c, 0xff),
    Rgb(0xff, 0x00, 0xff),
    Rgb(0x00, 0xff, 0xff),
    Rgb(0xff, 0xff, 0xff),
];

impl Rgb {
    /// As X11 and xterm spell it: `rgb:r/g/b` with one to four digits a part, `rgbi:` with fractions, `#` with 3, 6, 9
    /// or 12 digits, or one of a few names.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(parts) = text.strip_prefix("rgb:") {
            let scaled = |part: &str| {
                let value = (1..=4).contains(&part.len()).then(|| u32::from_str_radix(part, 16).ok())??;
                let max = (1_u32 << (4 * part.len())) - 1;
                Some(((value * 255 + max / 2) / max) as u8)
            };
            return Self::from_parts(parts.split('/').map(scaled));
        }
        if let Some(parts) = text.strip_prefix("rgbi:") {
            let scaled = |part: &str| {
                let value: f64 = part.parse().ok()?;
                (0.0..=1.0).contains(&value).then_some((value * 255.0).round() as u8)
            };
            return Self::from_parts(parts.split('/').map(scaled));
        }
        if let Some(digits) = text.strip_prefix('#') {
            if !digits.is_ascii() || digits.is_empty() || digits.len() % 3 != 0 || digits.len() > 12 {
                return None;
            }
            // The digits of `#` are the most significant ones of a part.
            let size = digits.len() / 3;
            let top = |part: &str| {
                let value = u32::from_str_radix(part, 16).ok()?;
                Some(if size == 1 { (value << 4) as u8 } else { (value >> (4 * (size - 2))) as u8 })
            };
            return Self::from_parts((0..3).map(|at| top(&digits[at * size..(at + 1) * size])));
        }
        let named = NAMES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
        named.map(|(_, color)| *color)
    }

    fn from_parts(mut parts: impl Iterator<Item = Option<u8>>) -> Option<Self> {
        let color = Self(parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(color)
    }
}

impl std::fmt::Display for Rgb {
    /// With four digits a part, as xterm reports it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(red, green, blue) = self;
        write!(f, "rgb:{red:02x}{red:02x}/{green:02x}{green:02x}/{blue:02x}{blue:02x}")
    }
}

const NAMES: [(&str, Rgb); 10] = [
    ("black", Rgb(0, 0, 0)),
    ("red", Rgb(255, 0, 0)),
    ("green", Rgb(0, 255, 0)),
    ("yellow", Rgb(255, 255, 0)),
    ("blue", Rgb(0, 0, 255)),
    ("magenta", Rgb(255, 0, 255)),
    ("cyan", Rgb(0, 255, 255)),
    ("white", Rgb(255, 255, 255)),
    ("gray", Rgb(190, 190, 190)),
    ("orange", Rgb(255, 165, 0)),
];

#[cfg(test)]
mod tests {
    use super::{Color, Rgb, Theme};

    #[test]
    fn colours_are_read_as_x11_spells_them() {
        assert_eq!(Rgb::parse("rgb:ff/80/00"), Some(Rgb(255, 128, 0)));
        assert_eq!(Rgb::parse("rgb:f/8/0"), Some(Rgb(255, 136, 0)));
        assert_eq!(Rgb::parse("rgb:ffff/8080/0000"), Some(Rgb(255, 128, 0)));
        assert_eq!(Rgb::parse("#f80"), Some(Rgb(0xf0, 0x80, 0)));
        assert_eq!(Rgb::parse("#ff8000"), Some(Rgb(255, 128, 0)));
        assert_eq!(Rgb::parse("rgbi:1/0.5/0"), Some(Rgb(255, 128, 0)));
        for wrong in
            ["", "#", "#ff80", "#é0", "rgb:1/2", "rgb:1/2/3/4", "rgb:12345/0/0", "rgbi:2/0/0", "octarine"]
        {
            assert_eq!(Rgb::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_palette_is_that_of_xterm() {
        let theme = Theme::dark();
        assert_eq!(theme.color(16), Rgb(0, 0, 0));
        assert_eq!(theme.color(231), Rgb(255, 255, 255));
        assert_eq!(theme.color(232), Rgb(8, 8, 8));
        assert_eq!(theme.color(255), Rgb(238, 238, 238));
        assert_eq!(Color::rgb(255, 0, 0).reduced(), Color::indexed(196));
    }
}
