//! A line of text as the words of a command. No shell: only quotes mean something.

use crate::platform::Platform;
use std::fmt;
use std::ops::Range;

/// A command line, split into the words of its argv.
///
/// Space and tab separate words. Single and double quotes group and are removed, also inside a word; a backslash is
/// an ordinary character; `""` is an empty word. CR and LF at the end of the line are dropped.
///
/// ```
/// use vetty_policy::CommandLine;
///
/// let line = CommandLine::parse(r#"git commit -m 'a "quoted" word' "" "#)?;
/// assert_eq!(line.words(), ["git", "commit", "-m", "a \"quoted\" word", ""]);
/// # Ok::<(), vetty_policy::Malformed>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    words: Vec<String>,
    /// Where each word stands in the line, with its quotes.
    raw: Vec<Range<usize>>,
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// No word, or an empty first one.
    Empty,
    /// A quote that nothing closes.
    UnterminatedQuote,
    /// A quote behind a backslash, which escapes nothing here.
    EscapedQuote,
    /// Half of a surrogate pair: no text can hold it.
    LoneSurrogate,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Malformed::Empty => "Empty command",
            Malformed::UnterminatedQuote => "Malformed command: unterminated quote",
            Malformed::EscapedQuote => "Malformed command: a backslash does not escape a quote",
            Malformed::LoneSurrogate => "Malformed command: lone surrogate",
        })
    }
}

impl std::error::Error for Malformed {}

impl Malformed {
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Malformed::Empty => "the first word names the program",
            Malformed::UnterminatedQuote => "close the quote, or pass an argv array",
            Malformed::EscapedQuote => "use single quotes around double ones, or pass an argv array",
            Malformed::LoneSurrogate => "pass well-formed Unicode",
        }
    }
}

impl CommandLine {
    /// Splits a line.
    ///
    /// # Errors
    /// [`Malformed`]: an open quote, `\"` inside double quotes, `\"` or `\'` outside quotes, or no program.
    pub fn parse(line: &str) -> Result<CommandLine, Malformed> {
        let parsed = CommandLine::split(line)?;
        match parsed.words.first() {
            Some(program) if !program.is_empty() => Ok(parsed),
            _ => Err(Malformed::Empty),
        }
    }

    /// Splits a line given in UTF-16, as JavaScript and Windows hold text.
    ///
    /// # Errors
    /// As [`CommandLine::parse`], and a lone surrogate.
    pub fn from_utf16(line: &[u16]) -> Result<CommandLine, Malformed> {
        CommandLine::parse(&text_from_utf16(line)?)
    }

    /// The words, unquoted.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The words, unquoted.
    pub fn into_words(self) -> Vec<String> {
        self.words
    }

    /// A line that parses to exactly these words.
    ///
    /// A word that holds both kinds of quote is put together from pieces. Words that no line can spell (CR or LF at
    /// the very end is quoted and kept, so none of them) do not exist.
    pub fn quote<S: AsRef<str>>(words: &[S]) -> String {
        let mut line = String::new();
        for (i, word) in words.iter().enumerate() {
            if i > 0 {
                line.push(' ');
            }
            quote_word(&mut line, word.as_ref());
        }
        line
    }

    /// Words of a line or a pattern; there may be none.
    pub(crate) fn split(line: &str) -> Result<CommandLine, Malformed> {
        let line = line.trim_end_matches(['\r', '\n']);
        let bytes = line.as_bytes();
        let estimate = if line.len() < 512 { 12 } else { 32 };
        let mut split =
            CommandLine { words: Vec::with_capacity(estimate), raw: Vec::with_capacity(estimate) };
        let mut at = 0;
        while at < bytes.len() {
            if matches!(bytes[at], b' ' | b'\t') {
                at += 1;
                continue;
            }
            let (word, end) = word_at(line, at)?;
            split.words.push(word);
            split.raw.push(at..end);
            at = end;
        }
        Ok(split)
    }

    /// Where each word stands in the line.
    pub(crate) fn into_parts(self) -> (Vec<String>, Vec<Range<usize>>) {
        (self.words, self.raw)
    }
}

/// The word that starts at `start`, and where it ends.
fn word_at(line: &str, start: usize) -> Result<(String, usize), Malformed> {
    let bytes = line.as_bytes();
    let mut word = String::new();
    // What was not yet copied starts here.
    let mut from = start;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' => break,
            b'"' | b'\'' => {
                if at > from && bytes[at - 1] == b'\\' {
                    return Err(Malformed::EscapedQuote);
                }
                word.push_str(&line[from..at]);
                let close = closing_quote(bytes, at)?;
                word.push_str(&line[at + 1..close]);
                at = close + 1;
                from = at;
            }
            _ => at += 1,
        }
    }
    word.push_str(&line[from..at]);
    Ok((word, at))
}

fn closing_quote(bytes: &[u8], open: usize) -> Result<usize, Malformed> {
    let quote = bytes[open];
    let inside = &bytes[open + 1..];
    let length = inside.iter().position(|&b| b == quote).ok_or(Malformed::UnterminatedQuote)?;
    if quote == b'"' && length > 0 && inside[length - 1] == b'\\' {
        return Err(Malformed::EscapedQuote);
    }
    Ok(open + 1 + length)
}

fn quote_word(line: &mut String, word: &str) {
    let plain = |c: char| !matches!(c, ' ' | '\t' | '\r' | '\n' | '"' | '\'' | '\\');
    if !word.is_empty() && word.chars().all(plain) {
        line.push_str(word);
        return;
    }
    // Single quotes hold anything but themselves; double quotes hold those.
    for (i, piece) in word.split('\'').enumerate() {
        if i > 0 {
            line.push_str("\"'\"");
        }
        if !piece.is_empty() || word.is_empty() {
            line.push('\'');
            line.push_str(piece);
            line.push('\'');
        }
    }
}

/// UTF-16 as text.
///
/// # Errors
/// [`Malformed::LoneSurrogate`], where a conversion that replaces would judge another text than the one executed.
pub fn text_from_utf16(units: &[u16]) -> Result<String, Malformed> {
    String::from_utf16(units).map_err(|_| Malformed::LoneSurrogate)
}

/// What is wrong with the shape of argv\[0\], and what to do instead. `spelled`: an allow pattern writes this very word.
pub(crate) fn program_problem(
    platform: Platform,
    program: &str,
    spelled: bool,
) -> Option<(&'static str, &'static str)> {
    if program.starts_with('-') {
        return Some(("the program starts with a dash", "the first word names the program"));
    }
    if !platform.is_windows() && program.contains('\\') {
        return Some(("a backslash in the program", "a backslash escapes nothing; write the name as it is"));
    }
    if is_assignment(program) {
        return Some(("an assignment instead of a program", "pass variables by the call's env"));
    }
    if platform.is_windows() && has_stray_colon(program) {
        return Some(("a colon in the program", "alternate data streams cannot be run"));
    }
    if !spelled && !program.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return Some((
            "a control, invisible or non-ASCII character in the program",
            "retype the name, or spell it in an allow pattern",
        ));
    }
    None
}

/// `NAME=value` or `NAME+=value`, as a shell sees it.
pub(crate) fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else {
        return false;
    };
    let name = name.strip_suffix('+').unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn has_stray_colon(program: &str) -> bool {
    let bytes = program.as_bytes();
    let drive = bytes.len() > 1 && bytes[1] == b':' && bytes[0].is_ascii_alphabetic();
    program[if drive { 2 } else { 0 }..].contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        CommandLine::parse(line).unwrap().into_words()
    }

    #[test]
    fn quotes_group_and_glue() {
        assert_eq!(words("r'm' -\"rf\" x"), ["rm", "-rf", "x"]);
        assert_eq!(words("a 'b c'\"d e\"f"), ["a", "b cd ef"]);
        assert_eq!(words("printf '' \"\""), ["printf", "", ""]);
        assert_eq!(words("a\tb \t c"), ["a", "b", "c"]);
        assert_eq!(words("a 'it is \"so\"' \"it's\""), ["a", "it is \"so\"", "it's"]);
    }

    #[test]
    fn a_backslash_is_an_ordinary_character() {
        assert_eq!(words("a b\\ c"), ["a", "b\\", "c"]);
        assert_eq!(words(r"a ..\..\x 'b\' "), ["a", r"..\..\x", r"b\"]);
        assert_eq!(words(r#"a "b\n""#), ["a", r"b\n"]);
    }

    #[test]
    fn only_space_and_tab_separate() {
        assert_eq!(words("a b\u{a0}c d\u{2003}e f\u{b}g"), ["a", "b\u{a0}c", "d\u{2003}e", "f\u{b}g"]);
        assert_eq!(words("a b\nc"), ["a", "b\nc"]);
    }

    #[test]
    fn a_line_end_is_dropped() {
        assert_eq!(words("git status\r\n"), ["git", "status"]);
        assert_eq!(words("git status\n\n"), ["git", "status"]);
        assert_eq!(words("a 'b\n'"), ["a", "b\n"]);
    }

    #[test]
    fn malformed_lines_are_told_apart() {
        let error = |line| CommandLine::parse(line).unwrap_err();
        for line in ["", "   ", "\t", "\n", "\"\"", "'' x"] {
            assert_eq!(error(line), Malformed::Empty, "{line:?}");
        }
        for line in ["a 'b", "a \"b", "a b'", "a \"b'", "'"] {
            assert_eq!(error(line), Malformed::UnterminatedQuote, "{line:?}");
        }
        for line in [r#"a "b\"c""#, r#"a b\"c"#, r"a b\'c", r"a \'", r#"a \\"b""#, r#"\"a"#] {
            assert_eq!(error(line), Malformed::EscapedQuote, "{line:?}");
        }
        assert_eq!(words(r"a 'b\'"), ["a", r"b\"]);
        assert_eq!(words(r#"a "b\'c""#), ["a", r"b\'c"]);
        assert_eq!(words(r#"a 'b\"c'"#), ["a", r#"b\"c"#]);
    }

    #[test]
    fn lone_surrogates_are_no_text() {
        let units: Vec<u16> = "echo a".encode_utf16().chain([0xd800]).collect();
        assert_eq!(CommandLine::from_utf16(&units), Err(Malformed::LoneSurrogate));
        let units: Vec<u16> = "echo \u{1f600}".encode_utf16().collect();
        assert_eq!(CommandLine::from_utf16(&units).unwrap().words(), ["echo", "\u{1f600}"]);
    }

    #[test]
    fn quoting_round_trips() {
        for argv in
            [vec!["a", "", "b c"], vec!["a", "it's", "\"x\"", "'\"'", "\\\"", "\\"], vec!["a", "b\r\n"]]
        {
            assert_eq!(words(&CommandLine::quote(&argv)), argv);
        }
    }

    #[test]
    fn assignments_and_options_are_no_programs() {
        let problem = |program, spelled| program_problem(Platform::Linux, program, spelled).is_some();
        for program in
            ["A=1", "LD_PRELOAD=x", "_a1+=x", "-x", "\\rm", "a\u{a0}b", "rm\u{200b}", "rm\u{85}", "r\tm"]
        {
            assert!(problem(program, false), "{program:?}");
        }
        for program in ["git", "git status", "1=2", "a.b=c", "/usr/bin/x", "[", "mkfs.ext4"] {
            assert!(!problem(program, false), "{program:?}");
        }
        assert!(!problem("gr\u{fc}n", true));
        assert!(problem("-gr\u{fc}n", true));
        assert!(program_problem(Platform::Windows, "C:\\bin\\x.exe", false).is_none());
        assert!(program_problem(Platform::Windows, "rm.exe::$DATA", false).is_some());
    }
}
