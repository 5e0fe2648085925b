//! Characters that are drawn by code, so that lines meet without a seam whatever the font: box drawing, blocks, Braille,
//! sextants and Powerline.

mod blocks;
mod boxes;
mod powerline;

/// A cell in pixels, and how thick a light line is in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CellBox {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) line: f32,
}

/// Something to be painted, as the path data of SVG, from the upper left corner of the cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    pub(crate) path: String,
    pub(crate) paint: Paint,
}

/// How a path is painted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Paint {
    /// Its inside, so opaque: 255 is all.
    Fill(u8),
    /// Its line, so thick.
    Stroke(f32),
}

impl Shape {
    fn fill(path: String) -> Self {
        Self { path, paint: Paint::Fill(255) }
    }

    fn rect(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self::fill(rect(left, top, right, bottom))
    }

    fn stroke(path: String, width: f32) -> Self {
        Self { path, paint: Paint::Stroke(width) }
    }
}

fn rect(left: f32, top: f32, right: f32, bottom: f32) -> String {
    format!("M{left} {top}H{right}V{bottom}H{left}Z")
}

/// What a character consists of; nothing for one that is left to the font.
pub(crate) fn shapes(ch: char, cell: &CellBox) -> Option<Vec<Shape>> {
    match ch {
        '\u{2500}'..='\u{257f}' => Some(boxes::shapes(ch, cell)),
        '\u{2580}'..='\u{259f}' | '\u{2800}'..='\u{28ff}' | '\u{1fb00}'..='\u{1fb3b}' => {
            Some(blocks::shapes(ch, cell))
        }
        '\u{e0b0}'..='\u{e0bf}' => Some(powerline::shapes(ch, cell)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{CellBox, Paint, shapes};

    const CELL: CellBox = CellBox { width: 10.0, height: 20.0, line: 1.0 };

    /// The numbers of a path that stand for places; all its commands here are absolute.
    fn numbers(path: &str) -> Vec<f32> {
        let number = |part: &str| part.parse::<f32>().unwrap_or_else(|_| panic!("{part} in {path}"));
        path.split(|c: char| c.is_ascii_alphabetic() || c == ' ')
            .filter(|part| !part.is_empty())
            .map(number)
            .collect()
    }

    #[test]
    fn each_character_of_the_blocks_shows_something_within_its_cell() {
        let all = ('\u{2500}'..='\u{259f}').chain('\u{e0b0}'..='\u{e0bf}').chain('\u{1fb00}'..='\u{1fb3b}');
        for ch in all.chain('\u{2801}'..='\u{28ff}') {
            let shapes = shapes(ch, &CELL).unwrap();
            assert!(!shapes.is_empty(), "U+{:04X} shows nothing", u32::from(ch));
            for shape in shapes {
                let limit = if matches!(shape.paint, Paint::Stroke(_)) { -1.0..=21.0 } else { 0.0..=20.0 };
                assert!(numbers(&shape.path).iter().all(|number| limit.contains(number)), "{}", shape.path);
            }
        }
        assert!(shapes('a', &CELL).is_none() && shapes('\u{2800}', &CELL).unwrap().is_empty());
    }

    #[test]
    fn no_two_characters_look_the_same() {
        let mut seen = std::collections::HashMap::new();
        for ch in ('\u{2500}'..='\u{259f}').chain('\u{2800}'..='\u{28ff}').chain('\u{1fb00}'..='\u{1fb3b}') {
            let key = format!("{:?}", shapes(ch, &CELL));
            let before = seen.insert(key, ch);
            assert!(before.is_none(), "U+{:04X} is as {before:?}", u32::from(ch));
        }
    }

    #[test]
    fn a_line_reaches_the_edges_of_its_cell() {
        let horizontal = &shapes('─', &CELL).unwrap();
        let ends: Vec<f32> = horizontal.iter().flat_map(|shape| numbers(&shape.path)).collect();
        assert!(ends.contains(&0.0) && ends.contains(&10.0));
    }
}
