//! Patterns: what a configuration says of whole commands, word by word.

pub(crate) mod glob;

use crate::command_line::CommandLine;
use crate::path;
use crate::platform::Platform;
use glob::{Glob, Reach};

/// What a pattern does, which says how to read it where it is ambiguous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Narrowly.
    Permit,
    /// Broadly.
    Forbid,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    program: Program,
    rest: Box<[Word]>,
    /// `rest` holds a `**`.
    runs: bool,
    /// Whether more arguments than `rest` are free.
    open: bool,
    effect: Effect,
    platform: Platform,
}

/// The first word of a pattern.
#[derive(Debug, Clone)]
pub(crate) enum Program {
    /// An empty pattern.
    Nothing,
    /// `*` in `allow`: any bare name.
    AnyBare,
    /// `*` in `deny`, and the `**` that `rest` then starts with.
    Any,
    /// A bare name. Windows: without case and extension.
    Bare(Box<str>),
    /// A bare name with wildcards, in `deny`.
    BareGlob(Glob),
    /// A typed path.
    Path(Box<str>),
    /// A typed path with wildcards.
    PathGlob(Glob),
}

/// Any other word.
#[derive(Debug, Clone)]
enum Word {
    Literal(Box<str>),
    Folded(Box<str>),
    Glob(Glob),
    /// `**`.
    Run,
}

impl Word {
    fn matches(&self, text: &str) -> bool {
        match self {
            Word::Literal(word) => **word == *text,
            Word::Folded(word) => same_windows_text(word, text),
            Word::Glob(glob) => glob.matches(text),
            Word::Run => true,
        }
    }
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn new(text: &str, effect: Effect, platform: Platform) -> Result<Pattern, String> {
        if text.contains('\0') {
            return Err("expected a pattern, got a text with a NUL byte".to_owned());
        }
        let split = CommandLine::split(text)
            .map_err(|problem| format!("expected a pattern, got {text:?}: {problem}"))?;
        let mut words = split.into_words();
        let mut open = effect == Effect::Forbid || words.len() < 2;
        while words.len() > 1 && matches!(words[words.len() - 1].as_str(), "*" | "**") {
            open = true;
            words.pop();
        }
        let Some((first, others)) = words.split_first() else {
            return Ok(Pattern::nothing(effect, platform));
        };
        if first.is_empty() {
            return Ok(Pattern::nothing(effect, platform));
        }
        let mut rest = Vec::with_capacity(others.len());
        for word in others {
            rest.push(compile(word, effect, platform)?);
        }
        open |= matches!(rest.last(), Some(Word::Glob(_)));
        let program = if first == "**" && effect == Effect::Forbid {
            rest.insert(0, Word::Run);
            Program::Any
        } else {
            first_word(first, effect, platform)?
        };
        let runs = rest.iter().any(|word| matches!(word, Word::Run));
        if runs && open {
            rest.push(Word::Run);
        }
        Ok(Pattern {
            program,
            rest: rest.into(),
            runs,
            open,
            effect,
            platform,
        })
    }

    fn nothing(effect: Effect, platform: Platform) -> Pattern {
        Pattern {
            program: Program::Nothing,
            rest: Box::default(),
            runs: false,
            open: false,
            effect,
            platform,
        }
    }

    /// Whether argv matches, as typed. In `deny` a typed path also matches by its file name.
    pub(crate) fn matches<S: AsRef<str>>(&self, argv: &Argv<'_, S>) -> bool {
        self.matches_program(argv) && self.matches_arguments(argv.words)
    }

    fn matches_program<S>(&self, argv: &Argv<'_, S>) -> bool {
        match &self.program {
            Program::Nothing => false,
            Program::Any => true,
            Program::AnyBare => !argv.spelled,
            Program::Bare(name) => match self.effect {
                Effect::Permit => !argv.spelled && **name == *argv.name,
                Effect::Forbid => **name == *argv.wide_name,
            },
            Program::BareGlob(glob) => glob.matches(argv.program) || glob.matches(&argv.wide_name),
            Program::Path(path) if self.platform.is_windows() => {
                argv.spelled && same_windows_path(path, argv.program)
            }
            Program::Path(path) => **path == *argv.program,
            Program::PathGlob(glob) => argv.spelled && glob.matches(argv.program),
        }
    }

    /// Whether the words behind the program match.
    pub(crate) fn matches_arguments<S: AsRef<str>>(&self, argv: &[S]) -> bool {
        let starts_with_run = matches!(
            (&self.program, self.rest.first()),
            (Program::Any, Some(Word::Run))
        );
        let words = if starts_with_run {
            argv
        } else {
            argv.get(1..).unwrap_or_default()
        };
        if self.runs {
            return self.matches_runs(words);
        }
        if words.len() < self.rest.len() || (!self.open && words.len() != self.rest.len()) {
            return false;
        }
        self.rest
            .iter()
            .zip(words)
            .all(|(word, text)| word.matches(text.as_ref()))
    }

    /// As with `*` in a glob, only the last `**` need be reconsidered.
    fn matches_runs<S: AsRef<str>>(&self, words: &[S]) -> bool {
        let (mut own, mut at) = (0, 0);
        let mut retry = None;
        loop {
            if let Some(Word::Run) = self.rest.get(own) {
                own += 1;
                retry = Some((own, at));
                continue;
            }
            match (self.rest.get(own), words.get(at)) {
                (None, None) => return true,
                (Some(word), Some(text)) if word.matches(text.as_ref()) => {
                    own += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            match &mut retry {
                Some((after, from)) if *from < words.len() => {
                    *from += 1;
                    (own, at) = (*after, *from);
                }
                _ => return false,
            }
        }
    }

    /// Whether words that start with these could match, whatever follows.
    pub(crate) fn could_match<S: AsRef<str>>(&self, argv: &Argv<'_, S>) -> bool {
        if !self.matches_program(argv) {
            return false;
        }
        let mut words = argv.words.iter().skip(1);
        for word in &self.rest {
            match (word, words.next()) {
                (Word::Run, _) | (_, None) => return true,
                (word, Some(text)) if !word.matches(text.as_ref()) => return false,
                _ => {}
            }
        }
        true
    }

    /// The first word, for what looks at files.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// Whether the first word writes out exactly this argv\[0\], wildcards aside.
    pub(crate) fn spells(&self, program: &str) -> bool {
        match &self.program {
            Program::Bare(name) if self.platform.is_windows() => {
                **name == *allowed_name(self.platform, program)
            }
            Program::Bare(name) => **name == *program,
            Program::Path(path) if self.platform.is_windows() => same_windows_path(path, program),
            Program::Path(path) => **path == *program,
            _ => false,
        }
    }

    /// How many words an argv needs at least.
    pub(crate) fn least_arguments(&self) -> usize {
        self.rest.iter().filter(|word| !matches!(word, Word::Run)).count()
    }

    /// Whether the words behind the program are free.
    pub(crate) fn is_bare_wildcard(&self) -> bool {
        self.open && self.rest.is_empty()
    }
}

/// A command as patterns see it, with what they compare made once.
#[derive(Debug)]
pub(crate) struct Argv<'a, S> {
    pub(crate) words: &'a [S],
    pub(crate) program: &'a str,
    /// Whether the program is typed as a path.
    pub(crate) spelled: bool,
    /// The name that `allow` compares.
    name: std::borrow::Cow<'a, str>,
    /// The file name that `deny` compares.
    wide_name: std::borrow::Cow<'a, str>,
}

impl<'a, S: AsRef<str>> Argv<'a, S> {
    /// `words` are not empty.
    pub(crate) fn new(words: &'a [S], platform: Platform) -> Argv<'a, S> {
        let program = words.first().map_or("", AsRef::as_ref);
        Argv {
            words,
            program,
            spelled: path::is_spelled(platform, program),
            name: allowed_name(platform, program),
            wide_name: denied_name(platform, program),
        }
    }
}

/// A bare name as `allow` compares it.
fn allowed_name(platform: Platform, name: &str) -> std::borrow::Cow<'_, str> {
    if !platform.is_windows() {
        return name.into();
    }
    let folded: String = name.chars().map(path::fold).collect();
    without_extension(&folded, &[".exe", ".com"]).to_owned().into()
}

/// The file name of a typed program as `deny` compares it.
pub(crate) fn denied_name(platform: Platform, program: &str) -> std::borrow::Cow<'_, str> {
    let name = path::file_name(platform, program);
    if !platform.is_windows() {
        return name.into();
    }
    let folded: String = name
        .trim_end_matches(['.', ' '])
        .chars()
        .map(path::fold)
        .collect();
    without_extension(&folded, &[".exe", ".com", ".bat", ".cmd"])
        .to_owned()
        .into()
}

fn without_extension<'a>(name: &'a str, extensions: &[&str]) -> &'a str {
    extensions
        .iter()
        .find_map(|extension| name.strip_suffix(extension))
        .filter(|stem| !stem.is_empty())
        .unwrap_or(name)
}

fn same_windows_path(a: &str, b: &str) -> bool {
    same_windows_text(a.trim_end_matches(['.', ' ']), b.trim_end_matches(['.', ' ']))
}

/// Without case, and with both separators as one.
fn same_windows_text(a: &str, b: &str) -> bool {
    let normal = |c: char| if c == '/' { '\\' } else { path::fold(c) };
    a.chars().map(normal).eq(b.chars().map(normal))
}

fn first_word(word: &str, effect: Effect, platform: Platform) -> Result<Program, String> {
    let reach = if effect == Effect::Permit {
        Reach::Narrow
    } else {
        Reach::Wide
    };
    let glob = Glob::new(word, reach, glob::folds(platform))?;
    let unfolded = Glob::new(word, reach, false)?;
    if let Some(literal) = unfolded.literal() {
        if path::is_spelled(platform, &literal) {
            return Ok(Program::Path(literal.into()));
        }
        let name = match effect {
            Effect::Permit => allowed_name(platform, &literal),
            Effect::Forbid => denied_name(platform, &literal),
        };
        return Ok(Program::Bare(name.into()));
    }
    if path::is_spelled(platform, word) {
        return Ok(Program::PathGlob(glob));
    }
    match (effect, glob.is_star()) {
        (Effect::Permit, true) if word == "*" => Ok(Program::AnyBare),
        (Effect::Forbid, true) => Ok(Program::Any),
        (Effect::Forbid, false) => Ok(Program::BareGlob(glob)),
        (Effect::Permit, _) => {
            let plain = word.trim_end_matches(['*', '?']);
            let advice = if plain.is_empty() {
                "*".to_owned()
            } else {
                format!("{plain} *")
            };
            Err(format!(
                "expected a program's name without a wildcard, got {word:?}: write {advice:?}"
            ))
        }
    }
}

fn compile(word: &str, effect: Effect, platform: Platform) -> Result<Word, String> {
    if word == "**" {
        return Ok(Word::Run);
    }
    let (reach, folded) = match effect {
        Effect::Permit => (Reach::Narrow, false),
        Effect::Forbid => (Reach::Wide, glob::folds(platform)),
    };
    let glob = Glob::new(word, reach, folded)?;
    Ok(match Glob::new(word, reach, false)?.literal() {
        Some(literal) if folded => Word::Folded(literal.into()),
        Some(literal) => Word::Literal(literal.into()),
        None => Word::Glob(glob),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(platform: Platform, effect: Effect, pattern: &str, line: &str) -> bool {
        let words = CommandLine::parse(line).unwrap().into_words();
        Pattern::new(pattern, effect, platform)
            .unwrap()
            .matches(&Argv::new(&words, platform))
    }

    fn allow(pattern: &str, line: &str) -> bool {
        on(Platform::Linux, Effect::Permit, pattern, line)
    }

    fn deny(pattern: &str, line: &str) -> bool {
        on(Platform::Linux, Effect::Forbid, pattern, line)
    }

    #[test]
    fn one_word_is_a_program_with_any_arguments() {
        assert!(allow("git", "git"));
        assert!(allow("git", "git --version x"));
        assert!(!allow("git", "gitk"));
        assert!(!allow("git", "'git status'"));
        assert!(deny("rm", "rm -rf x"));
    }

    #[test]
    fn a_trailing_star_is_any_number_of_arguments() {
        assert!(allow("git status *", "git status"));
        assert!(allow("git status *", "git status --short -b"));
        assert!(!allow("git status *", "git push"));
        assert!(!allow("git status *", "git"));
        assert!(allow("git **", "git"));
    }

    #[test]
    fn a_last_word_with_a_wildcard_must_match_and_frees_the_rest() {
        assert!(allow("node *.js", "node app.js a b"));
        assert!(!allow("node *.js", "node"));
        assert!(!allow("node *.js", "node --eval=x app.js"));
        assert!(!allow("node *.js", "node x.sh app.js"));
    }

    #[test]
    fn many_words_are_exact_when_they_permit_and_a_prefix_when_they_forbid() {
        assert!(allow("npm install", "npm install"));
        assert!(!allow("npm install", "npm install evil"));
        assert!(!allow("npm install", "npm"));
        assert!(allow("x a[*]", "x 'a*'"));
        assert!(!allow("x a[*]", "x 'a*' b"));
        assert!(deny("npm publish", "npm publish --dry-run"));
        assert!(!deny("npm publish", "npm pack"));
    }

    #[test]
    fn a_run_is_any_number_of_words() {
        assert!(allow("git ** --short", "git --short"));
        assert!(allow("git ** --short", "git a b --short"));
        assert!(!allow("git ** --short", "git a --short b"));
        assert!(deny("git ** --force", "git push origin --force main"));
        assert!(deny("** --force", "git push --force"));
        assert!(deny("** rm", "rm"));
        assert!(!deny("** --force", "git push"));
        assert!(allow("a ** b ** c", "a b b x c c"));
        assert!(!allow("a ** b ** c", "a c b"));
    }

    #[test]
    fn a_star_between_words_is_one_word() {
        assert!(allow("git * --short", "git log --short"));
        assert!(!allow("git * --short", "git --short"));
        assert!(!allow("git * --short", "git -c --short"));
        assert!(!allow("git * --short", "git a b --short"));
        assert!(deny("git * --short", "git -c --short"));
    }

    #[test]
    fn a_bare_name_permits_only_itself_as_typed() {
        assert!(!allow("git", "/usr/bin/git"));
        assert!(!allow("git", "./git"));
        assert!(allow("*", "git push"));
        assert!(!allow("*", "./git"));
        assert!(allow("./*", "./tool"));
        assert!(!allow("./*", "./../out/tool"));
        assert!(!allow("./*", "tool"));
        assert!(allow("/opt/*/x", "/opt/a/x"));
    }

    #[test]
    fn a_bare_name_forbids_any_path_with_that_file_name() {
        assert!(deny("rm", "/bin/rm -r"));
        assert!(deny("rm -rf *", "/usr/../bin/rm -rf x"));
        assert!(deny("mkfs.*", "/sbin/mkfs.ext4"));
        assert!(deny("mkfs.*", "mkfs.ext4 x"));
        assert!(!deny("rm", "rmdir x"));
        assert!(deny("*", "./anything"));
        assert!(deny("/bin/*", "/bin/rm"));
    }

    #[test]
    fn an_empty_pattern_matches_nothing() {
        for pattern in ["", "  ", "''", "'' x"] {
            assert!(!allow(pattern, "x"));
            assert!(!deny(pattern, "x"));
        }
    }

    #[test]
    fn quoted_words_hold_spaces() {
        assert!(allow("git commit -m 'a b'", "git commit -m \"a b\""));
        assert!(!allow("git commit -m 'a b'", "git commit -m a b"));
        assert!(!allow("'git status'", "git status"));
    }

    #[test]
    fn wildcards_in_an_allowed_name_are_an_error() {
        for pattern in ["git*", "echo*", "$(*", "g?t", "[ab]", "**", "**x", "*x y"] {
            assert!(
                Pattern::new(pattern, Effect::Permit, Platform::Linux).is_err(),
                "{pattern}"
            );
        }
        let error = Pattern::new("git*", Effect::Permit, Platform::Linux).unwrap_err();
        assert!(error.contains("git *"), "{error}");
        for pattern in ["[[]", "*", "* x", "./*"] {
            assert!(
                Pattern::new(pattern, Effect::Permit, Platform::Linux).is_ok(),
                "{pattern}"
            );
        }
        for pattern in ["git [", "a 'b", "a\0"] {
            assert!(
                Pattern::new(pattern, Effect::Forbid, Platform::Linux).is_err(),
                "{pattern}"
            );
        }
    }

    #[test]
    fn windows_names_ignore_case_extension_and_trailing_dots() {
        let deny = |pattern, line| on(Platform::Windows, Effect::Forbid, pattern, line);
        let allow = |pattern, line| on(Platform::Windows, Effect::Permit, pattern, line);
        for line in [
            "DEL x",
            "del.exe x",
            "Del.COM",
            "del. x",
            "'del ' x",
            "C:\\bin\\del.exe x",
            "C:del",
            ".\\del",
            "del.exe.",
        ] {
            assert!(deny("del", line), "{line}");
        }
        assert!(deny("del /F *", "DEL /f x"));
        assert!(deny("npm", "npm.cmd x"));
        assert!(allow("git *", "GIT.exe status"));
        assert!(!allow("git *", "git. status"));
        assert!(!allow("git *", "git.bat status"));
        assert!(!allow("git *", "C:git status"));
        assert!(!allow("git status", "git STATUS"));
        assert!(allow("C:\\bin\\*.exe", "c:/BIN/x.exe"));
        assert!(!on(Platform::Linux, Effect::Forbid, "del", "DEL x"));
    }
}
