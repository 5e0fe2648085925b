//! What a verdict says is what happens: a permitted program gets exactly the words and variables that the verdict names,
//! and of a refused one nothing is started.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

#[cfg(target_os = "linux")]
#[path = "../crates/process/tests/behaviour/ladder/mod.rs"]
mod ladder;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::io::AsyncReadExt;
use vetty::policy::{CommandLine as Words, DotDot, StrictArgs, ThisMachine};
use vetty::{CommandLine, Error, Exit, Policy, Terminal};
use vetty_process::Stdio;

/// Tells what reached it, see there.
const ECHO: &str = env!("CARGO_BIN_EXE_vetty-tests-echo");

type Variables = Vec<(OsString, OsString)>;

/// What reached the echo program.
#[derive(Debug, PartialEq, Eq)]
struct Arrived {
    argv: Vec<Vec<u8>>,
    env: BTreeMap<OsString, OsString>,
}

impl Arrived {
    fn read(told: &[u8]) -> Arrived {
        let mut parts = told.strip_suffix(b"\0").unwrap().split(|byte| *byte == 0);
        let count = String::from_utf8(parts.next().unwrap().to_vec()).unwrap().parse().unwrap();
        let argv: Vec<_> = parts.by_ref().take(count).map(<[u8]>::to_vec).collect();
        assert_eq!(argv.len(), count);
        let mut env = BTreeMap::new();
        for variable in parts {
            let equals = variable.iter().position(|byte| *byte == b'=').unwrap();
            let part = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
            let twice = env.insert(part(&variable[..equals]), part(&variable[equals + 1..]));
            assert_eq!(twice, None, "{variable:?}");
        }
        Arrived { argv, env }
    }
}

/// Which policy judges.
#[derive(Debug, Clone)]
enum Judge {
    Filter { strict: StrictArgs, dots: DotDot, variables: Vec<&'static str> },
    Unrestricted,
}

#[derive(Debug, Clone)]
struct Call {
    judge: Judge,
    command: CommandLine,
    parent_env: Variables,
    env: Variables,
}

fn judge() -> impl Strategy<Value = Judge> {
    let strict = prop::sample::select(vec![StrictArgs::Every, StrictArgs::Unquoted, StrictArgs::Off]);
    let dots = prop::sample::select(vec![DotDot::Refuse, DotDot::Resolve]);
    let variables =
        prop::sample::select(vec![vec![], vec!["*"], vec!["NODE_ENV", "PATH"], vec!["MY_TOKEN", "A*"]]);
    let filter = (strict, dots, variables).prop_map(|(strict, dots, variables)| Judge::Filter {
        strict,
        dots,
        variables,
    });
    prop_oneof![4 => filter, 1 => Just(Judge::Unrestricted)]
}

/// Made of what the rules, a shell or the kernel treat specially.
fn word() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[a-c]{1,3}",
        2 => "[ -~]",
        1 => any::<char>().prop_map(String::from),
        2 => prop::sample::select(vec![
            "\\", "'", "\"", "\\\"", "\\\\", " ", "\t", "\n", "\r", "\x1b", "\0", "\u{e9}", "\u{202e}", "\u{1F980}", "-", "--", "=",
            "*", "?", "$HOME", "`", "..", "/", "/etc", "~", "@", "%00",
        ]).prop_map(str::to_owned),
    ];
    prop_oneof![1 => Just(String::new()), 9 => prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat())]
}

fn command() -> impl Strategy<Value = CommandLine> {
    let bare = Path::new(ECHO).file_name().unwrap().to_str().unwrap();
    let words = move || {
        let program = prop::sample::select(vec![bare, ECHO]).prop_map(str::to_owned);
        (program, prop::collection::vec(word(), 0..5))
            .prop_map(|(program, words)| [vec![program], words].concat())
    };
    let space = prop::sample::select(vec![" ", "\t", "  "]);
    let written = (words(), space, prop::sample::select(vec!["", " ", "\n", "\r\n"]))
        .prop_map(|(words, space, end)| words.join(space) + end);
    let quoted = words().prop_map(|words| Words::quote(&words));
    prop_oneof![
        written.prop_map(CommandLine::Line),
        quoted.prop_map(CommandLine::Line),
        words().prop_map(CommandLine::Argv),
    ]
}

fn variables(bad: u32) -> impl Strategy<Value = Variables> {
    let bytes =
        |names: &[&[u8]]| names.iter().map(|name| OsString::from_vec(name.to_vec())).collect::<Vec<_>>();
    let sound = bytes(&[
        b"A",
        b"AB",
        b"PATH",
        b"NODE_ENV",
        b"HOME",
        b"MY_TOKEN",
        b"LD_PRELOAD",
        b"LINES",
        b"\xc3\xa9",
        b"A-B.C",
    ]);
    let unsound = bytes(&[b"", b"=", b"A=B", b"A B", b"A\0", b"\xff", b"A\n"]);
    let name = prop_oneof![20 => prop::sample::select(sound), bad => prop::sample::select(unsound)];
    let value = prop_oneof![
        1 => Just(b"a\0b".to_vec()),
        20 => prop::collection::vec(1u8.., 0..6),
    ];
    prop::collection::vec((name, value.prop_map(OsString::from_vec)), 0..5)
}

fn call() -> impl Strategy<Value = Call> {
    (judge(), command(), variables(5), variables(1)).prop_map(|(judge, command, parent_env, env)| Call {
        judge,
        command,
        parent_env,
        env,
    })
}

fn terminal(judge: &Judge, workspace: &Path) -> Terminal {
    let Judge::Filter { strict, dots, variables } = judge else {
        return Terminal::new(Policy::unrestricted(&ThisMachine));
    };
    let (name, folder) = (Path::new(ECHO).file_name().unwrap(), Path::new(ECHO).parent().unwrap());
    let mut policy = Policy::builder()
        .workspace(workspace.to_str().unwrap())
        .search_path([folder.to_str().unwrap()])
        .allow(name.to_str().unwrap())
        .allow(ECHO)
        .strict_args(*strict)
        .dot_dot(*dots)
        .env_set("FIXED", "by the owner")
        .env_allow_all();
    for glob in variables {
        policy = policy.env_allow(*glob);
    }
    Terminal::new(policy.build().unwrap())
}

/// The value that counts is the last one: of the parent's sound variables, then the call's.
fn expected_env(call: &Call, names: &[String]) -> BTreeMap<OsString, OsString> {
    let parents = call.parent_env.iter().filter(|(_, value)| !value.as_bytes().contains(&0));
    let given = parents.chain(&call.env).cloned();
    let fixed = [("FIXED".into(), "by the owner".into())];
    let mut env: BTreeMap<_, _> = given.chain(fixed).collect();
    env.retain(|name, _| names.iter().any(|own| *own == name.to_string_lossy()));
    env
}

/// How many calls of a property were permitted, and how many refused.
#[derive(Debug, Default)]
struct Tally {
    permitted: usize,
    refused: usize,
}

impl Tally {
    #[track_caller]
    fn assert_both_sides_were_seen(&self) {
        assert!(self.permitted.min(self.refused) > 20, "{self:?}");
    }
}

async fn execute(call: &Call, tally: &mut Tally) -> Result<(), TestCaseError> {
    let directory = tempfile::tempdir().unwrap();
    let terminal = terminal(&call.judge, directory.path());
    let mut command = terminal.command(call.command.clone()).parent_env(call.parent_env.clone());
    command = command.cwd(directory.path().to_str().unwrap());
    for (name, value) in &call.env {
        command = command.env(name, value);
    }
    let verdict = command.check();
    let result = command.run().await;
    let has_started = directory.path().join("started").exists();
    if !verdict.allowed {
        tally.refused += 1;
        let Err(Error::Refused(denial)) = result else { panic!("{result:?} after {verdict:?}") };
        prop_assert_eq!(denial.verdict(), &verdict);
        prop_assert!(!has_started && terminal.list().is_empty());
        return Ok(());
    }
    tally.permitted += 1;
    let output = result.unwrap_or_else(|error| panic!("{error:?} after {verdict:?}"));
    prop_assert!(output.success() && has_started, "{:?}", output);
    let arrived = Arrived::read(&output.stdout);
    let argv: Vec<_> = verdict.argv.iter().map(|word| word.as_bytes().to_vec()).collect();
    prop_assert_eq!(arrived.argv, argv);
    prop_assert_eq!(&arrived.env, &expected_env(call, &verdict.env));
    let names: Vec<_> = arrived.env.keys().map(|name| name.to_string_lossy()).collect();
    prop_assert_eq!(names, &verdict.env[..]);
    for (name, _) in call.parent_env.iter().chain(&call.env) {
        let told = verdict.env.iter().chain(&verdict.dropped).filter(|told| **told == name.to_string_lossy());
        prop_assert_eq!(told.count(), 1);
    }
    Ok(())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() })
}

#[test]
fn a_permitted_program_gets_what_the_verdict_names_and_a_refused_one_is_not_started() {
    let (runtime, tally) = (runtime(), std::cell::RefCell::new(Tally::default()));
    let execute = |call: Call| runtime.block_on(execute(&call, &mut tally.borrow_mut()));
    runner(400).run(&call(), execute).unwrap();
    tally.borrow().assert_both_sides_were_seen();
}

/// Below the policy, whose words are text: any bytes but NUL.
#[test]
fn words_and_variables_of_any_bytes_arrive() {
    let bytes =
        || prop::collection::vec(prop_oneof![50 => 1u8.., 1 => Just(0)], 0..6).prop_map(OsString::from_vec);
    let name = "[A-Z]{1,3}".prop_map(OsString::from);
    let argv = prop::collection::vec(bytes(), 1..6);
    let env = prop::collection::btree_map(name, bytes(), 0..4);
    let (runtime, tally) = (runtime(), std::cell::RefCell::new(Tally::default()));
    let spawn = |(argv, env): (Vec<OsString>, BTreeMap<OsString, OsString>)| {
        let holds_nul = argv.iter().chain(env.values()).any(|word| word.as_bytes().contains(&0));
        let directory = tempfile::tempdir().unwrap();
        let command = vetty_process::Command::new(ECHO)
            .argv(argv.clone())
            .envs(env.clone().into_iter().collect())
            .directory(directory.path())
            .stdout(Stdio::Pipe);
        let told = runtime.block_on(async {
            let mut child = command.spawn().await.ok()?;
            let mut told = Vec::new();
            child.stdout.take().unwrap().read_to_end(&mut told).await.unwrap();
            child.exited().await;
            assert_eq!(child.reap(), Exit::Exited(0));
            Some(told)
        });
        if holds_nul {
            tally.borrow_mut().refused += 1;
            prop_assert!(told.is_none() && !directory.path().join("started").exists());
            return Ok(());
        }
        tally.borrow_mut().permitted += 1;
        let argv = argv.into_iter().map(OsString::into_vec).collect();
        prop_assert_eq!(Arrived::read(&told.unwrap()), Arrived { argv, env });
        Ok(())
    };
    runner(300).run(&(argv, env), spawn).unwrap();
    tally.borrow().assert_both_sides_were_seen();
}
