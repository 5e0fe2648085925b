//! What holds for any configuration and any command.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use vetty_policy::{
    Code, CommandInput, CommandLine, Commands, Config, DotDot, Entry, FakeHost, Platform, Policy, Profile,
    Request, StrictArgs,
};

/// Words made of what the rules treat specially.
fn word() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-c]{1,3}",
        1 => "[ -~]",
        1 => any::<char>().prop_map(String::from),
        1 => prop::sample::select(vec![
            "git", "rm", "..", ".", "/", "\\", "-", "=", "@", "file:", "~", "*", "?", "[a]", "**", "://", "$(", ")", "`",
            "'", "\"", ";", "|", "\n", "\x1b", "\0", "/etc", "C:", "::$DATA", "%2e", ".bat", "{a,b}", "\u{e9}", "\u{202e}",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn line() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 0..6).prop_map(|words| words.join(" "))
}

fn platform() -> impl Strategy<Value = Platform> {
    prop::sample::select(vec![Platform::Linux, Platform::MacOs, Platform::Windows])
}

fn host(platform: Platform) -> FakeHost {
    let root = if platform.is_windows() { "C:\\" } else { "/" };
    let at = |path: &str| format!("{root}{path}");
    FakeHost::new(platform, &at("ws"))
        .directory(&at("ws/a"))
        .symlink(&at("ws/b"), root)
        .executable(&at("ws/c"))
        .search_path([at("bin")])
        .with_every_program()
}

prop_compose! {
    fn config()(
        allow in prop::option::of(prop::collection::vec(line(), 0..4)),
        deny in prop::collection::vec(line(), 0..4),
        ask in prop::collection::vec(line(), 0..2),
        strict_args in prop::sample::select(vec![StrictArgs::Every, StrictArgs::Unquoted, StrictArgs::Off]),
        dot_dot in prop::sample::select(vec![DotDot::Refuse, DotDot::Resolve]),
        no_shell in any::<bool>(),
        profile in prop::sample::select(vec![None, Some(Profile::Agent)]),
        workspaces in prop::collection::vec(word(), 0..2),
    ) -> Config {
        let entries = |lines: Vec<String>| lines.into_iter().map(Entry::from).collect::<Vec<_>>();
        let commands = Commands {
            allow: allow.map(entries),
            deny: entries(deny),
            ask: entries(ask),
            strict_args: Some(strict_args),
            dot_dot: Some(dot_dot),
            no_shell,
            ..Commands::default()
        };
        Config { commands, workspaces, profile, ..Config::default() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(platform in platform(), config in config(), line in line(), argv in prop::collection::vec(word(), 0..5)) {
        let host = host(platform);
        if let Ok(policy) = Policy::new(config, &host) {
            policy.lint(&host);
            for command in [CommandInput::Line(&line), CommandInput::Argv(&argv)] {
                for cwd in [None, Some(line.as_str())] {
                    let request = Request { cwd, ..Request::new(command) };
                    let _ = policy.judge(&request).and_then(|vetted| vetted.bind(&host));
                }
            }
        }
    }

    #[test]
    fn a_permitted_argv_is_the_parsed_one(line in line(), strict in any::<bool>()) {
        let host = host(Platform::Linux);
        let strict = if strict { StrictArgs::Every } else { StrictArgs::Off };
        let policy = Policy::builder().workspace("/ws").allow_all().strict_args(strict).build_on(&host).unwrap();
        if let Ok(vetted) = policy.judge(&Request::new(line.as_str())) {
            let words = CommandLine::parse(&line).unwrap().into_words();
            prop_assert_eq!(vetted.argv(), words.as_slice());
            if let Ok(permit) = vetted.bind(&host) {
                prop_assert_eq!(permit.argv(), words.as_slice());
            }
        }
    }

    #[test]
    fn quoting_round_trips(argv in prop::collection::vec(any::<String>(), 1..5)) {
        let line = CommandLine::quote(&argv);
        match CommandLine::parse(&line) {
            Ok(parsed) => prop_assert_eq!(parsed.words(), argv.as_slice()),
            Err(_) => prop_assert!(argv[0].is_empty(), "{:?}", line),
        }
    }

    #[test]
    fn deny_wins(mut config in config(), line in line(), platform in platform()) {
        let host = host(platform);
        config.commands.no_shell = true;
        let Ok(policy) = Policy::new(config.clone(), &host) else { return Ok(()) };
        let words = match CommandLine::parse(&line) {
            Ok(line) => line.into_words(),
            Err(_) => return Ok(()),
        };
        // The command's own words, with every wildcard spelled.
        let literal: Vec<String> = words.iter().map(|word| {
            word.chars().map(|c| if matches!(c, '*' | '?' | '[') { format!("[{c}]") } else { c.to_string() }).collect()
        }).collect();
        config.commands.deny.push(CommandLine::quote(&literal).into());
        let Ok(denying) = Policy::new(config, &host) else { return Ok(()) };
        if policy.judge(&Request::new(line.as_str())).is_ok() {
            let code = denying.judge(&Request::new(line.as_str())).unwrap_err().code();
            prop_assert_eq!(code, Code::CommandDenied);
        }
    }

    #[test]
    fn judging_is_deterministic_and_the_resolved_configuration_means_the_same(
        platform in platform(), config in config(), line in line(),
    ) {
        let host = host(platform);
        let Ok(policy) = Policy::new(config, &host) else { return Ok(()) };
        let json = serde_json::to_string(policy.config()).unwrap();
        let again = Config::deserialize(&mut serde_json::Deserializer::from_str(&json)).unwrap();
        let again = Policy::new(again, &host).unwrap();
        prop_assert_eq!(again.hash(), policy.hash());
        prop_assert_eq!(again.config(), policy.config());
        let request = Request::new(line.as_str());
        let verdict = |policy: &Policy| match policy.judge(&request).and_then(|vetted| vetted.bind(&host)) {
            Ok(permit) => permit.verdict().clone(),
            Err(denial) => denial.into_verdict(),
        };
        prop_assert_eq!(verdict(&policy), verdict(&policy));
        prop_assert_eq!(verdict(&policy), verdict(&again));
    }
}
