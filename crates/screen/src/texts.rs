//! Short texts by ids, each held once: clusters of code points, and links.

use std::collections::HashMap;
use std::sync::Arc;

/// A bounded table of texts. Id 0 is the empty text and always there.
#[derive(Debug)]
pub(crate) struct Texts {
    texts: Vec<Arc<str>>,
    ids: HashMap<Arc<str>, u32>,
    free: Vec<u32>,
    bytes: usize,
    max_count: usize,
    max_bytes: usize,
    misses: usize,
}

/// Texts refused between two collections, each of which looks at every cell.
const MISSES_TO_COLLECT: usize = 4096;

/// What an entry costs beside its bytes.
const OVERHEAD: usize = 64;

impl Texts {
    pub(crate) fn new(max_count: usize, max_bytes: usize) -> Self {
        Self {
            texts: vec![Arc::from("")],
            ids: HashMap::new(),
            free: Vec::new(),
            bytes: 0,
            max_count,
            max_bytes,
            misses: MISSES_TO_COLLECT,
        }
    }

    pub(crate) fn get(&self, id: u32) -> &str {
        self.texts.get(id as usize).map_or("", |text| text)
    }

    /// The id of a text, or none if the table is full.
    pub(crate) fn intern(&mut self, text: &str) -> Option<u32> {
        if let Some(id) = self.ids.get(text) {
            return Some(*id);
        }
        let cost = text.len() + OVERHEAD;
        if self.ids.len() >= self.max_count || self.bytes + cost > self.max_bytes {
            self.misses += 1;
            return None;
        }
        let text: Arc<str> = Arc::from(text);
        let id = match self.free.pop() {
            Some(id) => {
                self.texts[id as usize] = Arc::clone(&text);
                id
            }
            None => {
                self.texts.push(Arc::clone(&text));
                (self.texts.len() - 1) as u32
            }
        };
        self.ids.insert(text, id);
        self.bytes += cost;
        Some(id)
    }

    /// Whether looking for texts that are out of use is worth its cost.
    pub(crate) fn wants_collection(&self) -> bool {
        self.misses >= MISSES_TO_COLLECT
    }

    /// As many flags as there are texts.
    pub(crate) fn none_used(&self) -> Vec<bool> {
        vec![false; self.texts.len()]
    }

    /// Forgets the texts that are not marked as used.
    pub(crate) fn collect(&mut self, used: &[bool]) {
        self.misses = 0;
        self.free.clear();
        for id in (1..self.texts.len()).rev().filter(|id| !used[*id]) {
            let text = std::mem::replace(&mut self.texts[id], Arc::from(""));
            if self.ids.remove(&text).is_some() {
                self.bytes -= text.len() + OVERHEAD;
            }
            self.free.push(id as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn the_table_is_bounded_in_count_and_in_bytes() {
        let mut texts = Texts::new(2, 1000);
        let a = texts.intern("a").unwrap();
        assert_eq!(texts.intern("a"), Some(a));
        assert!(texts.intern(&"b".repeat(2000)).is_none());
        assert!(texts.intern("b").is_some());
        assert!(texts.intern("c").is_none());
    }

    #[test]
    fn collecting_frees_what_is_not_used() {
        let mut texts = Texts::new(2, 1000);
        let (a, b) = (texts.intern("a").unwrap(), texts.intern("b").unwrap());
        let mut used = texts.none_used();
        used[a as usize] = true;
        texts.collect(&used);
        assert_eq!(texts.intern("c"), Some(b));
        assert_eq!((texts.get(a), texts.get(b)), ("a", "c"));
    }
}
