//! Character sets of seven bits, of which programs use the line drawing one.

/// What a set makes of printable ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Charset {
    #[default]
    Ascii,
    /// Lines and corners in place of the small letters.
    LineDrawing,
    /// `£` in place of `#`.
    British,
}

impl Charset {
    /// By the last byte of its designation.
    pub(crate) fn designated(last: u8) -> Self {
        match last {
            b'0' | b'2' => Self::LineDrawing,
            b'A' => Self::British,
            _ => Self::Ascii,
        }
    }

    fn map(self, ch: char) -> char {
        match (self, ch) {
            (Self::British, '#') => '£',
            (Self::LineDrawing, '_'..='~') => LINE_DRAWING[ch as usize - '_' as usize],
            _ => ch,
        }
    }
}

/// From `_` to `~`.
const LINE_DRAWING: [char; 32] = [
    ' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─', '⎼', '⎽',
    '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
];

/// The four designated sets, and which of them is in use.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Charsets {
    sets: [Charset; 4],
    locked: usize,
    /// For the next character only.
    single: Option<usize>,
}

impl Charsets {
    pub(crate) fn designate(&mut self, place: usize, set: Charset) {
        self.sets[place] = set;
    }

    pub(crate) fn lock(&mut self, place: usize) {
        self.locked = place;
    }

    pub(crate) fn shift_once(&mut self, place: usize) {
        self.single = Some(place);
    }

    /// Whether characters stay what they are.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.sets[self.locked] == Charset::Ascii && self.single.is_none()
    }

    pub(crate) fn map(&mut self, ch: char) -> char {
        let place = self.single.take().unwrap_or(self.locked);
        self.sets[place].map(ch)
    }
}
