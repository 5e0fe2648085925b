//! The numbers of a control sequence.

/// At most 32 numbers; those after a colon belong to the one before. A missing number is 0.
#[derive(Debug, Clone)]
pub(crate) struct Params {
    values: [u16; Self::MAX],
    len: usize,
    /// Bit `i`: a colon stands before number `i`.
    subs: u32,
    /// `<`, `=`, `>` or `?`; 0 if there is none.
    pub(crate) marker: u8,
    intermediates: [u8; 2],
    intermediate_count: usize,
    /// Malformed or too long: it is read to its end and then forgotten.
    pub(crate) ignored: bool,
    current: u16,
    current_is_sub: bool,
}

impl Params {
    const MAX: usize = 32;

    pub(crate) fn new() -> Self {
        Self {
            values: [0; Self::MAX],
            len: 0,
            subs: 0,
            marker: 0,
            intermediates: [0; 2],
            intermediate_count: 0,
            ignored: false,
            current: 0,
            current_is_sub: false,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.subs = 0;
        self.marker = 0;
        self.intermediate_count = 0;
        self.ignored = false;
        self.current = 0;
        self.current_is_sub = false;
    }

    #[inline]
    pub(crate) fn digit(&mut self, digit: u8) {
        self.ignored |= self.intermediate_count > 0;
        self.current = self.current.saturating_mul(10).saturating_add(u16::from(digit));
    }

    /// A `;` or, with `sub`, a `:`.
    #[inline]
    pub(crate) fn separator(&mut self, sub: bool) {
        self.ignored |= self.intermediate_count > 0;
        self.finish();
        self.current_is_sub = sub;
    }

    /// Takes up the number that was being read.
    #[inline]
    pub(crate) fn finish(&mut self) {
        if let Some(value) = self.values.get_mut(self.len) {
            *value = self.current;
            self.subs |= u32::from(self.current_is_sub) << self.len;
            self.len += 1;
        }
        self.current = 0;
        self.current_is_sub = false;
    }

    pub(crate) fn set_marker(&mut self, marker: u8) {
        if self.len > 0 || self.current > 0 || self.marker > 0 || self.intermediate_count > 0 {
            self.ignored = true;
        }
        self.marker = marker;
    }

    pub(crate) fn intermediate(&mut self, byte: u8) {
        match self.intermediates.get_mut(self.intermediate_count) {
            Some(place) => {
                *place = byte;
                self.intermediate_count += 1;
            }
            None => self.ignored = true,
        }
    }

    pub(crate) fn intermediates(&self) -> &[u8] {
        &self.intermediates[..self.intermediate_count]
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Number `at`, 0 if it is missing.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> u16 {
        if at < self.len { self.values[at] } else { 0 }
    }

    /// Number `at`, or the default if it is missing or 0.
    #[inline]
    pub(crate) fn or(&self, at: usize, default: u16) -> usize {
        usize::from(match self.get(at) {
            0 => default,
            value => value,
        })
    }

    /// Whether number `at` belongs to the one before it.
    #[inline]
    pub(crate) fn is_sub(&self, at: usize) -> bool {
        at < self.len && self.subs & (1 << at) != 0
    }

    pub(crate) fn values(&self) -> &[u16] {
        &self.values[..self.len]
    }
}
