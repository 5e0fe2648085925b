//! One word with wildcards: `*`, `?` and `[..]`, over characters.
//!
//! Runs of `*` are one `*`; `{`, `\` and everything else stand for themselves; `[*]` is a literal `*`.

use crate::path;
use crate::platform::Platform;

/// What a wildcard may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// No separator, no leading dash, and no dot segment: for what permits.
    Narrow,
    /// Anything: for what forbids.
    Wide,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Char(char),
    One,
    Class {
        negated: bool,
        ranges: Box<[(char, char)]>,
    },
    Many,
}

/// A compiled word with at least one wildcard, or a literal where [`Glob::literal`] says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    tokens: Box<[Token]>,
    reach: Reach,
    /// Compare without case, and separators as one.
    folded: bool,
    /// Characters that any match has at least.
    shortest: usize,
}

impl Glob {
    /// Compiles a word.
    ///
    /// # Errors
    /// What is wrong with a `[` that nothing closes, or with a range that runs backwards.
    pub(crate) fn new(word: &str, reach: Reach, folded: bool) -> Result<Glob, String> {
        let mut tokens = Vec::new();
        let mut rest = word.chars();
        while let Some(c) = rest.next() {
            let token = match c {
                '*' if tokens.last() == Some(&Token::Many) => continue,
                '*' => Token::Many,
                '?' => Token::One,
                '[' => {
                    let (token, after) = class(rest.as_str(), folded).ok_or_else(|| {
                        format!(
                            "{word:?} opens a class that it does not close; write [[] for a literal bracket"
                        )
                    })??;
                    rest = after.chars();
                    token
                }
                c => Token::Char(normal(c, folded)),
            };
            tokens.push(token);
        }
        let shortest = tokens.iter().filter(|token| **token != Token::Many).count();
        Ok(Glob {
            tokens: tokens.into(),
            reach,
            folded,
            shortest,
        })
    }

    /// The text, where no wildcard is in it.
    pub(crate) fn literal(&self) -> Option<String> {
        self.tokens
            .iter()
            .map(|token| {
                if let Token::Char(c) = token {
                    Some(*c)
                } else {
                    None
                }
            })
            .collect()
    }

    /// Whether the word is `*` alone.
    pub(crate) fn is_star(&self) -> bool {
        *self.tokens == [Token::Many]
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        if text.len() < self.shortest {
            return false;
        }
        if self.reach == Reach::Narrow {
            if text.starts_with('-') && self.tokens.first() != Some(&Token::Char('-')) {
                return false;
            }
            if !self.spells_dots_of(text) {
                return false;
            }
        }
        self.run(text)
    }

    /// Greedy, going back to the last `*` only: time grows with the product of both lengths at worst.
    fn run(&self, text: &str) -> bool {
        let (mut token, mut rest) = (0, text.chars());
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let at_star = self.tokens.get(token) == Some(&Token::Many);
            if at_star {
                if token + 1 == self.tokens.len() && self.reach == Reach::Wide {
                    return true;
                }
                retry = Some((token + 1, rest.clone()));
                token += 1;
                continue;
            }
            let before = rest.clone();
            let matched = match (self.tokens.get(token), rest.next()) {
                (None, None) => return true,
                (Some(expected), Some(c)) => self.stands_for(expected, c),
                _ => false,
            };
            if matched {
                token += 1;
                continue;
            }
            drop(before);
            let Some((after_star, skipped)) = &mut retry else {
                return false;
            };
            match skipped.next() {
                Some(c) if self.may_stand_for(c) => (token, rest) = (*after_star, skipped.clone()),
                _ => return false,
            }
        }
    }

    fn stands_for(&self, token: &Token, c: char) -> bool {
        let c = normal(c, self.folded);
        match token {
            Token::Char(expected) => *expected == c,
            Token::One => self.may_stand_for(c),
            Token::Class { negated, ranges } => {
                self.may_stand_for(c)
                    && ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
            Token::Many => false,
        }
    }

    fn may_stand_for(&self, c: char) -> bool {
        self.reach == Reach::Wide || !matches!(c, '/' | '\\')
    }

    /// Wildcards match no separator here, so the text's segments and the pattern's correspond.
    fn spells_dots_of(&self, text: &str) -> bool {
        if !text.contains('.') {
            return true;
        }
        let is_separator = |token: &Token| matches!(token, Token::Char('/' | '\\'));
        let mut spelled = self.tokens.split(is_separator);
        text.split(['/', '\\']).all(|segment| {
            let own = spelled.next();
            let dots = !segment.is_empty() && segment.bytes().all(|b| b == b'.');
            !dots || own.is_some_and(|own| own.iter().all(|token| matches!(token, Token::Char(_))))
        })
    }
}

fn normal(c: char, folded: bool) -> char {
    match c {
        '/' if folded => '\\',
        c if folded => path::fold(c),
        c => c,
    }
}

/// The class behind a `[`, and what follows its `]`. `None`: nothing closes it.
fn class(text: &str, folded: bool) -> Option<Result<(Token, &str), String>> {
    let (negated, body) = match text.strip_prefix(['!', '^']) {
        Some(body) => (true, body),
        None => (false, text),
    };
    // A `]` that comes first is a member.
    let first = body.chars().next()?.len_utf8();
    let close = first + body[first..].find(']')?;
    let members: Vec<char> = body[..close].chars().collect();
    let after = &body[close + 1..];
    let mut ranges = Vec::new();
    let mut i = 0;
    while i < members.len() {
        let low = members[i];
        if members.get(i + 1) == Some(&'-') && i + 2 < members.len() {
            let high = members[i + 2];
            if high < low {
                return Some(Err(format!("the range {low}-{high} runs backwards")));
            }
            ranges.push((low, high));
            i += 3;
        } else {
            ranges.push((low, low));
            i += 1;
        }
    }
    if let ([(low, high)], false) = (ranges.as_slice(), negated)
        && low == high
    {
        return Some(Ok((Token::Char(normal(*low, folded)), after)));
    }
    if folded {
        let both = |(low, high): (char, char)| [(low, high), (path::fold(low), path::fold(high))];
        ranges = ranges
            .into_iter()
            .flat_map(both)
            .filter(|(low, high)| low <= high)
            .collect();
    }
    Some(Ok((
        Token::Class {
            negated,
            ranges: ranges.into(),
        },
        after,
    )))
}

/// Whether patterns for `platform` compare without case.
pub(crate) fn folds(platform: Platform) -> bool {
    platform.is_windows()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrow(pattern: &str, text: &str) -> bool {
        Glob::new(pattern, Reach::Narrow, false).unwrap().matches(text)
    }

    fn wide(pattern: &str, text: &str) -> bool {
        Glob::new(pattern, Reach::Wide, false).unwrap().matches(text)
    }

    #[test]
    fn what_permits_crosses_no_separator() {
        assert!(narrow("pre/*.py", "pre/a.py"));
        assert!(!narrow("pre/*.py", "pre/a/b.py"));
        assert!(!narrow("pre/*", "pre/a/b"));
        assert!(!narrow("pre?x", "pre/x"));
        assert!(!narrow("pre[!a]x", "pre/x"));
        assert!(!narrow("pre[.-0]x", "pre/x"));
        assert!(!narrow("*.py", "..\\x.py"));
        assert!(narrow("*/*", "a/b"));
        assert!(narrow("a**b", "axb"));
        assert!(!narrow("a/**/b", "a/x/y/b"));
    }

    #[test]
    fn what_permits_matches_no_leading_dash_that_it_does_not_spell() {
        assert!(!narrow("*.js", "--import=data:x.js"));
        assert!(!narrow("?x", "-x"));
        assert!(!narrow("[!a]x", "-x"));
        assert!(narrow("-*", "-x"));
        assert!(narrow("[-]*", "--x"));
        assert!(narrow("--file=*.js", "--file=-x.js"));
        assert!(narrow("a*", "a-b"));
    }

    #[test]
    fn what_permits_matches_no_dot_segment_that_it_does_not_spell() {
        assert!(!narrow("pre/*/x", "pre/../x"));
        assert!(!narrow("pre/*/x", "pre/./x"));
        assert!(!narrow("pre/.*", "pre/.."));
        assert!(!narrow("*", ".."));
        assert!(!narrow("??", ".."));
        assert!(!narrow("./*", "./.."));
        assert!(narrow("./*", "./tool"));
        assert!(narrow("../*", "../tool"));
        assert!(narrow("*", ".profile"));
        assert!(narrow("*", "a..b"));
    }

    #[test]
    fn what_forbids_matches_anything() {
        assert!(wide("*../../*", "sub/../../x"));
        assert!(wide("*.js", "--import=data:x.js"));
        assert!(wide("/etc/*", "/etc/a/b"));
        assert!(wide("*", ""));
        assert!(wide("a*", "a\nb"));
        assert!(!wide("/etc/*", "/usr/etc/"));
    }

    #[test]
    fn a_wildcard_stands_for_characters_not_bytes() {
        assert!(wide("cat ?", "cat \u{e9}"));
        assert!(wide("[\u{e0}-\u{ff}]", "\u{e9}"));
        assert!(!wide("??", "\u{e9}"));
    }

    #[test]
    fn classes_follow_the_shells() {
        assert!(wide("[abc]x", "bx"));
        assert!(!wide("[!abc]x", "bx"));
        assert!(wide("[^abc]x", "dx"));
        assert!(wide("[]a]", "]"));
        assert!(wide("[a-]", "-"));
        assert!(wide("x[*]", "x*"));
        assert!(!wide("x[*]", "xy"));
        assert_eq!(
            Glob::new("x[*][?][[]", Reach::Narrow, false)
                .unwrap()
                .literal()
                .unwrap(),
            "x*?["
        );
        assert!(Glob::new("[abc", Reach::Wide, false).is_err());
        assert!(Glob::new("[", Reach::Wide, false).is_err());
        assert!(Glob::new("[]", Reach::Wide, false).is_err());
        assert!(Glob::new("[z-a]", Reach::Wide, false).is_err());
    }

    #[test]
    fn braces_and_backslashes_are_literal() {
        assert!(wide("{a,b}*", "{a,b}c"));
        assert!(!wide("{a,b}*", "ac"));
        assert!(wide("a\\*", "a\\x"));
    }

    #[test]
    fn folded_globs_ignore_case_and_kind_of_separator() {
        let glob = Glob::new("C:/Ws/*.EXE", Reach::Narrow, true).unwrap();
        assert!(glob.matches("c:\\ws\\tool.exe"));
        assert!(!glob.matches("c:\\ws\\sub\\tool.exe"));
        assert!(Glob::new("[A-C]*", Reach::Wide, true).unwrap().matches("bx"));
    }

    #[test]
    fn many_stars_stay_cheap() {
        let text = "a".repeat(100_000);
        assert!(!wide("*a*a*a*a*b", &text));
        assert!(wide("*a*a*a*a*", &text));
    }
}
