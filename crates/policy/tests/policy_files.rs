//! Policies that stand in files: formats, includes, tests of their own, and files that are not to be trusted.

#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use tempfile::TempDir;
use vetty_policy::{Code, ConfigError, ConfigErrorCode, Policy, Request};

/// A folder with these files, which nobody else may write.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn load(folder: &TempDir) -> Result<Policy, ConfigError> {
    Policy::load(folder.path().join("policy.toml"))
}

fn refusal(folder: &TempDir) -> ConfigError {
    load(folder).expect_err("the policy is refused")
}

/// A policy of one file, with what every file needs.
fn single(text: &str) -> TempDir {
    folder(&[("policy.toml", &format!("version = 1\nworkspaces = [\"/srv\"]\n{text}"))])
}

fn code(policy: &Policy, line: &str) -> Code {
    policy.judge(&Request::new(line)).map_or_else(|denial| denial.code(), |_| Code::Allowed)
}

#[test]
fn both_formats_and_the_object_mean_the_same() {
    let folder = folder(&[
        (
            "policy.toml",
            "version = 1\nworkspaces = ['/srv']\n[commands]\nallow = ['git *', { program = 'tar', flags = { deny = ['-x'] } }]\n\
             max_args = 3\nsearch_path = ['/usr/bin']\n[env]\nset = { MY_name = 'x' }\n",
        ),
        (
            "policy.json",
            r#"{ "$schema": "https://example.org/policy.schema.json", "version": 1, "workspaces": ["/srv"],
                "commands": { "allow": ["git *", { "program": "tar", "flags": { "deny": ["-x"] } }], "maxArgs": 3,
                              "searchPath": ["/usr/bin"] },
                "env": { "set": { "MY_name": "x" } } }"#,
        ),
    ]);
    let toml = Policy::load(folder.path().join("policy.toml")).unwrap();
    let json = Policy::load(folder.path().join("policy.json")).unwrap();
    let built = Policy::builder()
        .workspace("/srv")
        .allow("git *")
        .allow(vetty_policy::Rule::new("tar").deny_flags(["-x"]))
        .max_args(3)
        .search_path(["/usr/bin"])
        .env_set("MY_name", "x")
        .build()
        .unwrap();
    assert_eq!(toml.config(), json.config());
    assert_eq!((toml.hash(), json.hash()), (built.hash(), built.hash()));
    let denial = toml.judge(&Request::new("rm x")).unwrap_err();
    assert_eq!(denial.verdict().policy, toml.hash());
    assert_eq!(code(&toml, "git log"), Code::Allowed);
}

#[test]
fn a_mistake_is_told_with_its_file_and_its_key() {
    for (text, key, says) in [
        ("[commands]\nalow = []", "commands.alow", "unknown key, did you mean allow?"),
        ("[commands]\nmax_arg = 1", "commands.max_arg", "unknown key, did you mean max_args?"),
        ("[commands]\nallow = ['a', 1]", "commands.allow[1]", "expected a string or a rule, got 1"),
        ("[commands]\nallow = ['a', 'git*']", "commands.allow[1]", "write \"git *\""),
        ("[commands]\nmax_args = 1\nmaxArgs = 2", "commands.maxArgs", "expected once, got twice"),
        ("[env]\nallow = ['[']", "env.allow[0]", ""),
        ("include = 'a.toml'", "include", "expected an array of strings"),
        ("include = [1]", "include[0]", "expected a string, got 1"),
        ("tests = { allows = [] }", "tests.allows", "unknown key, did you mean allow?"),
        ("tests = { deny = 'rm' }", "tests.deny", "expected an array"),
        ("limits = { wall = 1 }", "limits", "unknown key"),
        ("'$schema' = 1", "$schema", "expected a string, got 1"),
        ("a = ", "", "line 3 column 5"),
    ] {
        let folder = single(text);
        let error = refusal(&folder);
        let file = folder.path().canonicalize().unwrap().join("policy.toml");
        assert_eq!(
            (error.file(), error.key().starts_with(key)),
            (Some(file.as_path()), true),
            "{text}: {error}"
        );
        assert!(error.message().starts_with(&format!("{}: ", file.display())), "{error}");
        assert!(error.message().contains(says), "{text}: {error}");
    }
}

#[test]
fn a_file_says_its_version() {
    for (version, says) in
        [("", "got none"), ("version = 2", "expected 1, got 2"), ("version = '1'", "got \"1\"")]
    {
        let folder = folder(&[("policy.toml", version)]);
        let error = refusal(&folder);
        assert_eq!(error.key(), "version");
        assert!(error.message().ends_with(says), "{error}");
    }
}

#[test]
fn what_is_no_policy_file_is_told() {
    let folder = folder(&[("policy.yaml", "version: 1"), ("latin.toml", "")]);
    std::fs::write(folder.path().join("latin.toml"), b"# \xe4\n").unwrap();
    std::fs::write(folder.path().join("large.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    std::fs::create_dir(folder.path().join("directory.toml")).unwrap();
    for (name, says) in [
        ("policy.yaml", "expected a file whose name ends in .json or .toml"),
        ("missing.toml", "cannot be read: "),
        ("latin.toml", "is no UTF-8"),
        ("large.toml", "at most 1048576 bytes"),
        ("directory.toml", "cannot be read: "),
    ] {
        let error = Policy::load(folder.path().join(name)).unwrap_err();
        assert!(error.message().contains(says), "{name}: {error}");
        assert!(error.file().unwrap().ends_with(name), "{error}");
    }
}

#[test]
fn includes_are_put_together() {
    let folder = folder(&[
        (
            "policy.toml",
            "version = 1\ninclude = ['parts/git.toml', 'parts/rust.json']\nworkspaces = ['/srv']\n\
             [commands]\nallow = ['make *']\ndeny = ['make install']\nmax_args = 20\n",
        ),
        (
            "parts/git.toml",
            "version = 1\ninclude = ['more/deny.toml']\n[commands]\nallow = ['git *']\nmax_args = 5\n",
        ),
        ("parts/more/deny.toml", "version = 1\n[commands]\ndeny = ['git push']\n[env]\ndeny = ['CI_*']\n"),
        (
            "parts/rust.json",
            r#"{ "version": 1, "commands": { "allow": ["cargo *"], "ask": ["cargo publish"] } }"#,
        ),
    ]);
    let policy = load(&folder).unwrap();
    let texts = |entries: &[vetty_policy::Entry]| entries.iter().map(ToString::to_string).collect::<Vec<_>>();
    let commands = &policy.config().commands;
    assert_eq!(texts(commands.allow.as_ref().unwrap()), ["make *", "git *", "cargo *"]);
    assert_eq!(texts(&commands.deny), ["make install", "git push"]);
    assert_eq!(commands.max_args, Some(20));
    // The default names are not lost by an include that adds one.
    assert_eq!(policy.config().env.deny.as_deref().unwrap(), ["CI_*", "HOME", "SSH_*"]);
    assert_eq!(code(&policy, "git push"), Code::CommandDenied);
    assert_eq!(code(&policy, "cargo publish"), Code::ApprovalRequired);
    let root = folder.path().canonicalize().unwrap();
    let files = ["policy.toml", "parts/git.toml", "parts/more/deny.toml", "parts/rust.json"];
    assert_eq!(policy.files(), files.map(|name| root.join(name)));
}

#[test]
fn what_an_include_denies_stays_denied_whatever_the_file_says() {
    let folder = folder(&[
        (
            "policy.toml",
            "version = 1\ninclude = ['base.toml']\nworkspaces = ['/srv']\n[commands]\nallow = ['rm *', 'git *']\ndeny = []\n",
        ),
        (
            "base.toml",
            "version = 1\n[commands]\ndeny = ['rm *']\n[tests]\ndeny = ['rm x']\nallow = ['never judged here']\n",
        ),
    ]);
    assert_eq!(code(&load(&folder).unwrap(), "rm x"), Code::CommandDenied);
}

#[test]
fn an_include_switches_no_check_off() {
    for text in [
        "[commands]\ndefault = 'allow'",
        "[commands]\nallow = []",
        "[commands]\nno_shell = false",
        "workspaces = ['/']",
    ] {
        let base = format!("version = 1\n{text}\n");
        let own = "version = 1\ninclude = ['base.toml']\n";
        let folder = folder(&[("policy.toml", own), ("base.toml", &base)]);
        let error = refusal(&folder);
        assert!(error.message().contains("an include loosens it"), "{text}: {error}");
        std::fs::write(folder.path().join("policy.toml"), format!("{own}{text}\n")).unwrap();
        load(&folder).unwrap();
    }
}

#[test]
fn includes_that_disagree_are_told_with_both() {
    let folder = folder(&[
        ("policy.toml", "version = 1\ninclude = ['a.toml', 'b.toml']\nworkspaces = ['/srv']\n"),
        ("a.toml", "version = 1\n[commands]\nmax_args = 1\n"),
        ("b.toml", "version = 1\n[commands]\nmax_args = 2\n"),
    ]);
    let error = refusal(&folder);
    let root = folder.path().canonicalize().unwrap();
    let file = |name: &str| root.join(name).display().to_string();
    let says = format!(
        "{}: commands.maxArgs: expected one value, got 1 in {} and 2 in {}: say here which",
        file("policy.toml"),
        file("a.toml"),
        file("b.toml")
    );
    assert_eq!(error.message(), says);
}

#[test]
fn an_include_stays_below_its_file_or_is_absolute() {
    let elsewhere = folder(&[("other.toml", "version = 1\n[commands]\nallow = ['x']\n")]);
    let other = elsewhere.path().join("other.toml");
    let folder = folder(&[("up.toml", "version = 1\n"), ("sub/policy.toml", "")]);
    let sub = folder.path().join("sub");
    let load = |include: &str| {
        let text = format!("version = 1\ninclude = [{include:?}]\nworkspaces = ['/srv']\n");
        std::fs::write(sub.join("policy.toml"), text).unwrap();
        Policy::load(sub.join("policy.toml"))
    };
    for include in ["../up.toml", "./../up.toml", "", "~/up.toml"] {
        let error = load(include).unwrap_err();
        assert_eq!(error.key(), "include[0]");
        assert!(error.message().contains("expected a file below this one's directory"), "{error}");
    }
    assert_eq!(code(&load(other.to_str().unwrap()).unwrap(), "x"), Code::Allowed);
}

#[test]
fn circles_and_towers_of_includes_are_refused() {
    let folder = folder(&[
        ("policy.toml", "version = 1\ninclude = ['a.toml']\n"),
        ("a.toml", "version = 1\ninclude = ['b.toml']\n"),
        ("b.toml", "version = 1\ninclude = ['a.toml']\n"),
    ]);
    let error = refusal(&folder);
    let a = folder.path().canonicalize().unwrap().join("a.toml");
    assert_eq!((error.key(), error.file()), ("include", Some(a.as_path())));
    assert!(error.message().contains("includes itself: "), "{error}");

    for i in 0..20 {
        let text = format!("version = 1\ninclude = ['{}.toml']\n", i + 1);
        std::fs::write(folder.path().join(format!("{i}.toml")), text).unwrap();
    }
    let error = Policy::load(folder.path().join("0.toml")).unwrap_err();
    assert!(error.message().contains("at most 8 files within one another"), "{error}");

    // Each of a few files includes the next one many times: the same file, and more often than anybody waits for.
    for i in 0..6 {
        let many = vec![format!("\"w{}.toml\"", i + 1); 20].join(", ");
        std::fs::write(
            folder.path().join(format!("w{i}.toml")),
            format!("version = 1\ninclude = [{many}]\n"),
        )
        .unwrap();
    }
    std::fs::write(folder.path().join("w6.toml"), "version = 1\n").unwrap();
    let error = Policy::load(folder.path().join("w0.toml")).unwrap_err();
    assert!(error.message().contains("at most 64 files in all"), "{error}");
}

#[test]
fn a_file_that_two_includes_share_is_no_circle() {
    let folder = folder(&[
        ("policy.toml", "version = 1\ninclude = ['a.toml', 'b.toml']\nworkspaces = ['/srv']\n"),
        ("a.toml", "version = 1\ninclude = ['c.toml']\n"),
        ("b.toml", "version = 1\ninclude = ['c.toml']\n"),
        ("c.toml", "version = 1\n[commands]\nallow = ['x']\n"),
    ]);
    let policy = load(&folder).unwrap();
    assert_eq!(policy.config().commands.allow.as_ref().unwrap().len(), 1);
    assert_eq!(policy.files().len(), 4);
}

const TESTED: &str = "profile = 'agent'\n[commands]\nallow = ['git *', 'cat *', './run *']\ndeny = ['git push *']\nask = ['git commit *', './deploy *']\n";

#[test]
fn tests_of_a_file_run_when_it_is_loaded() {
    let folder = single(&format!(
        "{TESTED}[tests]\nallow = ['git log', 'cat notes.txt', './run x']\nask = ['git commit -m x', './deploy now']\n\
         deny = ['git push', 'cat /etc/passwd', 'git -c core.pager=x log', 'rm x', 'git \"']\n"
    ));
    load(&folder).unwrap();
}

#[test]
fn a_test_that_fails_says_which_and_why() {
    for (tests, key, says) in [
        (
            "allow = ['git log', 'git push origin']",
            "tests.allow[1]",
            "expected \"git push origin\" to be permitted, and it gets COMMAND_DENIED: Command not allowed: git \
             (\"git push *\" in commands.deny[0])",
        ),
        (
            "deny = ['git log']",
            "tests.deny[0]",
            "expected \"git log\" to be refused, and it is permitted by \"git *\" in commands.allow[0]",
        ),
        ("deny = ['git commit']", "tests.deny[0]", "and it gets APPROVAL_REQUIRED"),
        ("deny = ['./run']", "tests.deny[0]", "and it is permitted where its program exists"),
        ("ask = ['git log']", "tests.ask[0]", "to be asked about, and it is permitted"),
        // Nobody would be asked.
        ("ask = ['git commit -F /etc/passwd']", "tests.ask[0]", "gets PATH_OUTSIDE_WORKSPACE"),
        ("allow = ['git commit']", "tests.allow[0]", "gets APPROVAL_REQUIRED"),
        ("allow = ['cat ../x']", "tests.allow[0]", "gets PATH_OUTSIDE_WORKSPACE"),
    ] {
        let folder = single(&format!("{TESTED}[tests]\n{tests}\n"));
        let error = refusal(&folder);
        assert_eq!((error.code(), error.key()), (ConfigErrorCode::PolicyTestFailed, key), "{error}");
        assert!(error.message().contains(says), "{error}");
        assert!(error.file().unwrap().ends_with("policy.toml"));
    }
}

#[cfg(unix)]
mod trust {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::{Path, PathBuf};

    fn mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn policy(folder: &TempDir) -> PathBuf {
        folder.path().join("policy.toml")
    }

    #[test]
    fn a_file_that_anybody_may_write_is_refused() {
        let folder = single("");
        mode(&policy(&folder), 0o666);
        let error = refusal(&folder);
        assert!(error.message().contains("anybody may write it"), "{error}");
        mode(&policy(&folder), 0o664);
        load(&folder).unwrap();
    }

    #[test]
    fn a_file_that_anybody_may_replace_is_refused() {
        let folder = folder(&[("sub/policy.toml", "version = 1\nworkspaces = ['/srv']\n")]);
        let load = || Policy::load(folder.path().join("sub/policy.toml"));
        mode(folder.path(), 0o777);
        let error = load().unwrap_err();
        let directory = folder.path().display().to_string();
        assert!(error.message().contains(&format!("may replace what stands in {directory}")), "{error}");
        // As /tmp is.
        mode(folder.path(), 0o1777);
        load().unwrap();
    }

    #[test]
    fn a_link_that_anybody_may_replace_is_refused() {
        let kept = single("");
        let open = folder(&[]);
        symlink(policy(&kept), policy(&open)).unwrap();
        load(&open).unwrap();
        mode(open.path(), 0o777);
        assert!(refusal(&open).message().contains("may replace what stands in"));
    }

    #[test]
    fn an_include_is_trusted_no_more_than_the_file() {
        let folder =
            folder(&[("policy.toml", "version = 1\ninclude = ['a.toml']\n"), ("a.toml", "version = 1\n")]);
        mode(&folder.path().join("a.toml"), 0o602);
        let error = refusal(&folder);
        assert!(
            error.file().unwrap().ends_with("a.toml") && error.message().contains("anybody may write it"),
            "{error}"
        );
    }

    #[test]
    fn an_include_does_not_leave_by_a_link() {
        let elsewhere = folder(&[("other.toml", "version = 1\n")]);
        let folder = folder(&[("policy.toml", "version = 1\ninclude = ['link.toml']\n")]);
        symlink(elsewhere.path().join("other.toml"), folder.path().join("link.toml")).unwrap();
        assert!(refusal(&folder).message().contains("expected a file below this one's directory"));
    }

    #[test]
    fn nothing_waits_for_a_pipe() {
        let folder = folder(&[]);
        let made = std::process::Command::new("mkfifo").arg(policy(&folder)).status().unwrap();
        assert!(made.success());
        assert!(refusal(&folder).message().contains("no regular file"));
    }
}
