//! Lines as cmd.exe sees them.

use super::{ShellWord, SimpleCommand};

/// Commands that run what stands behind them.
const RUNNERS: &[&str] = &["if", "for", "call", "start", "do", "else"];

pub(super) fn is_needed(line: &str) -> bool {
    let mut quoted = false;
    line.chars().any(|c| {
        quoted ^= c == '"';
        matches!(c, '%' | '!' | '\r' | '\n')
            || (!quoted && matches!(c, '&' | '|' | '<' | '>' | '(' | ')' | '^' | '@'))
    })
}

/// The simple commands of a line. What only cmd.exe knows is marked.
pub(super) fn commands(line: &str) -> Vec<SimpleCommand> {
    let mut commands = Vec::new();
    let mut simple = SimpleCommand::default();
    let mut word: Option<ShellWord> = None;
    let (mut quoted, mut target) = (false, false);
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '^' if !quoted => {
                if let Some(escaped) = rest.next() {
                    word.get_or_insert_default().text.push(escaped);
                }
            }
            '%' | '!' => {
                let word = word.get_or_insert_default();
                word.text.push(c);
                word.dynamic = true;
            }
            '\r' | '\n' => end(&mut commands, &mut simple, &mut word, &mut target),
            '&' | '|' | '(' | ')' if !quoted => end(&mut commands, &mut simple, &mut word, &mut target),
            '<' | '>' if !quoted => {
                end_word(&mut simple, &mut word, &mut target);
                target = true;
            }
            ' ' | '\t' | ',' | ';' | '=' if !quoted => end_word(&mut simple, &mut word, &mut target),
            '@' if !quoted && word.is_none() && simple.words.is_empty() => {}
            c => word.get_or_insert_default().text.push(c),
        }
    }
    end(&mut commands, &mut simple, &mut word, &mut target);
    commands
}

fn end_word(simple: &mut SimpleCommand, word: &mut Option<ShellWord>, target: &mut bool) {
    let Some(word) = word.take() else { return };
    if std::mem::take(target) {
        simple.places.push(word);
    } else {
        simple.words.push(word);
    }
}

fn end(
    commands: &mut Vec<SimpleCommand>,
    simple: &mut SimpleCommand,
    word: &mut Option<ShellWord>,
    target: &mut bool,
) {
    end_word(simple, word, target);
    *target = false;
    let mut simple = std::mem::take(simple);
    if let Some(first) = simple.words.first_mut() {
        first.dynamic |= RUNNERS
            .iter()
            .any(|runner| first.text.eq_ignore_ascii_case(runner));
    }
    if !simple.is_empty() {
        commands.push(simple);
    }
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
    fn operators_escapes_and_variables_are_seen() {
        for line in [
            "a & b", "a | b", "a > b", "a ^& b", "echo %x%", "\"%x%\"", "(a)", "'a&b'", "@a",
        ] {
            assert!(is_needed(line), "{line}");
        }
        for line in ["git status", "a \"b & c\"", "x 'y'", "a ; b"] {
            assert!(!is_needed(line), "{line}");
        }
        assert_eq!(read("echo x & d^el /f y"), ["echo x", "del /f y"]);
        assert_eq!(read("@del x && (rm y)"), ["del x", "rm y"]);
        assert_eq!(read("%x% y"), ["<%x%> y"]);
        assert_eq!(read("if exist x del y"), ["<if> exist x del y"]);
        assert_eq!(commands("a > C:\\x")[0].places[0].text, "C:\\x");
    }
}
