//! What a Rust source file says, comments and literals aside.

/// The rooms that know an operating system, and those whose code may be `unsafe`.
const PLATFORM_ROOMS: [&str; 4] = [
    "crates/process/src/sys/",
    "crates/policy/src/host/this_machine/",
    "crates/sandbox/src/support/",
    "crates/ssh/src/agent_socket/",
];
const UNSAFE_ROOMS: [&str; 1] = ["crates/process/src/sys/"];

/// Words of a `cfg` that name a platform.
const PLATFORM_WORDS: [&str; 8] = [
    "unix",
    "windows",
    "target_os",
    "target_family",
    "target_env",
    "target_arch",
    "target_vendor",
    "target_abi",
];

/// A file with its comments and the content of its literals blanked, line by line.
pub struct SourceFile {
    pub path: String,
    first_line: String,
    code: String,
}

impl SourceFile {
    pub fn new(path: String, text: &str) -> Self {
        let first_line = text.lines().next().unwrap_or_default().to_owned();
        Self { path, first_line, code: code_of(text) }
    }

    fn is_in(&self, rooms: &[&str]) -> bool {
        // A room `sys/` may also be the one file `sys.rs`.
        rooms.iter().any(|room| {
            self.path.starts_with(room)
                || self.path.strip_suffix(".rs").is_some_and(|path| room.strip_suffix('/') == Some(path))
        })
    }

    fn line_of(&self, offset: usize) -> usize {
        self.code[..offset].matches('\n').count() + 1
    }
}

/// Crates whose `lib.rs` does not forbid unsafe code.
pub fn without_unsafe_lint(files: &[SourceFile]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.path.split('/').skip(3).eq(["lib.rs"])) {
        let wanted = match file.path.as_str() {
            // The one crate that makes system calls; the workspace's lints ask for a reason for each.
            "crates/process/src/lib.rs" => continue,
            // What `#[napi]` expands to allows itself an `unsafe` constructor, which `forbid` would refuse.
            "crates/node/src/lib.rs" => "#![deny(unsafe_code)]",
            _ => "#![forbid(unsafe_code)]",
        };
        if !file.code.lines().any(|line| line.trim() == wanted) {
            wrong.push(format!("{} lacks {wanted}", file.path));
        }
    }
    wrong
}

/// `unsafe` outside of the rooms for it.
pub fn misplaced_unsafe(files: &[SourceFile]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !file.is_in(&UNSAFE_ROOMS)) {
        for (offset, _) in words(&file.code).filter(|(_, word)| *word == "unsafe") {
            wrong.push(format!("{}:{}: unsafe", file.path, file.line_of(offset)));
        }
    }
    wrong
}

/// `cfg`s of a platform outside of the rooms for it.
pub fn misplaced_platform(files: &[SourceFile]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !file.is_in(&PLATFORM_ROOMS)) {
        let conditional =
            words(&file.code).filter(|(_, word)| ["cfg", "cfg_attr", "cfg_select"].contains(word));
        for (offset, word) in conditional {
            let condition = in_brackets(&file.code[offset + word.len()..]);
            if let Some((_, platform)) = words(condition).find(|(_, word)| PLATFORM_WORDS.contains(word)) {
                wrong.push(format!("{}:{}: {word} of {platform}", file.path, file.line_of(offset)));
            }
        }
    }
    wrong
}

/// Files that do not open with a sentence on what they are for.
pub fn without_first_line(files: &[SourceFile]) -> Vec<String> {
    let opens = |file: &&SourceFile| file.first_line.starts_with("//! ");
    files.iter().filter(|file| !opens(file)).map(|file| format!("{}: no `//!` first", file.path)).collect()
}

/// Identifiers and keywords with their offsets.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let is_word = |c: char| c == '_' || c.is_alphanumeric();
        let begin = rest + code[rest..].find(is_word)?;
        let end = code[begin..].find(|c| !is_word(c)).map_or(code.len(), |length| begin + length);
        rest = end;
        Some((begin, &code[begin..end]))
    })
}

/// The content of the brackets that `code` opens with, after `!` and spaces; nothing if it opens none.
fn in_brackets(code: &str) -> &str {
    let code = code.trim_start_matches(['!', ' ', '\n']);
    let mut depth = 0usize;
    for (offset, character) in code.char_indices() {
        match character {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return &code[..offset];
        }
    }
    code
}

/// The text with comments, strings and character literals blanked; lines stay where they are.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after_word = code.chars().next_back().is_some_and(|c| c == '_' || c.is_alphanumeric());
        let length = match character {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => quoted(rest, '"'),
            'r' | 'b' | 'c' if !after_word => raw_string(rest).unwrap_or(0),
            '\'' => character_literal(rest).unwrap_or(0),
            _ => 0,
        };
        if length == 0 {
            code.push(character);
            rest = &rest[character.len_utf8()..];
        } else {
            let (skipped, after) = rest.split_at(length);
            code.extend(skipped.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = after;
        }
    }
    code
}

/// The length of a block comment, which may hold others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a literal with escapes, its quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (offset, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return offset + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `r"..."`, `br#"..."#` and their like.
fn raw_string(text: &str) -> Option<usize> {
    let inner = text.trim_start_matches(['b', 'c']).strip_prefix('r')?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    let body = inner[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = text.len() - body.len();
    Some(body.find(&end).map_or(text.len(), |length| begin + length + end.len()))
}

/// The length of a character literal; a lifetime is none.
fn character_literal(text: &str) -> Option<usize> {
    let mut characters = text.chars().skip(1);
    let first = characters.next()?;
    (first == '\\' || characters.next() == Some('\'')).then(|| quoted(text, '\''))
}

#[cfg(test)]
mod tests {
    use super::{SourceFile, misplaced_platform, misplaced_unsafe, without_first_line, without_unsafe_lint};

    fn file(path: &str, text: &str) -> [SourceFile; 1] {
        [SourceFile::new(path.to_owned(), text)]
    }

    #[test]
    fn unsafe_outside_of_its_rooms_is_found_with_its_line() {
        let text = "//! Spawns.\nfn f() {\n    unsafe { g() }\n}\n";
        assert_eq!(
            misplaced_unsafe(&file("crates/process/src/pipe.rs", text)),
            ["crates/process/src/pipe.rs:3: unsafe"]
        );
        assert!(misplaced_unsafe(&file("crates/process/src/sys/linux/clone.rs", text)).is_empty());
        assert!(misplaced_unsafe(&file("crates/process/src/sys.rs", text)).is_empty());
    }

    #[test]
    fn unsafe_in_comments_literals_and_longer_words_is_none() {
        let text = r####"
            #![forbid(unsafe_code)] // unsafe
            /* unsafe /* unsafe */ unsafe */
            const A: &str = "unsafe \" unsafe"; const B: &str = r#"unsafe " unsafe"#; const C: char = '"';
            fn f<'a>(x: &'a str) -> &'a str { x }
        "####;
        assert!(misplaced_unsafe(&file("crates/vetty/src/pump.rs", text)).is_empty());
    }

    #[test]
    fn code_after_a_literal_is_still_code() {
        for before in [r##""\\""##, r##"r#"""#"##, r"'\''", r##"'"'"##, "/* \" */", "&'a str"] {
            let text = format!("{before}; unsafe {{}}");
            assert_eq!(misplaced_unsafe(&file("crates/vetty/src/pump.rs", &text)).len(), 1, "{before}");
        }
    }

    #[test]
    fn a_platform_outside_of_its_rooms_is_found() {
        let forms = [
            "#[cfg(unix)]",
            "#[cfg(not(windows))]",
            "if cfg!(target_os = \"linux\") {}",
            "#![cfg_attr(unix, x)]",
            "#[cfg(any(test,\n  target_family = \"unix\"))]",
            "cfg_select! { windows => {} _ => {} }",
        ];
        for form in forms {
            assert_eq!(misplaced_platform(&file("crates/policy/src/pattern.rs", form)).len(), 1, "{form}");
            assert!(misplaced_platform(&file("crates/process/src/sys/mod.rs", form)).is_empty(), "{form}");
        }
    }

    #[test]
    fn other_conditions_and_platforms_as_values_pass() {
        let text = "#[cfg(test)] mod tests {}\n#[cfg(feature = \"unix\")] fn windows(unix: bool) {}";
        assert!(misplaced_platform(&file("crates/policy/src/pattern.rs", text)).is_empty());
    }

    #[test]
    fn a_crate_that_does_not_forbid_unsafe_code_is_found() {
        let wrong = "//! Judges.\n// #![forbid(unsafe_code)]\n#![allow(unsafe_code)]\n";
        assert_eq!(without_unsafe_lint(&file("crates/policy/src/lib.rs", wrong)).len(), 1);
        assert_eq!(without_unsafe_lint(&file("crates/node/src/lib.rs", wrong)).len(), 1);
        assert!(
            without_unsafe_lint(&file("crates/policy/src/lib.rs", "#![forbid(unsafe_code)]\n")).is_empty()
        );
        assert!(without_unsafe_lint(&file("crates/policy/src/rule.rs", wrong)).is_empty());
    }

    #[test]
    fn a_module_that_does_not_say_what_it_is_for_is_found() {
        assert_eq!(without_first_line(&file("crates/policy/src/rule.rs", "use std::fmt;\n")).len(), 1);
        assert!(without_first_line(&file("crates/policy/src/rule.rs", "//! What a rule says.\n")).is_empty());
    }
}
