//! Less text: repeated lines folded, the middle left out.

/// Lines that repeat the one before become one with a count.
pub(super) fn folded(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let mut count = 1_usize;
        while lines.next_if_eq(&line).is_some() {
            count += 1;
        }
        // Empty lines need no count to be seen.
        result.push_str(line);
        if count > 1 && !line.is_empty() {
            result.push_str(&format!(" [x{count}]"));
        }
        result.push('\n');
    }
    result.pop();
    result
}

/// Within `max` bytes: as many of the beginning as of the end, whole lines where that costs less than a half of either.
pub(super) fn head_and_tail(text: String, max: usize) -> String {
    if text.len() <= max {
        return text;
    }
    // The number has at most as many digits as that of all bytes.
    let longest = marker(text.len()).len();
    let part = max.saturating_sub(longest) / 2;
    if part == 0 {
        return text[..text.floor_char_boundary(max)].to_owned();
    }
    let head = text.floor_char_boundary(part);
    let head = text[..head].rfind('\n').filter(|at| *at >= head / 2).unwrap_or(head);
    let tail = text.ceil_char_boundary(text.len() - part);
    let line = text[tail..].find('\n').map(|at| tail + at + 1);
    let tail = line.filter(|at| text.len() - at >= (text.len() - tail) / 2).unwrap_or(tail);
    format!("{}{}{}", &text[..head], marker(tail - head), &text[tail..])
}

fn marker(omitted: usize) -> String {
    format!("\n[... {omitted} bytes omitted ...]\n")
}

#[cfg(test)]
mod tests {
    use super::{folded, head_and_tail};

    #[test]
    fn repeated_lines_become_one() {
        assert_eq!(folded("a\nb\nb\nb\n\n\na"), "a\nb [x3]\n\na");
        assert_eq!(folded(""), "");
    }

    #[test]
    fn a_budget_holds_for_every_size() {
        let text: String = (0..200).map(|line| format!("line {line} é漢\n")).collect();
        for max in 0..text.len() + 2 {
            let cut = head_and_tail(text.clone(), max);
            assert!(cut.len() <= max, "{} of {max}", cut.len());
            if (200..text.len()).contains(&max) {
                assert!(cut.starts_with("line 0 ") && cut.ends_with("line 199 é漢\n"));
                let at = cut.find("[... ").unwrap();
                let omitted: usize = cut[at + 5..].split(' ').next().unwrap().parse().unwrap();
                let marker = format!("\n[... {omitted} bytes omitted ...]\n");
                assert_eq!(cut.len() - marker.len() + omitted, text.len());
            }
        }
    }
}
