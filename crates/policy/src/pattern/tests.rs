//! How patterns are read.

use super::*;

fn on(platform: Platform, effect: Effect, pattern: &str, line: &str) -> bool {
    let words = CommandLine::parse(line).unwrap().into_words();
    Pattern::new(pattern, effect, platform).unwrap().matches(&Argv::new(&words, platform))
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
        assert!(Pattern::new(pattern, Effect::Permit, Platform::Linux).is_err(), "{pattern}");
    }
    let error = Pattern::new("git*", Effect::Permit, Platform::Linux).unwrap_err();
    assert!(error.contains("git *"), "{error}");
    for pattern in ["[[]", "*", "* x", "./*"] {
        assert!(Pattern::new(pattern, Effect::Permit, Platform::Linux).is_ok(), "{pattern}");
    }
    for pattern in ["git [", "a 'b", "a\0"] {
        assert!(Pattern::new(pattern, Effect::Forbid, Platform::Linux).is_err(), "{pattern}");
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
