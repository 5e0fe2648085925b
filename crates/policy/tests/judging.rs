//! What a policy says of a command, on machines of any platform.

#![allow(clippy::unwrap_used)]

use std::ffi::OsString;
use vetty_policy::{
    Code, Config, DotDot, FakeHost, Fallback, Platform, Policy, PolicyBuilder, Request, StrictArgs, Verdict,
};

fn linux() -> FakeHost {
    FakeHost::new(Platform::Linux, "/ws").directory("/ws/sub").search_path(["/bin"]).with_every_program()
}

fn windows() -> FakeHost {
    FakeHost::new(Platform::Windows, "C:\\ws")
        .directory("C:\\ws\\sub")
        .file("C:\\ws\\f.txt")
        .file("C:\\secret")
        .directory("C:\\out")
        .symlink("C:\\ws\\junction", "C:\\out")
        .executable("C:\\bin\\npm.cmd")
        .executable("C:\\bin\\run.bat")
        .executable("C:\\bin\\git.exe")
        .search_path(["C:\\bin"])
}

fn verdict(builder: PolicyBuilder, host: &FakeHost, line: &str) -> Verdict {
    let policy = builder.build_on(host).unwrap();
    match policy.judge(&Request::new(line)).and_then(|vetted| vetted.bind(host)) {
        Ok(permit) => permit.into_parts().verdict,
        Err(denial) => denial.into_verdict(),
    }
}

fn code(builder: PolicyBuilder, line: &str) -> Code {
    verdict(builder, &linux(), line).code
}

fn on_windows(builder: PolicyBuilder, line: &str) -> Code {
    verdict(builder, &windows(), line).code
}

fn policy() -> PolicyBuilder {
    Policy::builder()
}

#[test]
fn the_first_refusal_is_reported() {
    // Each line carries all the later mistakes as well.
    let strict = || policy().allow("echo").deny("rm").ask("ask").max_args(3);
    for (line, expected) in [
        ("rm '; \0 ../x /etc a b c", Code::MalformedCommand),
        ("-x ; ../x", Code::MalformedCommand),
        ("rm ; ../x /etc a b c", Code::CommandDenied),
        ("ask ; ../x /etc a b c", Code::ApprovalRequired),
        ("cat ; ../x /etc a b c", Code::CommandNotAllowed),
        ("echo ; ../x /etc a b c", Code::TooManyArguments),
        ("echo '\0;\n' ../x /etc", Code::NulByte),
        ("echo ';\n/../' ../x /etc", Code::ShellMetacharacter),
        ("echo '\n/../' ; /etc", Code::ControlCharacter),
        ("echo a/../b ; /etc", Code::PathTraversal),
        ("echo ; a/../b /etc", Code::ShellMetacharacter),
        ("echo /etc", Code::PathOutsideWorkspace),
    ] {
        assert_eq!(code(strict(), line), expected, "{line:?}");
    }
    let host = linux();
    let policy = strict().build_on(&host).unwrap();
    let env = [(OsString::from("A B"), OsString::new())];
    let code = |cwd, line| {
        let request = Request { cwd, env: &env, ..Request::new(line) };
        policy.judge(&request).and_then(|vetted| vetted.bind(&host)).unwrap_err().code()
    };
    assert_eq!(code(Some("/"), "echo /etc"), Code::WorkspaceNotAllowed);
    assert_eq!(code(Some("sub"), "echo /etc"), Code::PathOutsideWorkspace);
    assert_eq!(code(Some("sub"), "echo x"), Code::InvalidEnvironment);
}

#[test]
fn messages_keep_the_known_wording() {
    let message = |line: &str| verdict(policy().allow("echo").deny("rm").max_args(2), &linux(), line).message;
    assert_eq!(message("cat x"), "Command not allowed: cat");
    assert_eq!(message("rm x"), "Command not allowed: rm");
    assert_eq!(message("''"), "Empty command");
    assert_eq!(message("echo a b c"), "Argument validation failed: Too many arguments: 3 > max 2");
    assert_eq!(message("echo a 'b\0'"), "Argument validation failed: Null bytes detected in argument 1");
    assert_eq!(
        message("echo 'a;'"),
        "Argument validation failed: Invalid characters in argument 0: shell metacharacters detected"
    );
    assert_eq!(message("echo ../x"), "Argument validation failed: Path traversal detected in argument 0");
    assert_eq!(message("echo a /etc"), "Argument validation failed: Path outside workspace in argument 1");
    assert_eq!(
        message("'e\u{1b}[31m'"),
        "Malformed command: a control, invisible or non-ASCII character in the program: e\\u{1b}[31m"
    );
}

#[test]
fn a_refusal_tells_what_is_allowed_in_its_hint_only() {
    let verdict = verdict(policy().allow("git status *").deny("git push"), &linux(), "cat x");
    assert!(!verdict.message.contains("git"), "{}", verdict.message);
    assert!(verdict.hint.unwrap().contains("git status *"));
    let denied = self::verdict(policy().allow("git").deny("git push"), &linux(), "git push");
    let rule = denied.rule.unwrap();
    assert_eq!((rule.text.as_str(), rule.key.as_str()), ("git push", "commands.deny[0]"));
    assert_eq!(denied.argv, ["git", "push"]);
    assert_eq!(denied.policy.len(), 64);
}

#[test]
fn absent_empty_and_given_allow_lists_differ() {
    assert_eq!(code(policy(), "x"), Code::CommandNotAllowed);
    assert_eq!(code(policy().deny("y"), "x"), Code::CommandNotAllowed);
    assert_eq!(code(policy().allow_all(), "x"), Code::Allowed);
    assert_eq!(code(policy().allow(""), "x"), Code::CommandNotAllowed);
    assert_eq!(code(policy().allow("y").fallback(Fallback::Ask), "x"), Code::ApprovalRequired);
    let host = linux();
    let fallback = |json: &str| {
        let config = Config::deserialize(&mut serde_json::Deserializer::from_str(json)).unwrap();
        Policy::new(config, &host).unwrap().config().commands.default.unwrap()
    };
    assert_eq!(fallback("{}"), Fallback::Deny);
    assert_eq!(fallback(r#"{"commands":{"allow":[]}}"#), Fallback::Allow);
    assert_eq!(fallback(r#"{"commands":{"allow":["x"]}}"#), Fallback::Deny);
    assert_eq!(fallback(r#"{"commands":{"allow":[],"default":"deny"}}"#), Fallback::Deny);
    assert_eq!(fallback(r#"{"commands":{"deny":["x"]}}"#), Fallback::Deny);
}

#[test]
fn an_argv_is_taken_as_it_is() {
    let host = linux();
    let judge = |strict, argv: &[&str]| {
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let policy = policy().allow("echo").strict_args(strict).no_shell(false).build_on(&host).unwrap();
        policy.judge(&Request::new(&argv)).and_then(|vetted| vetted.bind(&host)).map_or_else(
            |denial| denial.code(),
            |permit| {
                assert_eq!(permit.argv(), argv);
                Code::Allowed
            },
        )
    };
    assert_eq!(judge(StrictArgs::Every, &["echo", "a b", "'", "\"", "\\\"", ""]), Code::Allowed);
    assert_eq!(judge(StrictArgs::Every, &["echo", ";"]), Code::ShellMetacharacter);
    assert_eq!(judge(StrictArgs::Unquoted, &["echo", "; $x `y` {a,b} \n"]), Code::Allowed);
    assert_eq!(judge(StrictArgs::Unquoted, &["echo", "\x1b"]), Code::ControlCharacter);
    assert_eq!(judge(StrictArgs::Off, &["echo", "; \x1b\n"]), Code::Allowed);
    assert_eq!(judge(StrictArgs::Off, &["echo", "\0"]), Code::NulByte);
    assert_eq!(judge(StrictArgs::Off, &["echo", "../x"]), Code::PathTraversal);
    assert_eq!(judge(StrictArgs::Off, &[""]), Code::EmptyCommand);
    assert_eq!(judge(StrictArgs::Off, &[]), Code::EmptyCommand);
    assert_eq!(judge(StrictArgs::Off, &["A=1", "echo"]), Code::MalformedCommand);
}

#[test]
fn lengths_come_first() {
    let long = format!("'{}", "x".repeat(1 << 20));
    assert_eq!(code(policy(), &long), Code::ArgumentTooLong);
    assert_eq!(code(policy().allow("echo"), &format!("echo {}", "x".repeat(131_071))), Code::Allowed);
    assert_eq!(code(policy().allow("echo"), &format!("echo {}", "x".repeat(131_072))), Code::ArgumentTooLong);
    assert_eq!(on_windows(policy(), &"x".repeat(40_000)), Code::ArgumentTooLong);
}

#[test]
fn odd_program_names_need_a_pattern_that_spells_them() {
    let strict = |pattern: &str, line: &str| code(policy().allow_all().allow(pattern), line);
    assert_eq!(strict("x", "gr\u{fc}n"), Code::MalformedCommand);
    assert_eq!(strict("gr\u{fc}n", "gr\u{fc}n"), Code::Allowed);
    assert_eq!(strict("*", "gr\u{fc}n"), Code::MalformedCommand);
    for line in ["'rm\u{200b}'", "rm\u{a0}x", "\u{433}m", "'a\tb'", "\\rm", "-rm", "a\nb", "PATH=x ls"] {
        assert_eq!(code(policy().allow_all(), line), Code::MalformedCommand, "{line:?}");
    }
    assert_eq!(code(policy().allow_all(), "r\0m"), Code::NulByte);
    assert_eq!(code(policy().allow("git *"), "'git status'"), Code::CommandNotAllowed);
}

#[test]
fn lines_with_shell_syntax_go_to_a_shell_that_allow_names() {
    let shell = || policy().no_shell(false).strict_args(StrictArgs::Off).max_args(20);
    for line in ["echo a; echo b", "echo *", "echo ~", "echo a\\ b", "echo $x", "echo a # b", "echo a > b"] {
        assert_eq!(code(shell().allow("echo"), line), Code::ShellNotAllowed, "{line}");
        assert_eq!(code(shell().allow("*").allow("echo"), line), Code::ShellNotAllowed, "{line}");
        assert_eq!(code(shell().allow_all(), line), Code::ShellNotAllowed, "{line}");
    }
    let host = linux().executable("/bin/sh");
    for pattern in ["sh", "sh *", "/bin/sh -c *", "sh -c *"] {
        let verdict = verdict(shell().allow(pattern), &host, "echo a; echo 'b c'\n");
        assert_eq!(verdict.code, Code::Allowed, "{pattern}: {}", verdict.message);
        assert_eq!(verdict.argv, ["/bin/sh", "-c", "echo a; echo 'b c'"]);
    }
    assert_eq!(code(shell().allow("sh script"), "a; b"), Code::ShellNotAllowed);
    assert_eq!(verdict(shell().allow("sh").allow("echo"), &host, "echo a").argv, ["echo", "a"]);
    let denying = || shell().allow("sh").deny("rm");
    for line in [
        "a; rm x",
        "a | r\\m x",
        "a && /bin/rm",
        "a $(rm x)",
        "a \"`rm x`\"",
        "if a; then rm x; fi",
        "$x y; a",
        "a; A=2 rm x",
    ] {
        assert_eq!(verdict(denying(), &host, line).code, Code::CommandDenied, "{line}");
    }
    assert_eq!(verdict(denying(), &host, "a; b $x").code, Code::Allowed);
    assert_eq!(verdict(shell().allow("sh").deny("b -f *"), &host, "a; b $x").code, Code::CommandDenied);
    assert_eq!(verdict(shell().allow("sh").deny("sh"), &host, "a; b").code, Code::CommandDenied);
    for (line, expected) in [
        ("echo x > /etc/x", Code::PathOutsideWorkspace),
        ("cat < /etc/passwd; b", Code::PathOutsideWorkspace),
        ("cd /; b", Code::PathOutsideWorkspace),
        ("a; cat ../x", Code::PathTraversal),
        ("a; echo ~/x", Code::PathOutsideWorkspace),
        ("a; /out/tool", Code::PathOutsideWorkspace),
        ("a > out.txt", Code::Allowed),
    ] {
        assert_eq!(verdict(shell().allow("sh"), &host, line).code, expected, "{line}");
    }
    assert_eq!(verdict(shell().allow("sh"), &host, &"a;".repeat(1_000)).code, Code::ShellNotAllowed);
    // The strict check comes before the question of the shell.
    assert_eq!(code(policy().no_shell(false).allow("echo"), "echo a; b"), Code::ShellMetacharacter);
    assert_eq!(code(policy().no_shell(false).allow("sh"), "echo a; b"), Code::ShellMetacharacter);
    // Without a shell the same line is words.
    assert_eq!(code(policy().strict_args(StrictArgs::Off).allow("echo"), "echo a; > * $x"), Code::Allowed);
}

#[test]
fn unquoted_lets_quoted_text_through() {
    let unquoted = || policy().allow("git").strict_args(StrictArgs::Unquoted);
    for line in
        ["git commit -m 'a; b (c) $d'", "git log --format='%h(x)'", "git show stash@{0}", "git grep \"foo$\""]
    {
        assert_eq!(code(unquoted(), line), Code::Allowed, "{line}");
    }
    for line in ["git a;b", "git \"$x\"", "git {a,b}", "git a > b", "git (x)"] {
        assert_eq!(code(unquoted(), line), Code::ShellMetacharacter, "{line}");
    }
    assert_eq!(code(unquoted(), "git a\nb"), Code::ControlCharacter);
    assert_eq!(code(unquoted(), "git 'a\nb'"), Code::Allowed);
}

#[test]
fn an_unrestricted_policy_still_binds() {
    let host = linux();
    let policy = Policy::unrestricted(&host);
    let env = [(OsString::from("LD_PRELOAD"), OsString::from("x")), ("API_TOKEN".into(), "y".into())];
    let request = Request { parent_env: &env, cwd: Some("sub"), ..Request::new("cat ../../etc/x '$(y)' ~") };
    let permit = policy.judge(&request).unwrap().bind(&host).unwrap();
    assert_eq!((permit.program(), permit.directory().path()), ("/bin/cat", "/ws/sub"));
    assert_eq!(permit.env().len(), 2);
    assert_eq!(policy.judge(&Request::new("a \0")).unwrap_err().code(), Code::NulByte);
    let permit = policy.judge(&Request::new("ls")).unwrap().bind(&host).unwrap();
    assert_eq!(permit.directory().path(), "/ws");
}

#[test]
fn batch_files_take_no_argument_that_cmd_would_act_on() {
    let batch = || policy().allow("run.bat *").allow("npm *").strict_args(StrictArgs::Off);
    for line in [
        "run.bat 'a&calc'",
        "run.bat %COMSPEC%",
        "run.bat 'x\" & calc'",
        "run.bat a^b",
        "run.bat a!b",
        "RUN.BAT 'a\r\ncalc'",
        "npm run 'a|b'",
        "npm %x%",
    ] {
        assert_eq!(on_windows(batch(), line), Code::ShellMetacharacter, "{line:?}");
    }
    assert_eq!(on_windows(batch(), "run.bat a b=c"), Code::Allowed);
    assert_eq!(on_windows(batch(), "npm run build"), Code::Allowed);
    let verdict = verdict(policy().allow("run *"), &windows(), "run x");
    assert_eq!(verdict.code, Code::ProgramNotFound);
    assert!(verdict.hint.unwrap().contains("batch"));
    assert_eq!(on_windows(policy().allow("git").strict_args(StrictArgs::Off), "git 50% a^b"), Code::Allowed);
}

#[test]
fn windows_paths_are_held_to_the_workspace() {
    let git = || policy().allow("git").strict_args(StrictArgs::Off);
    for argument in [
        "C:\\out\\x",
        "D:\\x",
        "C:x",
        "\\x",
        "/secret",
        "\\\\host\\share",
        "//host/share",
        "\\\\?\\C:\\ws",
        "\\\\.\\pipe\\x",
        "junction",
        "junction\\x",
        "JUNCTION/x",
        "f.txt::$DATA",
        "f.txt:stream",
        "sub\\f:s",
        "~\\x",
        "--f=C:\\out",
        "/out:C:\\out\\x",
        "CON",
        "sub\\COM1",
        "file:///C:/out/x",
    ] {
        assert_eq!(on_windows(git(), &format!("git {argument}")), Code::PathOutsideWorkspace, "{argument}");
    }
    for argument in
        ["C:\\WS\\f.txt", "c:/ws/sub", "f.txt", "/i", "/c:x", "NUL", "sub\\new", "key:value", "https://x/y"]
    {
        assert_eq!(on_windows(git(), &format!("git {argument}")), Code::Allowed, "{argument}");
    }
    for argument in ["..\\x", "sub\\..\\..", "'.. \\x'", "../x"] {
        assert_eq!(on_windows(git(), &format!("git {argument}")), Code::PathTraversal, "{argument}");
    }
}

#[test]
fn windows_directories_are_compared_by_what_they_are() {
    let host = windows().symlink("C:\\PROGRA~1", "C:\\ws");
    let policy = policy().workspace("C:\\ws").allow("git").build_on(&host).unwrap();
    let code = |cwd| {
        let request = Request { cwd: Some(cwd), ..Request::new("git x") };
        policy
            .judge(&request)
            .and_then(|vetted| vetted.bind(&host))
            .map_or_else(|denial| denial.code(), |_| Code::Allowed)
    };
    for cwd in ["sub", "SUB", "C:\\WS", "c:/ws/sub/", "C:\\PROGRA~1\\sub", "C:\\ws\\sub. "] {
        assert_eq!(code(cwd), Code::Allowed, "{cwd}");
    }
    for cwd in ["junction", "C:\\out", "C:\\", "\\\\host\\share", "D:\\ws", "C:\\ws-evil"] {
        assert_eq!(code(cwd), Code::WorkspaceNotAllowed, "{cwd}");
    }
}

#[test]
fn windows_arguments_that_would_split_are_refused_when_verbatim() {
    let verbatim = |line| on_windows(policy().allow("git").windows_verbatim_arguments(true), line);
    assert_eq!(verbatim("git 'a b'"), Code::MalformedCommand);
    assert_eq!(verbatim("git ''"), Code::MalformedCommand);
    assert_eq!(verbatim("git a b"), Code::Allowed);
    assert_eq!(code(policy().allow("git").windows_verbatim_arguments(true), "git 'a b'"), Code::Allowed);
}

#[test]
fn macos_ignores_case_where_it_denies() {
    let host = FakeHost::new(Platform::MacOs, "/ws")
        .executable("/bin/rm")
        .directory("/ws/sub")
        .search_path(["/bin"]);
    let code = |line: &str| verdict(policy().allow_all().deny("rm"), &host, line).code;
    assert_eq!(code("RM x"), Code::CommandDenied);
    assert_eq!(code("/BIN/RM x"), Code::CommandDenied);
    assert_eq!(verdict(policy().allow_all(), &host, "rm SUB/x /WS/y").code, Code::Allowed);
}

#[test]
fn devices_are_refused_where_they_are_granted_too() {
    let host = linux().device("/dev/sda").device("/ws/device").device("/dev/null").file("/dev/file");
    let code = |line: &str| verdict(policy().allow("cat").path_read("/dev"), &host, line).code;
    for line in ["cat /dev/sda", "cat device", "cat /dev/fd/1", "cat /dev/stdin"] {
        assert_eq!(code(line), Code::PathOutsideWorkspace, "{line}");
    }
    assert_eq!(code("cat /dev/null /dev/file"), Code::Allowed);
    let hint = verdict(policy().allow("cat").path_read("/dev"), &host, "cat /dev/sda").hint.unwrap();
    assert_eq!(hint, "/dev/sda is taken for a device, and no device but the null device may be named");
}

#[test]
fn a_search_path_that_a_child_can_write_is_skipped() {
    let host = FakeHost::new(Platform::Linux, "/ws").executable("/opt/bin/x").search_path(["/opt/bin"]);
    assert_eq!(verdict(policy().allow("x").path_read("/opt"), &host, "x").code, Code::Allowed);
    assert_eq!(verdict(policy().allow("x").path_write("/opt"), &host, "x").code, Code::ProgramNotFound);
    assert_eq!(verdict(policy().allow("x").workspace("/opt"), &host, "x").code, Code::ProgramNotFound);
}

#[test]
fn dots_are_refused_in_a_program_whatever_the_setting() {
    for dot_dot in [DotDot::Refuse, DotDot::Resolve] {
        for line in ["../x", "./../x", "/ws/../x", "sub/.../x"] {
            assert_eq!(code(policy().allow_all().dot_dot(dot_dot), line), Code::PathTraversal, "{line}");
        }
    }
    assert_eq!(code(policy().allow_all().deny("rm"), "/usr/../bin/rm"), Code::CommandDenied);
}

#[test]
fn a_process_at_the_root_must_name_a_workspace() {
    let host = FakeHost::new(Platform::Linux, "/");
    assert_eq!(policy().build_on(&host).unwrap_err().key(), "workspaces");
    let host = FakeHost::new(Platform::Windows, "C:\\");
    assert_eq!(policy().build_on(&host).unwrap_err().key(), "workspaces");
    assert!(policy().workspace("C:\\").build_on(&host).is_ok());
}
