//! Lines as sh sees them.

use super::{ShellWord, SimpleCommand};
use crate::arguments::characters::expands;
use crate::command_line::is_assignment;

/// Words that open or join commands and are none.
const RESERVED: &[&str] = &[
    "if", "then", "elif", "else", "fi", "do", "done", "while", "until", "for", "case", "esac", "in", "{",
    "}", "!", "time", "function", "select", "coproc", "[[",
];

/// Builtins that run the command behind them.
const PREFIXES: &[&str] = &["command", "exec", "builtin"];

/// Builtins that run text as commands.
const EVALUATORS: &[&str] = &["eval", ".", "source", "trap", "alias"];

/// Nested substitutions that are read.
const MAX_DEPTH: usize = 16;

pub(super) fn is_needed(line: &str) -> bool {
    let bytes = line.as_bytes();
    let mut quote = None;
    let mut word_start = true;
    let (mut brace, mut listed) = (false, false);
    for (i, &byte) in bytes.iter().enumerate() {
        let next = bytes.get(i + 1).copied();
        let acts = match (quote, byte) {
            (Some(q), _) if q == byte => {
                quote = None;
                false
            }
            (Some(b'\''), _) => false,
            (_, b'`') => true,
            (_, b'$') => expands(next, quote.is_some()),
            (Some(_), b'\\') => next.is_some_and(|next| b"$`\"\\\n".contains(&next)),
            (Some(_), _) => false,
            (None, b'\'' | b'"') => {
                quote = Some(byte);
                false
            }
            (
                None,
                b';' | b'|' | b'&' | b'<' | b'>' | b'(' | b')' | b'\\' | b'*' | b'?' | b'[' | b'\n' | b'\r',
            ) => true,
            (None, b'~') => word_start || bytes[..i].ends_with(b"=") || bytes[..i].ends_with(b":"),
            (None, b'#') => word_start,
            (None, b'{') => {
                brace = true;
                false
            }
            (None, b',') => {
                listed |= brace;
                false
            }
            (None, b'.') => {
                listed |= brace && next == Some(b'.');
                false
            }
            (None, b'}') => brace && listed,
            _ => false,
        };
        if acts {
            return true;
        }
        word_start = quote.is_none() && matches!(byte, b' ' | b'\t');
    }
    let first = line
        .split([' ', '\t'])
        .find(|word| !word.is_empty())
        .unwrap_or("");
    RESERVED.contains(&first) || is_assignment(first)
}

/// The simple commands of a line, those of its substitutions included.
///
/// What cannot be read for certain becomes a command of one word that only the shell knows.
pub(super) fn commands(line: &str) -> Vec<SimpleCommand> {
    let mut reader = Reader { commands: Vec::new() };
    reader.read(line, 0);
    reader
        .commands
        .into_iter()
        .map(stripped)
        .filter(|simple| !simple.is_empty())
        .collect()
}

struct Reader {
    commands: Vec<SimpleCommand>,
}

/// What is being read of one command.
#[derive(Default)]
struct Current {
    simple: SimpleCommand,
    word: Option<ShellWord>,
    /// The next word is what a redirection names.
    target: bool,
}

impl Current {
    fn word(&mut self) -> &mut ShellWord {
        self.word.get_or_insert_default()
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if std::mem::take(&mut self.target) {
            self.simple.places.push(word);
        } else {
            self.simple.words.push(word);
        }
    }
}

impl Reader {
    fn read(&mut self, text: &str, depth: usize) {
        if depth > MAX_DEPTH {
            self.unknown();
            return;
        }
        let mut now = Current::default();
        let mut double = false;
        let mut at = 0;
        let bytes = text.as_bytes();
        while let Some(c) = text[at..].chars().next() {
            let next = bytes.get(at + 1).copied();
            let mut step = c.len_utf8();
            match c {
                '\'' if !double => match text[at + 1..].find('\'') {
                    Some(length) => {
                        now.word().text.push_str(&text[at + 1..at + 1 + length]);
                        step = length + 2;
                    }
                    None => {
                        self.unknown();
                        break;
                    }
                },
                '"' => {
                    double = !double;
                    now.word();
                }
                '\\' => match text[at + 1..].chars().next() {
                    Some('\n') => step = 2,
                    Some(escaped) if !double || matches!(escaped, '$' | '`' | '"' | '\\') => {
                        now.word().text.push(escaped);
                        step = 1 + escaped.len_utf8();
                    }
                    _ => now.word().text.push('\\'),
                },
                '`' => {
                    let length = unescaped(&text[at + 1..], '`').unwrap_or(text.len() - at - 1);
                    self.read(&text[at + 1..at + 1 + length], depth + 1);
                    now.word().dynamic = true;
                    step = (length + 2).min(text.len() - at);
                }
                '$' if next == Some(b'(') => {
                    let length = closing(&text[at + 2..]).unwrap_or(text.len() - at - 2);
                    self.read(&text[at + 2..at + 2 + length], depth + 1);
                    now.word().dynamic = true;
                    step = (length + 3).min(text.len() - at);
                }
                '$' if expands(next, double) => now.word().dynamic = true,
                _ if double => now.word().text.push(c),
                ' ' | '\t' => now.end_word(),
                '#' if now.word.is_none() => {
                    step = text[at..].find('\n').unwrap_or(text.len() - at);
                }
                ';' | '|' | '&' | '(' | ')' | '\n' | '\r' => {
                    // &> and >& are redirections.
                    if c == '&' && (next == Some(b'>') || now.target) {
                        at += step;
                        continue;
                    }
                    self.end(&mut now);
                }
                '<' | '>' => {
                    let descriptor = now.word.as_ref().is_some_and(|word| {
                        !word.text.is_empty() && word.text.bytes().all(|b| b.is_ascii_digit())
                    });
                    if descriptor {
                        now.word = None;
                    }
                    now.end_word();
                    now.target = true;
                    if next == Some(b'(') {
                        // Process substitution: what stands in it is read as commands of its own.
                        now.target = false;
                        now.word().dynamic = true;
                    } else if next == Some(b'|') {
                        step = 2;
                    }
                }
                '*' | '?' | '[' => {
                    let word = now.word();
                    word.text.push(c);
                    word.dynamic = true;
                }
                '{' if next.is_some_and(|b| !b.is_ascii_whitespace()) => {
                    let word = now.word();
                    word.text.push(c);
                    word.dynamic = true;
                }
                '~' if now.word.is_none() => {
                    let word = now.word();
                    word.text.push(c);
                    word.dynamic = true;
                }
                _ => now.word().text.push(c),
            }
            at += step;
        }
        self.end(&mut now);
    }

    fn end(&mut self, now: &mut Current) {
        now.end_word();
        now.target = false;
        self.commands.push(std::mem::take(&mut now.simple));
    }

    fn unknown(&mut self) {
        let word = ShellWord {
            text: String::new(),
            dynamic: true,
        };
        self.commands.push(SimpleCommand {
            words: vec![word],
            places: Vec::new(),
        });
    }
}

/// Leaves out what stands before a command's name.
fn stripped(mut simple: SimpleCommand) -> SimpleCommand {
    let mut start = 0;
    while let Some(word) = simple.words.get(start) {
        if RESERVED.contains(&word.text.as_str()) && !word.dynamic {
            start += 1;
        } else if is_assignment(&word.text) {
            simple.places.push(word.clone());
            start += 1;
        } else if PREFIXES.contains(&word.text.as_str()) {
            start += 1;
            // Their options are not worth knowing.
            if simple
                .words
                .get(start)
                .is_some_and(|word| word.text.starts_with('-'))
            {
                simple.words[start].dynamic = true;
            }
        } else {
            break;
        }
    }
    simple.words.drain(..start);
    if let Some(first) = simple.words.first_mut() {
        first.dynamic |= EVALUATORS.contains(&first.text.as_str());
    }
    simple
}

/// Where a quote ends that a backslash may precede.
fn unescaped(text: &str, end: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        if c == end && !escaped {
            return Some(at);
        }
        escaped = c == '\\' && !escaped;
        None
    })
}

/// Where the parenthesis closes that `text` is inside of.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some(at),
            },
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<String> {
        let text = |word: &ShellWord| {
            if word.dynamic {
                format!("<{}>", word.text)
            } else {
                word.text.clone()
            }
        };
        commands(line)
            .iter()
            .map(|simple| simple.words.iter().map(text).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn plain_commands_need_no_shell() {
        for line in [
            "git status",
            "echo 'a;b' \"c|d\"",
            "x --y=1,2 {}",
            "a stash@{0}",
            "echo 5$",
            "a b#c",
            "a~b",
            "echo !x",
            "x '~'",
        ] {
            assert!(!is_needed(line), "{line}");
        }
    }

    #[test]
    fn what_sh_acts_on_needs_one() {
        for line in [
            "a; b",
            "a | b",
            "a && b",
            "a &",
            "a > b",
            "a < b",
            "(a)",
            "echo $x",
            "echo \"$x\"",
            "echo `x`",
            "echo *",
            "a ?",
            "a [b]",
            "a ~",
            "a ~/x",
            "a --b=~/x",
            "a #b",
            "\\rm",
            "a\nb",
            "a {b,c}",
            "a {1..3}",
            "if x",
            "! a",
            "A=1 b",
            "a \"\\$x\"",
        ] {
            assert!(is_needed(line), "{line}");
        }
    }

    #[test]
    fn every_simple_command_is_found() {
        assert_eq!(read("a b; c | d && e || f & g"), ["a b", "c", "d", "e", "f", "g"]);
        assert_eq!(read("r\\m -rf \"a b\""), ["rm -rf a b"]);
        assert_eq!(read("echo $(rm -rf x) y"), ["rm -rf x", "echo <> y"]);
        assert_eq!(read("echo \"`rm x`\""), ["rm x", "echo <>"]);
        assert_eq!(read("(rm x)"), ["rm x"]);
        assert_eq!(read("if true; then rm x; fi"), ["true", "rm x"]);
        assert_eq!(read("A=1 B=2 rm x > out 2>&1"), ["rm x"]);
        assert_eq!(read("command rm x; exec rm y"), ["rm x", "rm y"]);
        assert_eq!(read("a\nrm x"), ["a", "rm x"]);
        assert_eq!(read("a # rm x\nb"), ["a", "b"]);
        assert_eq!(
            read("$x y; r? z; eval 'rm x'"),
            ["<x> y", "<r?> z", "<eval> rm x"]
        );
        assert_eq!(read("{ rm x; }"), ["rm x"]);
        assert_eq!(read("> out rm x"), ["rm x"]);
        assert_eq!(read("echo $(echo $(rm x))"), ["rm x", "echo <>", "echo <>"]);
        assert_eq!(read("cat <(rm x)"), ["cat <>", "rm x"]);
    }

    #[test]
    fn redirections_name_places() {
        let places = |line| -> Vec<String> {
            commands(line)
                .into_iter()
                .flat_map(|simple| simple.places)
                .map(|word| word.text)
                .collect()
        };
        assert_eq!(places("a > /etc/x 2>> y < 'z w'"), ["/etc/x", "y", "z w"]);
        assert_eq!(places("a &> /etc/x"), ["/etc/x"]);
        assert_eq!(places("a >| /etc/x; b >& /etc/y"), ["/etc/x", "/etc/y"]);
    }

    #[test]
    fn deep_nesting_is_not_followed() {
        let line = "$(".repeat(100_000);
        assert!(read(&line).iter().any(|command| command == "<>"));
    }
}
