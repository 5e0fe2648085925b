//! How many columns a character takes.

use unicode_segmentation::GraphemeCursor;
use unicode_width::UnicodeWidthChar;

/// Columns of a character as `wcwidth` counts them, which programs do: 0, 1 or 2. `wide` is for the characters whose
/// width is ambiguous.
#[inline]
pub(crate) fn width(ch: char, wide: bool) -> u8 {
    match u32::from(ch) {
        0x20..0x7f => 1,
        // The soft hyphen, which terminals show.
        0xad => 1,
        0xa0..0x300 | 0x370..0x483 | 0x48a..0x530 if !wide => 1,
        0x3041..0x3097 | 0x30a0..0x3100 | 0x3400..0x4dc0 | 0x4e00..0xa48d | 0xac00..0xd7a4 => 2,
        // Marks, joiners, what chooses a variant; flags, skin, people and things.
        0x300..0x370 | 0x200b..0x2010 | 0xfe00..0xfe10 => 0,
        0x1f1e6..0x1f200 if !wide => 1,
        0x1f3fb..0x1f43f | 0x1f442..0x1f4fd => 2,
        _ if wide => ch.width_cjk().unwrap_or(0).min(2) as u8,
        _ => ch.width().unwrap_or(0).min(2) as u8,
    }
}

/// Whether a character continues the cluster before it (mode 2027).
pub(crate) fn joins(cluster: &str, ch: char) -> bool {
    let mut buffer = [0; 64];
    let mut text = String::new();
    let joined = match cluster.len() + ch.len_utf8() {
        size if size <= buffer.len() => {
            buffer[..cluster.len()].copy_from_slice(cluster.as_bytes());
            ch.encode_utf8(&mut buffer[cluster.len()..]);
            std::str::from_utf8(&buffer[..size]).unwrap_or("")
        }
        _ => {
            text.push_str(cluster);
            text.push(ch);
            &text
        }
    };
    let mut cursor = GraphemeCursor::new(cluster.len(), joined.len(), true);
    cursor.is_boundary(joined, 0) == Ok(false)
}

/// Columns of a cluster (mode 2027): those of its first character, two if an emoji presentation is asked for.
pub(crate) fn cluster_width(first: u8, ch: char) -> u8 {
    match ch {
        '\u{fe0f}' => 2,
        // Two regional indicators are one flag; Indic and Hangul parts keep the width of the base.
        '\u{1f1e6}'..='\u{1f1ff}' => 2,
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::{joins, width};
    use unicode_width::UnicodeWidthChar;

    #[test]
    fn the_short_cuts_say_what_the_table_says() {
        for ch in '\u{20}'..=char::MAX {
            let table = if ch == '\u{ad}' { 1 } else { ch.width().unwrap_or(0) as u8 };
            assert_eq!(width(ch, false), table.min(2), "U+{:04X}", u32::from(ch));
        }
    }

    #[test]
    fn what_is_ambiguous_can_be_wide() {
        assert_eq!((width('①', false), width('①', true)), (1, 2));
        assert_eq!((width('a', true), width('漢', true)), (1, 2));
    }

    #[test]
    fn a_family_is_one_cluster() {
        let family = "👨\u{200d}👩\u{200d}👧";
        let mut cluster = String::new();
        for ch in family.chars() {
            assert!(cluster.is_empty() || joins(&cluster, ch));
            cluster.push(ch);
        }
        assert!(!joins(family, 'a') && !joins("a", 'b') && joins("e", '\u{301}'));
    }
}
