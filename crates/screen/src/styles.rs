//! Styles by small ids: each is held once, so that a cell needs two bytes for all of it.

use std::hash::{BuildHasher, RandomState};

use crate::style::Style;

/// A table of at most 65,535 styles; id 0 is the default style and always there.
#[derive(Debug)]
pub(crate) struct Styles {
    styles: Vec<Style>,
    free: Vec<u16>,
    /// Ids by hash, open addressing; 0 is a free place. A power of two.
    slots: Vec<u16>,
    /// Of this table alone: a program cannot choose colours that collide.
    seed: u64,
    /// Styles that found no place since the last collection.
    misses: usize,
}

const MAX: usize = u16::MAX as usize;

/// Styles refused between two collections, each of which looks at every cell.
const MISSES_TO_COLLECT: usize = 16_384;

impl Styles {
    pub(crate) fn new() -> Self {
        Self {
            styles: vec![Style::default()],
            free: Vec::new(),
            slots: vec![0; 64],
            seed: RandomState::new().hash_one(0_u8) | 1,
            misses: MISSES_TO_COLLECT,
        }
    }

    pub(crate) fn get(&self, id: u16) -> &Style {
        &self.styles[usize::from(id)]
    }

    fn hash(&self, style: &Style) -> usize {
        let low = (u64::from(style.foreground.0) << 32) | u64::from(style.background.0);
        let high = (u64::from(style.underline_color.0) << 32)
            | (u64::from(style.attributes) << 16)
            | u64::from(style.link);
        let mixed = (low ^ self.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 29) ^ high).wrapping_mul(self.seed | 1);
        (mixed ^ (mixed >> 32)) as usize
    }

    /// The id of a style, or none if the table is full.
    pub(crate) fn intern(&mut self, style: &Style) -> Option<u16> {
        if *style == Style::default() {
            return Some(0);
        }
        let mask = self.slots.len() - 1;
        let mut at = self.hash(style) & mask;
        loop {
            match self.slots[at] {
                0 => break,
                id if self.styles[usize::from(id)] == *style => return Some(id),
                _ => at = (at + 1) & mask,
            }
        }
        let id = match self.free.pop() {
            Some(id) => {
                self.styles[usize::from(id)] = *style;
                id
            }
            None if self.styles.len() <= MAX => {
                self.styles.push(*style);
                (self.styles.len() - 1) as u16
            }
            None => {
                self.misses += 1;
                return None;
            }
        };
        self.slots[at] = id;
        if (self.styles.len() - self.free.len()) * 2 > self.slots.len() {
            let used = self.used();
            self.rebuild(&used);
        }
        Some(id)
    }

    /// Whether looking for styles that are out of use is worth its cost.
    pub(crate) fn wants_collection(&self) -> bool {
        self.misses >= MISSES_TO_COLLECT
    }

    /// The styles that are not forgotten.
    pub(crate) fn used_styles(&self) -> impl Iterator<Item = &Style> {
        self.styles.iter().zip(self.used()).filter_map(|(style, used)| used.then_some(style))
    }

    fn used(&self) -> Vec<bool> {
        let mut used = vec![true; self.styles.len()];
        for &id in &self.free {
            used[usize::from(id)] = false;
        }
        used
    }

    /// As many flags as there are styles.
    pub(crate) fn none_used(&self) -> Vec<bool> {
        vec![false; self.styles.len()]
    }

    /// Forgets the styles that are not marked as used.
    pub(crate) fn collect(&mut self, used: &[bool]) {
        self.misses = 0;
        self.free = (1..self.styles.len()).filter(|id| !used[*id]).map(|id| id as u16).rev().collect();
        self.rebuild(used);
    }

    fn rebuild(&mut self, used: &[bool]) {
        let count = used.iter().filter(|used| **used).count();
        let size = (count * 4).next_power_of_two().max(64);
        self.slots = vec![0; size];
        for id in (1..self.styles.len()).filter(|id| used[*id]) {
            let mut at = self.hash(&self.styles[id]) & (size - 1);
            while self.slots[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = id as u16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Styles;
    use crate::color::Color;
    use crate::style::Style;

    fn colored(number: u32) -> Style {
        let (r, g, b) = ((number >> 16) as u8, (number >> 8) as u8, number as u8);
        Style { foreground: Color::rgb(r, g, b), ..Style::default() }
    }

    #[test]
    fn equal_styles_have_one_id() {
        let mut styles = Styles::new();
        let first = styles.intern(&colored(1)).unwrap();
        assert_ne!(styles.intern(&colored(2)).unwrap(), first);
        assert_eq!(styles.intern(&colored(1)).unwrap(), first);
        assert_eq!(styles.intern(&Style::default()), Some(0));
        assert!(*styles.get(first) == colored(1));
    }

    #[test]
    fn a_full_table_refuses_until_unused_styles_are_collected() {
        let mut styles = Styles::new();
        for number in 0..65_535 {
            assert!(styles.intern(&colored(number)).is_some());
        }
        assert_eq!(styles.intern(&colored(70_000)), None);
        assert!(styles.intern(&colored(65_534)).is_some());
        let mut used = styles.none_used();
        let kept = styles.intern(&colored(9)).unwrap();
        used[usize::from(kept)] = true;
        styles.collect(&used);
        assert_eq!(styles.intern(&colored(9)), Some(kept));
        let fresh = styles.intern(&colored(70_000)).unwrap();
        assert_ne!(fresh, kept);
        assert!(*styles.get(fresh) == colored(70_000));
    }
}
