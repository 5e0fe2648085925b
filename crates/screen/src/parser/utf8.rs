//! Characters out of bytes, checked and decoded in one pass.

/// The character that `bytes` begin with and its length. None for a control, for the beginning of a character without
/// its rest, and for what is no UTF-8.
#[inline(always)]
pub(crate) fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    const TAIL: std::ops::RangeInclusive<u8> = 0x80..=0xbf;
    let first = *bytes.first()?;
    if first < 0x80 {
        return (0x20..0x7f).contains(&first).then_some((char::from(first), 1));
    }
    let tail =
        |at: usize| bytes.get(at).filter(|byte| TAIL.contains(byte)).map(|byte| u32::from(byte & 0x3f));
    let second = tail(1)?;
    let (code, size, least) = match first {
        // Below 0xa0 are the C1 controls.
        0xc2..0xe0 => ((u32::from(first & 0x1f) << 6) | second, 2, 0xa0),
        0xe0..0xf0 => ((u32::from(first & 0x0f) << 12) | (second << 6) | tail(2)?, 3, 0x800),
        0xf0..0xf5 => {
            ((u32::from(first & 0x07) << 18) | (second << 12) | (tail(2)? << 6) | tail(3)?, 4, 0x1_0000)
        }
        _ => return None,
    };
    char::from_u32(code).filter(|_| code >= least).map(|ch| (ch, size))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn every_character_is_decoded_and_controls_are_not() {
        for ch in '\0'..=char::MAX {
            let mut buffer = [0; 4];
            let bytes = ch.encode_utf8(&mut buffer).as_bytes();
            let expected = (!ch.is_control()).then_some((ch, bytes.len()));
            assert_eq!(decode(bytes), expected, "U+{:04X}", u32::from(ch));
        }
    }

    #[test]
    fn what_is_no_utf8_is_not_decoded() {
        for first in 0x80..=0xff_u8 {
            for second in 0..=0xff_u8 {
                for rest in [&[][..], &[0x80], &[0x80, 0x80], &[0xbf, 0x20], &[0x20, 0x80]] {
                    let bytes = [&[first, second], rest].concat();
                    let end = (1..=bytes.len()).find(|end| std::str::from_utf8(&bytes[..*end]).is_ok());
                    let expected = end.and_then(|end| {
                        let ch = std::str::from_utf8(&bytes[..end]).ok()?.chars().next()?;
                        (!ch.is_control()).then_some((ch, end))
                    });
                    assert_eq!(decode(&bytes), expected, "{bytes:x?}");
                }
            }
        }
    }
}
