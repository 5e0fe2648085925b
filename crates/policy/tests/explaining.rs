//! What an explanation tells of every rule, and that the strictest one wins.

#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use proptest::prelude::*;
use vetty_policy::{
    Code, Considered, Explanation, FakeHost, Fallback, Platform, Policy, PolicyBuilder, Profile, Request,
    Rule, RuleEffect,
};

fn host() -> FakeHost {
    FakeHost::new(Platform::Linux, "/ws").search_path(["/usr/bin"]).with_every_program()
}

fn explain(builder: PolicyBuilder, line: &str) -> Explanation {
    builder.workspace("/ws").build_on(&host()).unwrap().explain(&Request::new(line), &host())
}

/// Where each rule stands, whether it matches, and why.
fn told(explanation: &Explanation) -> Vec<(&str, bool, &str)> {
    explanation.rules.iter().map(|rule| (rule.key.as_str(), rule.matches, rule.why.as_str())).collect()
}

fn decider(explanation: &Explanation) -> Option<&Considered> {
    let mut deciding = explanation.rules.iter().filter(|rule| rule.decides);
    let first = deciding.next();
    assert!(deciding.next().is_none(), "one rule decides");
    first
}

#[test]
fn every_rule_is_told_and_why_it_matches_or_not() {
    let builder = Policy::builder()
        .allow("git log *")
        .allow("git status")
        .allow("git *")
        .deny("rm *")
        .deny("git push *")
        .deny(Rule::new("git").subcommand("log").deny_flags(["--output"]))
        .deny("git ** --exec")
        .ask("git log origin");
    let explanation = explain(builder, "git log --oneline");
    assert_eq!(
        told(&explanation),
        [
            ("commands.deny[0]", false, "git is another program"),
            ("commands.deny[1]", false, "word 1 is \"log\" and not \"push\""),
            ("commands.deny[2]", false, "none of the options that it names is there"),
            ("commands.deny[3]", false, "its words do not match"),
            ("commands.ask[0]", false, "word 2 is \"--oneline\" and not \"origin\""),
            ("commands.allow[0]", true, "its words match"),
            ("commands.allow[1]", false, "word 1 is \"log\" and not \"status\""),
            ("commands.allow[2]", true, "its words match"),
            ("commands.default", false, "another rule matches"),
        ]
    );
    let decider = decider(&explanation).unwrap();
    assert_eq!((decider.key.as_str(), decider.effect), ("commands.allow[0]", RuleEffect::Allow));
    assert_eq!(decider.argv, ["git", "log", "--oneline"]);
    assert_eq!(explanation.without_lists, None);
}

#[test]
fn a_pattern_that_ends_too_early_or_asks_for_more_says_so() {
    let builder = Policy::builder()
        .allow("git log")
        .allow("git log -n 1")
        .allow("")
        .allow(Rule::new("git").subcommand("push"));
    let explanation = explain(builder, "git log -n");
    let why: Vec<&str> = explanation.rules.iter().map(|rule| rule.why.as_str()).collect();
    assert_eq!(
        why[..4],
        [
            "it ends before \"-n\": a last word * would permit more",
            "there is no word 3, which had to be \"1\"",
            "it is empty",
            "the subcommand is another one",
        ]
    );
    assert_eq!(explanation.verdict.code, Code::CommandNotAllowed);
    let decider = decider(&explanation).unwrap();
    assert_eq!((decider.key.as_str(), decider.text.as_str()), ("commands.default", "deny"));
}

#[test]
fn what_a_rule_says_of_options_is_told() {
    let builder = Policy::builder()
        .allow(Rule::new("tar").allow_flags(["-t", "-f"]))
        .deny(Rule::new("rm").deny_flags(["-r"]))
        .deny("rm -f *")
        .profile(Profile::Agent);
    let explanation = explain(builder.clone(), "rm a -fr");
    assert_eq!(explanation.rules[0].why, "it names -r there");
    assert_eq!(
        (explanation.rules[1].matches, &*explanation.rules[1].why),
        (true, "its options are there in another spelling")
    );
    let explanation = explain(builder, "tar -xf a.tar");
    assert_eq!(explanation.rules[2].why, "-xf is none of the options that it leaves");
}

#[test]
fn commands_within_a_command_are_told_behind_it() {
    let builder = Policy::builder().allow("timeout *").allow("rm *").deny("rm *").profile(Profile::Agent);
    let explanation = explain(builder, "timeout 5 rm x");
    let outer = explanation.rules.iter().filter(|rule| rule.argv.len() == 4).count();
    let (before, within) = explanation.rules.split_at(outer);
    assert!(before.iter().all(|rule| rule.argv == ["timeout", "5", "rm", "x"]));
    assert!(within.iter().all(|rule| rule.argv == ["rm", "x"]) && !within.is_empty());
    let decider = decider(&explanation).unwrap();
    assert_eq!(
        (decider.key.as_str(), &*decider.argv),
        ("commands.deny[0]", &["rm".to_owned(), "x".to_owned()][..])
    );
    assert_eq!(explanation.verdict.code, Code::CommandDenied);
}

#[test]
fn the_profile_is_told_with_its_reason() {
    let builder = Policy::builder().allow("git *").profile(Profile::Agent);
    let explanation = explain(builder.clone(), "git -c core.pager=x log");
    let decider = decider(&explanation).unwrap();
    assert_eq!((decider.key.as_str(), decider.effect), ("profile: Git", RuleEffect::Deny));
    assert_eq!(decider.why, explanation.verdict.message);
    let explanation = explain(builder, "git log");
    let profile = explanation.rules.iter().find(|rule| rule.key == "profile: Git").unwrap();
    assert_eq!(
        (profile.matches, &*profile.why),
        (false, "its table refuses none of these options and operands")
    );
}

#[test]
fn what_else_would_refuse_it_is_told() {
    let explanation = explain(Policy::builder().allow("ls"), "cat /etc/passwd");
    assert_eq!(explanation.verdict.code, Code::CommandNotAllowed);
    assert_eq!(explanation.without_lists.unwrap().code, Code::PathOutsideWorkspace);
    let explanation = explain(Policy::builder().allow("ls").deny("cat"), "cat notes");
    assert_eq!(explanation.without_lists.unwrap().code, Code::Allowed);
    let explanation = explain(Policy::builder().allow("cat"), "cat /etc/passwd");
    assert_eq!((explanation.verdict.code, explanation.without_lists), (Code::PathOutsideWorkspace, None));
    assert_eq!(decider_key(&explain(Policy::builder().allow("cat"), "cat /etc/passwd")), None);
}

fn decider_key(explanation: &Explanation) -> Option<String> {
    decider(explanation).map(|rule| rule.key.clone())
}

#[test]
fn a_rule_that_knows_the_file_is_told_as_such() {
    let host = host()
        .executable("/bin/rm")
        .executable("/ws/tool")
        .hard_link("/ws/tool", "/bin/rm")
        .search_path(["/bin"]);
    let policy = Policy::builder().workspace("/ws").search_path(["/bin"]).allow("./tool").deny("rm");
    let explanation = policy.build_on(&host).unwrap().explain(&Request::new("./tool"), &host);
    assert_eq!(explanation.verdict.code, Code::CommandDenied);
    let decider = decider(&explanation).unwrap();
    assert_eq!(
        (decider.key.as_str(), &*decider.why),
        ("commands.deny[0]", "the file that would run is the one that it names")
    );
}

#[test]
fn a_line_for_a_shell_is_told_command_by_command() {
    let builder =
        Policy::builder().allow("sh").deny("rm *").no_shell(false).strict_args(vetty_policy::StrictArgs::Off);
    let explanation = explain(builder, "echo a; rm b");
    let denied: Vec<(bool, &str)> = explanation
        .rules
        .iter()
        .filter(|rule| rule.key == "commands.deny[0]")
        .map(|rule| (rule.matches, rule.argv[0].as_str()))
        .collect();
    assert_eq!(denied, [(false, "echo"), (true, "rm")]);
    assert_eq!(decider_key(&explanation).as_deref(), Some("commands.deny[0]"));
    let shell = explanation.rules.iter().find(|rule| rule.key == "commands.allow[0]").unwrap();
    assert_eq!((shell.matches, &*shell.why), (true, "it names the shell"));
}

#[test]
fn what_does_not_parse_has_no_rules() {
    let explanation = explain(Policy::builder().allow("x"), "x 'a");
    assert_eq!((explanation.verdict.code, explanation.rules.len()), (Code::MalformedCommand, 0));
}

fn pattern() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "a *", "a x", "a x *", "b", "b * y", "a ** y", "*", "a x y"])
        .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_strictest_rule_that_matches_decides(
        allow in prop::collection::vec(pattern(), 0..4),
        ask in prop::collection::vec(pattern(), 0..3),
        deny in prop::collection::vec(pattern(), 0..3),
        fallback in prop::sample::select(vec![Fallback::Allow, Fallback::Ask, Fallback::Deny]),
        words in prop::collection::vec(prop::sample::select(vec!["a", "b", "x", "y"]), 1..5),
    ) {
        let mut builder = Policy::builder().fallback(fallback);
        builder = allow.into_iter().fold(builder, PolicyBuilder::allow);
        builder = ask.into_iter().fold(builder, PolicyBuilder::ask);
        builder = deny.into_iter().fold(builder, PolicyBuilder::deny);
        let explanation = explain(builder, &words.join(" "));
        // The default counts only where no rule does.
        let lists = || explanation.rules.iter().filter(|rule| rule.matches && rule.key != "commands.default");
        let strictest = lists().map(|rule| rule.effect).max();
        let default = explanation.rules.iter().find(|rule| rule.key == "commands.default").unwrap();
        prop_assert_eq!(default.matches, strictest.is_none());
        let effect = strictest.unwrap_or(default.effect);
        let expected = match (effect, strictest) {
            (RuleEffect::Allow, _) => Code::Allowed,
            (RuleEffect::Ask, _) => Code::ApprovalRequired,
            (_, Some(RuleEffect::Deny)) => Code::CommandDenied,
            _ => Code::CommandNotAllowed,
        };
        prop_assert_eq!(explanation.verdict.code, expected);
        let decider = decider(&explanation).unwrap();
        prop_assert_eq!((decider.effect, decider.matches), (effect, true));
    }
}
