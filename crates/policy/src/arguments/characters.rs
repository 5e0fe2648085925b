//! Characters that a word may not contain.

use crate::config::StrictArgs;
use crate::verdict::{Code, Refusal};

/// Which word is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Program,
    Argument(usize),
}

impl Place {
    /// The place of `argv[index]`.
    pub(crate) fn of(index: usize) -> Place {
        index.checked_sub(1).map_or(Place::Program, Place::Argument)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Program => f.write_str("program name"),
            Place::Argument(index) => write!(f, "argument {index}"),
        }
    }
}

/// What a byte means where all of a word is looked at.
const PLAIN: u8 = 0;
const METACHARACTER: u8 = 1;
const CONTROL: u8 = 2;
const NUL: u8 = 3;

static KINDS: [u8; 256] = kinds();

const fn kinds() -> [u8; 256] {
    let mut kinds = [PLAIN; 256];
    let metacharacters = b";|&`$(){}[]<>";
    let mut i = 0;
    while i < metacharacters.len() {
        kinds[metacharacters[i] as usize] = METACHARACTER;
        i += 1;
    }
    kinds[b'\r' as usize] = CONTROL;
    kinds[b'\n' as usize] = CONTROL;
    kinds[0x1b] = CONTROL;
    kinds[0] = NUL;
    kinds
}

/// Checks one word. `raw` is the word as it stands in a line, with its quotes; an argv array has none.
pub(crate) fn check(strict: StrictArgs, place: Place, word: &str, raw: Option<&str>) -> Result<(), Refusal> {
    let mut found = [false; 4];
    for byte in word.bytes() {
        found[KINDS[byte as usize] as usize] = true;
    }
    if found[NUL as usize] {
        return Err(nul(place));
    }
    match strict {
        StrictArgs::Off => Ok(()),
        StrictArgs::Every if found[METACHARACTER as usize] => Err(metacharacter(place, ANYWHERE)),
        StrictArgs::Every if found[CONTROL as usize] => Err(control(place)),
        StrictArgs::Every => Ok(()),
        StrictArgs::Unquoted => {
            let acted = raw.map_or(Acted::default(), acted_on);
            if acted.metacharacter {
                Err(metacharacter(place, UNQUOTED))
            } else if acted.line_end || (found[CONTROL as usize] && word.contains('\x1b')) {
                Err(control(place))
            } else {
                Ok(())
            }
        }
    }
}

pub(crate) fn nul(place: Place) -> Refusal {
    let hint = "leave the NUL byte out: the kernel would end the text there";
    Refusal::argument(Code::NulByte, format_args!("Null bytes detected in {place}"), hint)
}

/// What to do about a metacharacter where none may stand anywhere.
const ANYWHERE: &str = "no shell runs: pass one plain command without operators, redirections and expansions; with \
                        commands.strictArgs 'unquoted' the characters may stand inside quotes";
/// The same where it may stand inside quotes.
const UNQUOTED: &str = "no shell runs: pass one plain command without operators, redirections and expansions, or \
                        quote what is meant literally";

pub(crate) fn metacharacter(place: Place, hint: &str) -> Refusal {
    let problem = format_args!("Invalid characters in {place}: shell metacharacters detected");
    Refusal::argument(Code::ShellMetacharacter, problem, hint)
}

fn control(place: Place) -> Refusal {
    Refusal::argument(
        Code::ControlCharacter,
        format_args!("Invalid characters in {place}: control characters detected"),
        "leave CR, LF and ESC out, or pass the text as input or in a file",
    )
}

/// What a shell would act on in a word.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Acted {
    metacharacter: bool,
    line_end: bool,
}

fn acted_on(raw: &str) -> Acted {
    let bytes = raw.as_bytes();
    let mut acted = Acted::default();
    let mut quote = None;
    // An unquoted brace is open; what would make an expansion of it was seen.
    let (mut open, mut listed) = (false, false);
    for (i, &byte) in bytes.iter().enumerate() {
        let next = bytes.get(i + 1).copied();
        match (quote, byte) {
            (Some(q), _) if byte == q => quote = None,
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(b'\''), _) => {}
            (_, b'`') => acted.metacharacter = true,
            (_, b'$') if expands(next, quote.is_some()) => acted.metacharacter = true,
            (Some(_), _) => {}
            (None, b';' | b'|' | b'&' | b'<' | b'>' | b'(' | b')') => acted.metacharacter = true,
            (None, b'\r' | b'\n') => acted.line_end = true,
            (None, b'{') => open = true,
            (None, b',') if open => listed = true,
            (None, b'.') if open && next == Some(b'.') => listed = true,
            (None, b'}') if open && listed => acted.metacharacter = true,
            _ => {}
        }
    }
    acted
}

/// Whether a `$` before `next` is more than itself.
pub(crate) fn expands(next: Option<u8>, quoted: bool) -> bool {
    match next {
        Some(b'\'' | b'"') => !quoted,
        Some(next) => next.is_ascii_alphanumeric() || b"_@*#?$!-{([".contains(&next),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(strict: StrictArgs, word: &str, raw: Option<&str>) -> Option<Code> {
        check(strict, Place::Argument(0), word, raw).err().map(|refusal| refusal.code)
    }

    #[test]
    fn strict_refuses_metacharacters_before_control_characters() {
        for word in [";", "a|b", "&", "`", "$", "(", ")", "{", "}", "[", "]", "<", ">", "\n;"] {
            assert_eq!(code(StrictArgs::Every, word, None), Some(Code::ShellMetacharacter), "{word:?}");
        }
        for word in ["a\nb", "\r", "\x1bc"] {
            assert_eq!(code(StrictArgs::Every, word, None), Some(Code::ControlCharacter), "{word:?}");
        }
        for word in ["", "*", "?", "~", "!", "#", "%", "^", "\"", "'", "\\", "=", "\t", "\x01", "\u{202e}"] {
            assert_eq!(code(StrictArgs::Every, word, None), None, "{word:?}");
        }
    }

    #[test]
    fn nul_is_refused_with_any_setting() {
        for strict in [StrictArgs::Every, StrictArgs::Unquoted, StrictArgs::Off] {
            assert_eq!(code(strict, "a\0;", None), Some(Code::NulByte));
        }
        assert_eq!(code(StrictArgs::Off, ";\n\x1b$(x)", None), None);
    }

    #[test]
    fn unquoted_refuses_what_a_shell_would_act_on() {
        let raw = |raw: &str| code(StrictArgs::Unquoted, "x", Some(raw));
        for text in [
            "a;b", "a|b", "a&", "$x", "\"$x\"", "\"`x`\"", "`x`", "$(x)", "(x)", "a>b", "<x", "{a,b}",
            "x{1..3}", "$'a'", "$\"a\"", "${x}", "'a'$x", "\\;", "$?", "$1",
        ] {
            assert_eq!(raw(text), Some(Code::ShellMetacharacter), "{text}");
        }
        for text in [
            "'a;b'",
            "\"a|b\"",
            "'$x'",
            "\"(x)\"",
            "'`'",
            "{}",
            "stash@{0}",
            "a$",
            "\"foo$\"",
            "[a]",
            "*",
            "~",
            "'{a,b}'",
            "\"{a,b}\"",
            "{a}",
            "\"a\nb\"",
            "a,b",
            "$/",
            "#x",
        ] {
            assert_eq!(raw(text), None, "{text}");
        }
        assert_eq!(raw("a\nb"), Some(Code::ControlCharacter));
        assert_eq!(code(StrictArgs::Unquoted, "\x1b", Some("'\x1b'")), Some(Code::ControlCharacter));
        assert_eq!(code(StrictArgs::Unquoted, "\x1b", None), Some(Code::ControlCharacter));
        assert_eq!(code(StrictArgs::Unquoted, "$x;\n", None), None);
    }
}
