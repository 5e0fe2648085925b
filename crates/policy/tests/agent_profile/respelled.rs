//! A denied option keeps its verdict in whatever spelling, and the installed tools agree on what a spelling means.

use crate::machine::host;
use proptest::prelude::*;
use std::path::Path;
use std::process::{Command, Stdio};
use vetty_policy::{Code, CommandInput, Policy, Profile, Request, Rule};

/// An option whose effect can be seen in a directory.
struct Case {
    program: &'static str,
    /// Without dashes.
    long: &'static str,
    short: Option<char>,
    value: Option<&'static str>,
    operands: &'static [&'static str],
    /// Letters of options without a value, and without a say in the effect.
    harmless: &'static str,
    effect: fn(&Path) -> bool,
}

fn marked(directory: &Path) -> bool {
    directory.join("marked").exists()
}

const CASES: [Case; 9] = [
    Case {
        program: "sort",
        long: "output",
        short: Some('o'),
        value: Some("marked"),
        operands: &["data"],
        harmless: "nru",
        effect: marked,
    },
    Case {
        program: "shuf",
        long: "output",
        short: Some('o'),
        value: Some("marked"),
        operands: &["data"],
        harmless: "ez",
        effect: marked,
    },
    Case {
        program: "rm",
        long: "recursive",
        short: Some('r'),
        value: None,
        operands: &["folder"],
        harmless: "fv",
        effect: |d| !d.join("folder").exists(),
    },
    Case {
        program: "cp",
        long: "target-directory",
        short: Some('t'),
        value: Some("folder"),
        operands: &["data"],
        harmless: "fpv",
        effect: |d| d.join("folder/data").exists(),
    },
    Case {
        program: "sed",
        long: "in-place",
        short: None,
        value: None,
        operands: &["s/a/b/", "data"],
        harmless: "nE",
        effect: |d| std::fs::read(d.join("data")).unwrap() != DATA,
    },
    Case {
        program: "split",
        long: "filter",
        short: None,
        value: Some("touch marked; cat >/dev/null"),
        operands: &["data"],
        harmless: "d",
        effect: marked,
    },
    Case {
        program: "tar",
        long: "to-command",
        short: None,
        value: Some("touch marked; cat >/dev/null"),
        operands: &["-f", "packed.tar", "-x"],
        harmless: "v",
        effect: marked,
    },
    Case {
        program: "ls",
        long: "recursive",
        short: Some('R'),
        value: None,
        operands: &["."],
        harmless: "la1",
        effect: |_| false,
    },
    Case {
        program: "mkdir",
        long: "parents",
        short: Some('p'),
        value: None,
        operands: &["a/b"],
        harmless: "v",
        effect: |d| d.join("a/b").exists(),
    },
];

const DATA: &[u8] = b"a\nb\nc\n";

#[derive(Debug, Clone)]
enum Form {
    LongSplit,
    LongEquals,
    /// Cut off after so many characters.
    Abbreviated(usize),
    ShortSplit,
    ShortJoined,
    Clustered(usize),
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![
        Just(Form::LongSplit),
        Just(Form::LongEquals),
        (1..16usize).prop_map(Form::Abbreviated),
        Just(Form::ShortSplit),
        Just(Form::ShortJoined),
        (1..4usize).prop_map(Form::Clustered),
    ]
}

/// The words of the option; `None`: it has no such form.
fn spelled(case: &Case, form: &Form) -> Option<Vec<String>> {
    let long = format!("--{}", case.long);
    let with = |option: String| match case.value {
        Some(value) => vec![option, value.to_owned()],
        None => vec![option],
    };
    let glued = |option: String, sign: &str| match case.value {
        Some(value) => vec![format!("{option}{sign}{value}")],
        None => vec![option],
    };
    Some(match form {
        Form::LongSplit => with(long),
        Form::LongEquals => glued(long, "="),
        Form::Abbreviated(length) => glued(long.chars().take(2 + length).collect(), "="),
        Form::ShortSplit => with(format!("-{}", case.short?)),
        Form::ShortJoined => glued(format!("-{}", case.short?), ""),
        Form::Clustered(count) => {
            let before: String = case.harmless.chars().take(*count).collect();
            glued(format!("-{before}{}", case.short?), "")
        }
    })
}

fn policy(case: &Case) -> Policy {
    let rule = Rule::new(case.program).deny_flags([format!("--{}", case.long)]);
    let policy = Policy::builder().workspace("/home/agent/project").profile(Profile::Agent);
    policy.allow_all().deny(rule).build_on(&host()).unwrap()
}

/// What the installed tool does in a directory of its own; `None`: there is no such tool.
fn has_effect(case: &Case, argv: &[String]) -> Option<bool> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("data"), DATA).unwrap();
    std::fs::create_dir(directory.path().join("folder")).unwrap();
    if case.program == "tar" {
        Command::new("tar")
            .args(["-cf", "packed.tar", "data"])
            .current_dir(directory.path())
            .status()
            .ok()?;
    }
    Command::new(&argv[0])
        .args(&argv[1..])
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    Some((case.effect)(directory.path()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_denied_option_keeps_its_verdict(
        case in 0..CASES.len(), form in form(), at in 0..4usize, dashes in prop::option::of(0..4usize),
    ) {
        let case = &CASES[case];
        let Some(option) = spelled(case, &form) else { return Ok(()) };
        let mut words: Vec<String> = case.operands.iter().map(|word| (*word).to_owned()).collect();
        let at = if case.program == "tar" && at == 1 { 0 } else { at.min(words.len()) };
        words.splice(at..at, option.iter().cloned());
        let disarmed = dashes.filter(|dashes| *dashes <= at && case.program != "tar");
        if let Some(before) = disarmed {
            words.insert(before, "--".to_owned());
        }
        words.insert(0, case.program.to_owned());

        let policy = policy(case);
        let request = Request { command: CommandInput::Argv(&words), ..Request::new("") };
        let code = policy.judge(&request).err().map(|denial| denial.code());
        let refused = matches!(code, Some(Code::CommandDenied | Code::FlagDenied | Code::FlagUnknown));
        // A cut off name may be another option, or none.
        if disarmed.is_none() && !matches!(form, Form::Abbreviated(_)) {
            prop_assert_eq!(code, Some(Code::CommandDenied), "{:?}", words);
        }
        if disarmed.is_some() && case.program != "sed" {
            prop_assert!(!matches!(code, Some(Code::FlagDenied | Code::FlagUnknown)), "{:?}: {:?}", words, code);
        }
        let works = has_effect(case, &words) == Some(true) && case.program != "mkdir";
        match disarmed {
            None => prop_assert!(!works || refused, "{:?} works: {:?}", words, code),
            // Behind dashes it is an operand, whose effect may be the same for those that take files to work on.
            Some(_) if ["sort", "shuf", "split"].contains(&case.program) => {
                prop_assert!(!works, "{:?} works behind dashes", words);
            }
            Some(_) => {}
        }
    }
}
