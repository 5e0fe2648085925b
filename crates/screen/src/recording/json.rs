//! Strings of a recording as JSON, fast where there is nothing to escape.

/// Appends a string with its quotes. JSON needs no more than quotes, backslashes and control characters escaped.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + text.len() / 8 + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (clean, behind) = rest.split_at(clean(rest));
        out.extend_from_slice(clean);
        let Some((&byte, behind)) = behind.split_first() else {
            break;
        };
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            _ => 0,
        };
        if short > 0 {
            out.extend_from_slice(&[b'\\', short]);
        } else {
            let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
        }
        rest = behind;
    }
    out.push(b'"');
}

fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// How many bytes there are before the first one that is escaped.
fn clean(bytes: &[u8]) -> usize {
    let (blocks, rest) = bytes.as_chunks::<16>();
    for (at, block) in blocks.iter().enumerate() {
        // All bytes of a block are looked at, so that it takes a few instructions for all of them.
        if block.iter().fold(false, |any, &byte| any | is_escaped(byte)) {
            let within = block.iter().position(|&byte| is_escaped(byte));
            return at * 16 + within.unwrap_or(0);
        }
    }
    let start = bytes.len() - rest.len();
    rest.iter().position(|&byte| is_escaped(byte)).map_or(bytes.len(), |at| start + at)
}

#[cfg(test)]
mod tests {
    #[test]
    fn any_character_is_read_back() {
        let text: String = ('\0'..'\u{3000}').chain(['\u{10ffff}', '"', '\\']).collect();
        for start in (0..40).filter(|start| text.is_char_boundary(*start)) {
            let mut out = Vec::new();
            super::string(&mut out, &text[start..]);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text[start..]);
            assert!(out.iter().all(|byte| *byte >= 0x20));
        }
    }
}
