//! Which policies are legal and probably wrong.

#![allow(clippy::unwrap_used)]

use vetty_policy::{FakeHost, Lint, Platform, Policy, PolicyBuilder, Profile, Rule, StrictArgs};

fn policy() -> PolicyBuilder {
    Policy::builder().workspace("/ws").search_path(["/bin"])
}

fn lints(builder: PolicyBuilder, platform: Platform) -> Vec<Lint> {
    let host = FakeHost::new(platform, "/ws").writable_directory("/tmp").directory("/ws/bin");
    let host = host.writable_directory("/open/ws");
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

fn agent() -> PolicyBuilder {
    policy().profile(Profile::Agent)
}

/// What is said of one policy: the codes, and the messages behind one another.
fn said(builder: PolicyBuilder) -> (Vec<(&'static str, String)>, String) {
    let lints = lints(builder, Platform::Linux);
    let messages = lints.iter().map(|lint| lint.message.as_str()).collect::<Vec<_>>().join("; ");
    (lints.into_iter().map(|lint| (lint.code, lint.key)).collect(), messages)
}

fn is_told(builder: PolicyBuilder, code: &'static str, key: &str, says: &str) {
    let (codes, messages) = said(builder);
    assert_eq!(codes, [(code, key.to_owned())], "{messages}");
    assert!(messages.contains(says), "{messages}");
}

fn is_not_told(builder: PolicyBuilder) {
    let (codes, messages) = said(builder);
    assert_eq!(codes, [], "{messages}");
}

#[test]
fn what_the_profile_judges_by_its_table_is_left_to_it() {
    for pattern in ["find *", "sed *", "env *", "xargs *", "python3 *", "bash *", "make *"] {
        is_not_told(agent().allow(pattern));
    }
    // A shell to talk to.
    is_told(agent().allow("bash"), "SHELL_ALLOWED", "commands.allow[0]", "a shell runs anything");
}

#[test]
fn an_interpreter_that_a_sandbox_confines_is_not_told() {
    let host = FakeHost::new(Platform::Linux, "/ws");
    let policy = policy().allow("python3 *").build_on(&host).unwrap();
    assert_eq!(policy.lint(&host)[0].code, "INTERPRETER_WILDCARD");
    assert_eq!(policy.under_confinement().lint(&host), []);
}

#[test]
fn rules_that_others_shadow_are_told() {
    for (builder, key) in [
        (policy().allow("git *").allow("git status"), "commands.allow[1]"),
        (policy().allow("git status *").allow("git"), "commands.allow[0]"),
        (policy().allow("x a").allow("x a"), "commands.allow[1]"),
        (policy().allow("y").deny("rm *").deny("rm -rf *"), "commands.deny[1]"),
        (policy().allow("y").ask("npm publish").ask("npm publish --tag *"), "commands.ask[1]"),
        (agent().allow("git *").allow("git *"), "commands.allow[1]"),
    ] {
        is_told(builder, "SHADOWED_RULE", key, "leave one of them out");
    }
    is_not_told(policy().allow("git log").allow("git log *.rs").allow("git status *").allow("tar *"));
    // There the longer one lifts what the profile refuses.
    is_not_told(agent().allow("python3 *").allow("python3 -m pytest *"));
    is_not_told(
        policy().allow("x").deny(Rule::new("rm").deny_flags(["-r"])).deny(Rule::new("rm").deny_flags(["-f"])),
    );
}

#[test]
fn what_is_denied_is_never_asked_about() {
    is_told(
        policy().allow("x").ask("npm publish").deny("npm *"),
        "UNREACHABLE_PATTERN",
        "commands.ask[0]",
        "nobody is asked: all of it is denied by commands.deny[0]",
    );
}

#[test]
fn a_prohibition_of_words_is_told_where_options_move() {
    for (builder, key) in [
        (policy().allow("git *").deny("git push"), "commands.deny[0]"),
        (policy().allow("rm").deny("rm -rf *"), "commands.deny[0]"),
        (policy().allow("tool *").deny("tool --danger"), "commands.deny[0]"),
        (policy().allow("git *").ask("git push --force"), "commands.ask[0]"),
    ] {
        is_told(builder, "DENY_BY_WORDS", key, "or set profile 'agent'");
    }
    is_not_told(policy().allow("git log *").deny("git push"));
    is_not_told(policy().allow("git *").deny(Rule::new("git").subcommand("push")));
    is_not_told(policy().allow("git *").deny("git ** --force"));
    is_not_told(policy().allow("tool *").deny("tool delete"));
    is_not_told(agent().allow("git *").deny("git push").deny("rm -rf *"));
}

#[test]
fn an_option_that_a_program_does_not_have_is_told() {
    for (rule, key, says) in [
        (
            Rule::new("git").subcommand("push").deny_flags(["--forse"]),
            ".flags.deny[0]",
            "did you mean --force?",
        ),
        (
            Rule::new("tar").deny_flags(["-x", "--nonsense-here"]),
            ".flags.deny[1]",
            "no option --nonsense-here",
        ),
        (Rule::new("git").subcommand("pusch"), ".subcommand", "git has no subcommand pusch"),
    ] {
        is_told(policy().allow("x").deny(rule), "UNKNOWN_OPTION", &format!("commands.deny[0]{key}"), says);
    }
    is_not_told(policy().allow("x").deny(Rule::new("git").subcommand("push").deny_flags(["-f", "--force"])));
    is_not_told(policy().allow("x").deny(Rule::new("git").deny_flags(["--hard"])));
    is_not_told(policy().allow("x").deny(Rule::new("nobody-knows").deny_flags(["--anything"])));
}

#[test]
fn regular_expressions_are_told() {
    for pattern in ["git log.*$", "git .*", "x (a|b)", "x [a-z]+", "x \\d", "x ^a", "x a$", "x a.+"] {
        is_told(
            policy().allow("y").deny(pattern),
            "REGEX_IN_PATTERN",
            "commands.deny[0]",
            "it is no regular expression",
        );
    }
    for pattern in ["mkfs.*", "x *.rs", "x src/[a-z]*.c", "x $", "x .*rc", "x 'HEAD^'"] {
        is_not_told(policy().allow("y").deny(pattern));
    }
}

#[test]
fn what_only_a_shell_would_read_is_told() {
    for pattern in [
        "x a && y",
        "x | y",
        "x > f",
        "x a; y",
        "x {a,b}",
        "x ~/notes",
        "x $HOME",
        "x ${HOME}/a",
        "x `id`",
        "x $(id)",
    ] {
        let builder = policy().allow(pattern).strict_args(StrictArgs::Off);
        is_told(builder, "SHELL_SYNTAX_IN_PATTERN", "commands.allow[0]", "no shell reads it");
    }
    for pattern in ["x {}", "x a{b}", "x HEAD~1", "x a~", "x 5$"] {
        let (codes, _) = said(policy().allow(pattern));
        assert!(!codes.iter().any(|(code, _)| *code == "SHELL_SYNTAX_IN_PATTERN"), "{pattern}: {codes:?}");
    }
}

#[test]
fn what_a_shell_does_itself_is_told() {
    is_told(policy().allow("cd *"), "SHELL_BUILTIN", "commands.allow[0]", "a shell does cd itself");
    is_told(policy().allow("export *"), "SHELL_BUILTIN", "commands.allow[0]", "no program has this name");
}

#[test]
fn places_that_give_too_much_are_told() {
    let at = |place: &str| Policy::builder().allow("x").search_path(["/bin"]).workspace(place);
    is_told(at("/open/ws"), "WORKSPACE_WORLD_WRITABLE", "workspaces[0]", "anybody may write /open/ws");
    for place in ["/etc", "/home/me", "/root", "/Users/me"] {
        is_told(at(place), "WORKSPACE_TOO_WIDE", "workspaces[0]", place);
    }
    is_not_told(at("/home/me/project"));
    is_told(policy().allow("x").path_read("/"), "PATH_ANYWHERE", "paths[0]", "every file");
}

#[test]
fn a_policy_that_a_child_can_write_is_told() {
    let host = FakeHost::new(Platform::Linux, "/ws").file("/ws/policy.toml").file("/etc/policy.toml");
    let files =
        |name: &str| policy().allow("x").build_on(&host).unwrap().read_from(&[name.into()]).lint(&host);
    assert_eq!(files("/etc/policy.toml"), []);
    let told = files("/ws/policy.toml");
    assert_eq!(told[0].code, "POLICY_WRITABLE");
    assert!(told[0].message.contains("/ws/policy.toml lies where a child may write"), "{}", told[0].message);
}

#[test]
fn variables_that_give_too_much_are_told() {
    let with = |name: &str| policy().allow("x").env_allow("PATH").env_allow(name);
    is_told(with("LD_PRELOAD"), "GUARDED_VARIABLE", "env.allow[1]", "what programs load or run");
    is_told(with("GITHUB_TOKEN"), "GUARDED_VARIABLE", "env.allow[1]", "holds a secret");
    is_not_told(with("LANG"));
    is_not_told(with("LC_*"));
    is_told(policy().allow("x").env_allow_all(), "ENV_ALLOW_ALL", "env.allow", "every variable passes");
    let set = |name: &str, value: &str| policy().allow("x").env_set(name, value);
    is_told(set("API_TOKEN", "a"), "SECRET_IN_ENV", "env.set.API_TOKEN", "API_TOKEN holds a secret");
    let (codes, messages) = said(set("CONFIG", "ghp_0123456789abcdef0123"));
    assert_eq!(codes, [("SECRET_IN_ENV", "env.set.CONFIG".to_owned())]);
    assert!(!messages.contains("ghp_"), "{messages}");
    is_not_told(set("API_TOKEN", ""));
    is_not_told(set("RUST_LOG", "debug"));
}

#[test]
fn every_code_is_in_the_guide_and_in_the_types() {
    let read =
        |name: &str| std::fs::read_to_string(format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (guide, types) = (read("docs/src/explanations.md"), read("npm/terminal/types/configuration.d.cts"));
    let told: Vec<&str> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(code, _)| code)
        .collect();
    for code in Lint::CODES {
        assert!(told.contains(code), "docs/src/explanations.md has no row for {code}");
        assert!(types.contains(&format!("'{code}'")), "configuration.d.cts does not name {code}");
    }
    let is_code = |word: &&&str| word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let unknown: Vec<_> = told.iter().filter(is_code).filter(|code| !Lint::CODES.contains(code)).collect();
    assert!(unknown.is_empty(), "nothing is told with {unknown:?}");
}

#[test]
fn a_word_that_another_check_refuses_is_told() {
    for (pattern, by) in
        [("x a(b)", "commands.strictArgs"), ("x ../y", "commands.dotDot"), ("x 'a<b' *", "strictArgs")]
    {
        let says = format!("{by} refuses every command with the word");
        is_told(policy().allow(pattern), "UNREACHABLE_PATTERN", "commands.allow[0]", &says);
    }
    is_not_told(agent().allow("x a(b)").allow("x ../y"));
    is_not_told(policy().allow("x HEAD..").allow("x [(]"));
}

#[test]
fn a_double_star_within_a_word_is_told() {
    is_told(
        policy().allow("cat src/**/*.rs"),
        "GLOBSTAR_IN_WORD",
        "commands.allow[0]",
        "stays within one directory",
    );
    is_not_told(policy().allow("cat ** x"));
}
