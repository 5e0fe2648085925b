//! Strings of a recording as JSON, fast where there is nothing to escape.

/// Appends a string with its quotes. JSON needs no more than quotes, backslashes and control characters escaped.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' => b'"',
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..0x20 | 0x7f => 0,
            _ => continue,
        };
        out.extend_from_slice(&bytes[start..at]);
        start = at + 1;
        if short > 0 {
            out.extend([b'\\', short]);
        } else {
            let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
            out.extend([b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    #[test]
    fn any_character_is_read_back() {
        let text: String = ('\0'..'\u{3000}').chain(['\u{10ffff}', '"', '\\']).collect();
        let mut out = Vec::new();
        super::string(&mut out, &text);
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        assert!(!out.contains(&b'\n'));
    }
}
