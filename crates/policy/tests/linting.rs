//! Which policies are legal and probably wrong.

#![allow(clippy::unwrap_used)]

use vetty_policy::{FakeHost, Lint, Platform, Policy, PolicyBuilder};

fn policy() -> PolicyBuilder {
    Policy::builder().workspace("/ws").search_path(["/bin"])
}

fn lints(builder: PolicyBuilder, platform: Platform) -> Vec<Lint> {
    let host = FakeHost::new(platform, "/ws").writable_directory("/tmp").directory("/ws/bin");
    builder.build_on(&host).unwrap().lint(&host)
}

fn codes(builder: PolicyBuilder) -> Vec<(&'static str, String)> {
    lints(builder, Platform::Linux).into_iter().map(|lint| (lint.code, lint.key)).collect()
}

/// What is said of one allowed pattern.
fn said_of(pattern: &str, platform: Platform) -> Option<(&'static str, String)> {
    let builder = Policy::builder().allow(pattern).search_path(Vec::<String>::new());
    let mut found = lints(builder, platform).into_iter();
    let said = found.next().map(|lint| (lint.code, lint.message));
    assert!(found.next().is_none(), "{pattern} is told once");
    said
}

#[test]
fn odd_policies_are_linted() {
    for (builder, code, key) in [
        (policy().allow_all(), "ALLOW_ALL", "commands.allow"),
        (policy().allow("x").allow("*"), "ALLOW_ALL", "commands.allow[1]"),
        (policy().allow("x").deny(""), "UNREACHABLE_PATTERN", "commands.deny[0]"),
        (policy().allow("x").deny("A=1 x"), "UNREACHABLE_PATTERN", "commands.deny[0]"),
        (policy().allow("x").deny("x a b c").max_args(2), "UNREACHABLE_PATTERN", "commands.deny[0]"),
        (policy().allow("git push origin").deny("git push"), "UNREACHABLE_PATTERN", "commands.allow[0]"),
        (policy().allow("x").workspace("/"), "WORKSPACE_ANYWHERE", "workspaces[1]"),
        (policy().allow("x").search_path(["", "/bin"]), "SEARCH_PATH_SKIPPED", "commands.searchPath[0]"),
        (policy().allow("x").search_path(["/bin", "rel"]), "SEARCH_PATH_SKIPPED", "commands.searchPath[1]"),
        (policy().allow("x").search_path(["/tmp"]), "SEARCH_PATH_SKIPPED", "commands.searchPath[0]"),
        (policy().allow("x").search_path(["/ws/bin"]), "SEARCH_PATH_SKIPPED", "commands.searchPath[0]"),
    ] {
        assert_eq!(codes(builder), [(code, key.to_owned())]);
    }
    assert_eq!(codes(policy().allow("git status *").deny("git push")), []);
}

#[test]
fn a_shell_or_an_interpreter_is_told_where_the_caller_chooses_what_it_runs() {
    for pattern in
        ["sh", "bash *", "/bin/sh", "sh -c *", "sh -ec *", "sh -c 'make *'", "sh **", "sh -x * --", "sh *.sh"]
    {
        let (code, message) = said_of(pattern, Platform::Linux).expect(pattern);
        let name = if pattern.starts_with("bash") { "bash" } else { "sh" };
        let says = format!(
            "{pattern:?} leaves open what {name} runs, and a shell runs anything: write out the script"
        );
        assert_eq!((code, message), ("SHELL_ALLOWED", says));
    }
    for pattern in [
        "python3",
        "python3.12 *",
        "python3 -m *",
        "node -e *",
        "node --import *",
        "awk *",
        "npx *",
        "make *",
    ] {
        let (code, message) = said_of(pattern, Platform::Linux).expect(pattern);
        let name = pattern.split(' ').next().unwrap();
        let says = format!("{pattern:?} leaves open what {name} runs: write that out, a script for example");
        assert_eq!((code, message), ("INTERPRETER_WILDCARD", says));
    }
    for pattern in ["cmd /c *", "cmd.exe /d /s /c *", "powershell -Command *"] {
        assert_eq!(said_of(pattern, Platform::Windows).expect(pattern).0, "SHELL_ALLOWED");
    }
}

#[test]
fn a_shell_or_an_interpreter_with_its_script_written_out_is_not_told() {
    for pattern in [
        "sh scripts/build.sh",
        "sh scripts/build.sh *",
        "sh scripts/*.sh",
        "/bin/bash -e scripts/build.sh *",
        "sh -c 'make test'",
        "bash --version",
        "python3 scripts/*.py",
        "python3 -m pytest *",
        "node --test tests/*.mjs",
        "make test",
        "npx eslint *",
        "git *",
    ] {
        assert_eq!(said_of(pattern, Platform::Linux), None, "{pattern}");
    }
    assert_eq!(said_of("cmd /c build.bat *", Platform::Windows), None);
    assert_eq!(said_of(r"python scripts\*.py", Platform::Windows), None);
}

#[test]
fn a_wrapper_is_told_where_its_words_are_left_open() {
    for pattern in ["env", "/usr/bin/env *", "timeout 5 *", "find . -name *", "sudo * status"] {
        let (code, message) = said_of(pattern, Platform::Linux).expect(pattern);
        let name = pattern.split(' ').next().unwrap().trim_start_matches("/usr/bin/");
        let says = format!(
            "{pattern:?} leaves open what {name} is given, and it can start programs that no rule looks at: write it out"
        );
        assert_eq!((code, message), ("WRAPPER_ALLOWED", says));
    }
    for pattern in ["timeout 5 make", "find . -name core", "sudo systemctl status"] {
        assert_eq!(said_of(pattern, Platform::Linux), None, "{pattern}");
    }
}
