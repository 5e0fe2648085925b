//! The parts of a word that a program may take for a path.
//!
//! Of each word: itself; what follows `=` after a name or an option; a leading `@`; a leading `file:`; what is glued
//! to `-X`; and again in each part.

use crate::path::{self, Anchor};
use crate::platform::Platform;

/// Parts within parts that are looked at. No honest argument comes near.
pub(crate) const MAX_DEPTH: usize = 24;

/// Calls `look` with each part of `word`, the whole word first. `false`: there are more than [`MAX_DEPTH`].
///
/// A word with a part `scheme://...` (but `file:`) has no part that is a path: `look` gets it with `url` set.
pub(crate) fn each(platform: Platform, word: &str, mut look: impl FnMut(Part<'_>)) -> bool {
    let mut found = [""; MAX_DEPTH];
    let mut count = 0;
    let mut url = false;
    let mut decoded = None;
    let mut next = Some(word);
    while let Some(part) = next {
        if count == MAX_DEPTH {
            return false;
        }
        found[count] = part;
        count += 1;
        if is_url(part) {
            url = true;
            break;
        }
        if let Some(file) = after_file_scheme(part) {
            decoded = percent_decoded(file);
        }
        next = inner(platform, part);
    }
    for part in &found[..count] {
        look(Part { text: part, url });
    }
    if let Some(decoded) = decoded {
        look(Part {
            text: &decoded,
            url: false,
        });
    }
    true
}

/// A part of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) text: &'a str,
    /// It is or ends in a URL.
    pub(crate) url: bool,
}

fn inner(platform: Platform, part: &str) -> Option<&str> {
    if let Some(file) = after_file_scheme(part) {
        return Some(file);
    }
    if let Some(rest) = part.strip_prefix('@') {
        return Some(rest).filter(|rest| !rest.is_empty());
    }
    if let Some(value) = after_equals(part) {
        return Some(value).filter(|value| !value.is_empty());
    }
    if platform.is_windows()
        && let Some(value) = after_slash_option(part)
    {
        return Some(value);
    }
    glued(part)
}

/// `-Xvalue`.
fn glued(part: &str) -> Option<&str> {
    let option = part.strip_prefix('-').filter(|rest| !rest.starts_with('-'))?;
    let letter = option.chars().next()?;
    let value = &option[letter.len_utf8()..];
    (!value.is_empty() && !matches!(letter, '/' | '\\')).then_some(value)
}

/// `name=value`, `--option=value`, `-x=value`.
fn after_equals(part: &str) -> Option<&str> {
    let at = part.bytes().position(|b| {
        b == b'=' || b == b'/' || b == b'\\' || b.is_ascii_whitespace() || b == b'"' || b == b'\''
    })?;
    (at > 0 && part.as_bytes()[at] == b'=').then(|| &part[at + 1..])
}

/// `/out:value`, as Windows' own programs write it.
fn after_slash_option(part: &str) -> Option<&str> {
    let option = part.strip_prefix('/')?;
    let (name, value) = option.split_once(':')?;
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    (named && !value.is_empty()).then_some(value)
}

/// What follows `file:`, or the scheme of a transport over files (`git+file:`).
fn after_file_scheme(part: &str) -> Option<&str> {
    let at = part.bytes().take(32).position(|b| b == b':')?;
    let scheme = &part[..at];
    let file = scheme
        .rsplit('+')
        .next()
        .is_some_and(|last| last.eq_ignore_ascii_case("file"));
    (file && at + 1 < part.len()).then(|| &part[at + 1..])
}

fn is_url(part: &str) -> bool {
    let Some(at) = part
        .bytes()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')))
    else {
        return false;
    };
    part.starts_with(|c: char| c.is_ascii_alphabetic())
        && part[at..].starts_with("://")
        && after_file_scheme(part).is_none()
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    Some(String::from_utf8_lossy(&decoded).into_owned())
}

/// Whether a part has a segment of two or more dots. A last one of exactly three behind a separator (`./...`) is none.
pub(crate) fn has_dot_segment(platform: Platform, text: &str) -> bool {
    if !text.contains("..") {
        return false;
    }
    let mut segments = text.split(['/', '\\']).peekable();
    let mut first = true;
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if is_dots(platform, segment) && !(last && !first && segment == "...") {
            return true;
        }
        first = false;
    }
    false
}

fn is_dots(platform: Platform, segment: &str) -> bool {
    // Win32 drops trailing spaces of a name.
    let segment = if platform.is_windows() {
        segment.trim_end_matches(' ')
    } else {
        segment
    };
    segment.len() >= 2 && segment.bytes().all(|b| b == b'.')
}

/// What a part may mean to a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Nothing that can be opened.
    Nothing,
    /// A path that may lead anywhere: it is never granted.
    Unknown,
    /// A path to look up.
    Path,
}

/// What `part` may mean, by its spelling.
pub(crate) fn meaning(platform: Platform, part: &str) -> Meaning {
    if part.is_empty() {
        return Meaning::Nothing;
    }
    if part.starts_with('~') {
        return Meaning::Unknown;
    }
    if part.len() >= platform.max_path() {
        // No system call takes it; but what it starts with might be cut off and used.
        return if anchor_leads_out(platform, part) {
            Meaning::Unknown
        } else {
            Meaning::Nothing
        };
    }
    if !platform.is_windows() {
        return if leads_to_another_process(part) {
            Meaning::Unknown
        } else {
            Meaning::Path
        };
    }
    match path::anchor(platform, part) {
        Anchor::Unc | Anchor::DriveRelative => Meaning::Unknown,
        anchor => {
            let rest = if anchor == Anchor::Absolute {
                &part[2..]
            } else {
                part
            };
            let stream = rest.contains(':') && (rest.contains("::") || rest.contains(['/', '\\']));
            if stream || is_windows_device(part) {
                Meaning::Unknown
            } else {
                Meaning::Path
            }
        }
    }
}

fn anchor_leads_out(platform: Platform, part: &str) -> bool {
    path::anchor(platform, part) != Anchor::Relative || part.contains("..")
}

/// /proc/self/root and its like mean something else to the child than to whoever looks now.
fn leads_to_another_process(part: &str) -> bool {
    if !part.starts_with('/') {
        return false;
    }
    let mut names = path::names(Platform::Linux, part);
    match (names.next(), names.next()) {
        (Some("dev"), Some("fd" | "stdin" | "stdout" | "stderr")) => true,
        (Some("proc"), Some(process)) => {
            process.bytes().all(|b| b.is_ascii_digit()) || matches!(process, "self" | "thread-self")
        }
        _ => false,
    }
}

fn is_windows_device(part: &str) -> bool {
    let name = part.rsplit(['/', '\\']).next().unwrap_or(part);
    let stem = name
        .split(['.', ':'])
        .next()
        .unwrap_or(name)
        .trim_end_matches(' ');
    let numbered = |prefix: &str| {
        stem.len() == 4
            && stem
                .get(..3)
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            && stem.as_bytes()[3].is_ascii_digit()
    };
    ["CON", "PRN", "AUX", "CONIN$", "CONOUT$"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
        || numbered("COM")
        || numbered("LPT")
}

/// The device that swallows everything, which any argument may name.
pub(crate) fn is_null_device(platform: Platform, part: &str) -> bool {
    if platform.is_windows() {
        part.eq_ignore_ascii_case("NUL")
    } else {
        part == "/dev/null"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(word: &str) -> Vec<String> {
        let mut found = Vec::new();
        assert!(each(Platform::Linux, word, |part| found.push(part.text.to_owned())));
        found
    }

    fn traverses(word: &str) -> bool {
        let mut found = false;
        each(Platform::Linux, word, |part| {
            found |= !part.url && has_dot_segment(Platform::Linux, part.text)
        });
        found
    }

    #[test]
    fn parts_are_looked_at_again_in_each_part() {
        assert_eq!(
            parts("--opt=@file:../x"),
            ["--opt=@file:../x", "@file:../x", "file:../x", "../x"]
        );
        assert_eq!(parts("-I/etc"), ["-I/etc", "/etc"]);
        assert_eq!(parts("-f=../x"), ["-f=../x", "../x"]);
        assert_eq!(parts("-f@../x"), ["-f@../x", "@../x", "../x"]);
        assert_eq!(parts("a=b=/c"), ["a=b=/c", "b=/c", "/c"]);
        assert_eq!(parts("--color"), ["--color"]);
        assert_eq!(parts("a b=/etc"), ["a b=/etc"]);
        assert_eq!(parts("file:/%2e%2e/x"), ["file:/%2e%2e/x", "/%2e%2e/x", "/../x"]);
        assert_eq!(parts("FILE:///etc"), ["FILE:///etc", "///etc"]);
    }

    #[test]
    fn too_many_parts_are_no_argument() {
        assert!(!each(Platform::Linux, &"a=".repeat(100), |_| ()));
        assert!(!each(Platform::Linux, &"@".repeat(100_000), |_| ()));
        assert!(each(Platform::Linux, &"=".repeat(100_000), |_| ()));
    }

    #[test]
    fn segments_of_dots_are_traversal() {
        for word in [
            "..",
            "../x",
            "a/..",
            "a/../b",
            "..\\x",
            "a\\..",
            ".../x",
            "....",
            "x/.../y",
            "-C..",
            "-C../x",
            "--opt=..",
            "--opt=../x",
            "@..",
            "@../x",
            "file:../x",
            "file:..",
            "x=..",
            "--opt=@file:../x",
            "...",
            "/..",
            "a/....",
            "file:%2e%2e/x",
            "-C...",
            "../..",
            "main/../x",
        ] {
            assert!(traverses(word), "{word}");
        }
    }

    #[test]
    fn ranges_ellipses_and_versions_are_none() {
        for word in [
            "HEAD..",
            "main..x",
            "HEAD~1..",
            "..HEAD",
            "a...b",
            "wait...",
            "v1../v2",
            "origin/main..HEAD",
            "./...",
            "cmd/...",
            "so ... then",
            "a..b/c",
            "1..3",
            "https://x/../y",
            "--url=https://x/../y",
            "%2e%2e%2fsecret",
            "\u{ff0e}\u{ff0e}/x",
            ".",
            "./x",
            "a/./b",
            ".hidden",
            "x.",
            "--",
            "-",
            "",
        ] {
            assert!(!traverses(word), "{word}");
        }
    }

    #[test]
    fn windows_spellings_that_lead_anywhere_are_unknown() {
        let meaning = |part| meaning(Platform::Windows, part);
        for part in [
            "C:secret.txt",
            "\\\\host\\share\\x",
            "//host/share",
            "\\\\?\\C:\\x",
            "f.txt::$DATA",
            "C:\\ws\\f:s",
            "~\\x",
            "CON",
            "sub\\com1.txt",
            "lpt9",
        ] {
            assert_eq!(meaning(part), Meaning::Unknown, "{part}");
        }
        for part in ["C:\\x", "a\\b", "foo", "node:20", "company", "con_x"] {
            assert_eq!(meaning(part), Meaning::Path, "{part}");
        }
    }

    #[test]
    fn paths_into_other_processes_are_unknown() {
        for part in [
            "/proc/self/root/etc",
            "/proc/1/root",
            "/dev/fd/3",
            "/dev/stdin",
            "//proc//self",
            "/proc/thread-self/cwd",
        ] {
            assert_eq!(meaning(Platform::Linux, part), Meaning::Unknown, "{part}");
        }
        assert_eq!(meaning(Platform::Linux, "/proc/cpuinfo"), Meaning::Path);
        assert_eq!(meaning(Platform::Linux, "~x"), Meaning::Unknown);
        assert_eq!(meaning(Platform::Linux, &"a/".repeat(5000)), Meaning::Nothing);
        assert_eq!(meaning(Platform::Linux, &"/a".repeat(5000)), Meaning::Unknown);
    }
}
