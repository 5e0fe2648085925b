//! Every way to be refused says what to do.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use vetty_policy::{
    Code, CommandInput, Denial, FakeHost, Fallback, Platform, Policy, PolicyBuilder, Profile, Request,
    StrictArgs, Verdict,
};

const SECRET: &str = "hunter2";

fn policy() -> PolicyBuilder {
    Policy::builder().path_read("/usr/include").allow("git *").allow("ls *").deny("git push").ask("git merge")
}

fn host(platform: Platform) -> FakeHost {
    FakeHost::new(platform, "/ws")
        .directory("/ws/sub")
        .file("/ws/f")
        .executable("/bin/git")
        .search_path(["/bin"])
}

/// A call, and what of it is not `git status` in the workspace.
struct Call {
    policy: PolicyBuilder,
    platform: Platform,
    line: String,
    argv: Option<Vec<String>>,
    cwd: Option<&'static str>,
    env: Vec<(OsString, OsString)>,
}

fn call(line: &str) -> Call {
    Call {
        policy: policy(),
        platform: Platform::Linux,
        line: line.to_owned(),
        argv: None,
        cwd: None,
        env: Vec::new(),
    }
}

fn argv(words: &[&str]) -> Call {
    Call { argv: Some(words.iter().map(|word| (*word).to_owned()).collect()), ..call("") }
}

fn within(cwd: &'static str) -> Call {
    Call { cwd: Some(cwd), ..call("git status") }
}

fn with(name: &str, value: &str) -> Call {
    Call { env: vec![("PATH".into(), SECRET.into()), (name.into(), value.into())], ..call("git status") }
}

impl Call {
    fn under(self, policy: PolicyBuilder) -> Call {
        Call { policy, ..self }
    }

    fn on(self, platform: Platform) -> Call {
        Call { platform, ..self }
    }

    fn verdict(self) -> Verdict {
        let host = host(self.platform);
        let command = match &self.argv {
            Some(words) => CommandInput::Argv(words),
            None => CommandInput::Line(&self.line),
        };
        let request = Request { command, cwd: self.cwd, env: &self.env, parent_env: &[] };
        let policy = self.policy.build_on(&host).unwrap();
        match policy.judge(&request).and_then(|vetted| vetted.bind(&host)) {
            Ok(permit) => permit.into_parts().verdict,
            Err(denial) => denial.into_verdict(),
        }
    }
}

#[test]
fn every_code_has_a_hint_that_says_what_to_do() {
    let shell = || policy().no_shell(false).strict_args(StrictArgs::Off);
    let cases = [
        (call("cargo build"), Code::CommandNotAllowed, "Allowed: git *, ls *"),
        (
            call("cargo build").under(Policy::builder()),
            Code::CommandNotAllowed,
            "commands.allow permits nothing: the policy's owner must name there what may run",
        ),
        (
            call("git push origin"),
            Code::CommandDenied,
            "\"git push\" in commands.deny[0] forbids it, whatever commands.allow says: only the policy's owner can \
             change that",
        ),
        (
            call("/bin/git push"),
            Code::CommandDenied,
            "\"git push\" in commands.deny[0] forbids it, whatever commands.allow says: only the policy's owner can \
             change that",
        ),
        (
            call("git $x; ls").under(shell()),
            Code::CommandDenied,
            "only the shell knows the words of this command, and they could be \"git push\" in commands.deny[0]: write \
             them out",
        ),
        (
            call("git merge topic"),
            Code::ApprovalRequired,
            "\"git merge\" in commands.ask[0] wants an approval, and nobody can be asked: give the terminal a handler \
             that decides, or let the policy's owner permit it in commands.allow",
        ),
        (
            call("cargo build").under(policy().fallback(Fallback::Ask)),
            Code::ApprovalRequired,
            "commands.default wants an approval, and nobody can be asked: give the terminal a handler that decides, or \
             let the policy's owner permit it in commands.allow",
        ),
        (
            call("git 1 2 3").under(policy().max_args(2)),
            Code::TooManyArguments,
            "split the call, or let the policy's owner raise commands.maxArgs",
        ),
        (
            call("git log | head"),
            Code::ShellMetacharacter,
            "no shell runs: pass one plain command without operators, redirections and expansions; with \
             commands.strictArgs 'unquoted' the characters may stand inside quotes",
        ),
        (
            call("git log | head").under(policy().strict_args(StrictArgs::Unquoted)),
            Code::ShellMetacharacter,
            "no shell runs: pass one plain command without operators, redirections and expansions, or quote what is \
             meant literally",
        ),
        (
            argv(&["git", "a\nb"]),
            Code::ControlCharacter,
            "leave CR, LF and ESC out, or pass the text as input or in a file",
        ),
        (
            argv(&["git", "a\0b"]),
            Code::NulByte,
            "leave the NUL byte out: the kernel would end the text there",
        ),
        (
            call("git add ../x"),
            Code::PathTraversal,
            "write the path without dot segments; with commands.dotDot 'resolve' they are followed and held to the \
             workspaces",
        ),
        (
            call("./../x").under(policy().allow("./../x")),
            Code::PathTraversal,
            "write the program's path without dot segments",
        ),
        (
            call("git add /etc/passwd"),
            Code::PathOutsideWorkspace,
            "/etc/passwd is taken for a path outside of /ws, /usr/include: stay inside, or let the policy's owner add \
             the place to paths",
        ),
        (
            call("/opt/x").under(Policy::builder().fallback(Fallback::Allow)),
            Code::PathOutsideWorkspace,
            "write the path in commands.allow, or its directory in commands.searchPath",
        ),
        (
            within("/etc"),
            Code::WorkspaceNotAllowed,
            "Allowed: /ws; the policy's owner may add another to workspaces",
        ),
        (within("gone"), Code::CwdNotFound, "make the directory, or name another as cwd"),
        (within("f"), Code::CwdNotFound, "make the directory, or name another as cwd"),
        (within(""), Code::CwdNotFound, "name a directory, or leave cwd out for the first workspace"),
        (within("a\0b"), Code::CwdNotFound, "name a directory, or leave cwd out for the first workspace"),
        (call("git 'open"), Code::MalformedCommand, "close the quote, or pass an argv array"),
        (call("A=1 git"), Code::MalformedCommand, "pass variables by the call's env"),
        (call(" "), Code::EmptyCommand, "the first word names the program"),
        (argv(&["", "x"]), Code::EmptyCommand, "the first word names the program"),
        (
            call("ls f"),
            Code::ProgramNotFound,
            "no element of commands.searchPath has this program: install it, or let the policy's owner add its directory",
        ),
        (
            call("./gone").under(policy().allow("./gone")),
            Code::ProgramNotFound,
            "the file does not exist or cannot be executed: correct the path, or make the file executable",
        ),
        (call(&"git ".repeat(500_000)), Code::ArgumentTooLong, "pass it as input, or in a file"),
        (argv(&["git", &"x".repeat(200_000)]), Code::ArgumentTooLong, "pass it as input, or in a file"),
        (
            with("A B", SECRET),
            Code::InvalidEnvironment,
            "write a name without equals signs, whitespace and control characters",
        ),
        (
            with(&format!("A={SECRET}"), ""),
            Code::InvalidEnvironment,
            "write a name without equals signs, whitespace and control characters",
        ),
        (with("A", &format!("{SECRET}\0")), Code::InvalidEnvironment, "leave the NUL byte out of the value"),
        (
            with("A", &SECRET.repeat(50_000)),
            Code::InvalidEnvironment,
            "pass the value as input, or in a file",
        ),
        (
            with("Path", SECRET).on(Platform::Windows),
            Code::InvalidEnvironment,
            "names ignore case on Windows: keep one of the two",
        ),
        (
            call("git log | head").under(shell()),
            Code::ShellNotAllowed,
            "write one plain command, or let the policy's owner add \"sh\" to commands.allow",
        ),
        (call(&"git;".repeat(300)).under(shell()), Code::ShellNotAllowed, "split the line"),
        (
            call("git log | head").under(shell().profile(Profile::Agent)),
            Code::ShellNotAllowed,
            "the profile starts no shell: write one plain command",
        ),
        (
            call("git diff --output=x --ext-diff").under(policy().profile(Profile::Agent)),
            Code::FlagDenied,
            "leave it out, or let the policy's owner write it out in commands.allow",
        ),
        (
            call("git log --no-such-option").under(policy().profile(Profile::Agent)),
            Code::FlagUnknown,
            "use an option that it has, or let the policy's owner write this one out in commands.allow",
        ),
        (
            call("env").under(policy().allow("env").profile(Profile::Agent)),
            Code::WrapperDenied,
            "leave it out, or let the policy's owner write it out in commands.allow",
        ),
        (
            call("python3 -c pass").under(policy().allow("python3 *").profile(Profile::Agent)),
            Code::InterpreterDenied,
            "let the policy's owner write out the script, or the option and the module, in commands.allow",
        ),
    ];
    // Of these two, the second is said by whoever starts what was permitted.
    let mut seen = BTreeSet::from([Code::Allowed, Code::SandboxUnsupported].map(Code::as_str));
    for (number, (call, code, hint)) in cases.into_iter().enumerate() {
        let verdict = call.verdict();
        let said = format!("case {number}: {}: {}", verdict.code, verdict.message);
        assert_eq!((verdict.code, verdict.hint.as_deref()), (code, Some(hint)), "{said}");
        let json = serde_json::to_string(&verdict).unwrap();
        assert!(!json.contains(SECRET), "no value of a variable is told: {json}");
        seen.insert(code.as_str());
    }
    let unapproved = |in_time| {
        let policy = policy().build_on(&host(Platform::Linux)).unwrap();
        let denial = policy.judge(&Request::new("git merge topic")).unwrap_err().unapproved(in_time);
        assert_ne!(denial.verdict().hint, None);
        denial.code().as_str()
    };
    seen.extend([unapproved(true), unapproved(false)]);
    // Said where an audit trail takes no more.
    let unavailable = Denial::unavailable(call("git status").verdict());
    assert_ne!(unavailable.verdict().hint, None);
    seen.insert(unavailable.code().as_str());
    assert!(Code::ALL.iter().all(|code| seen.contains(code.as_str())), "all codes but {seen:?}");
    assert_eq!(call("git status").verdict().hint, None);
}
