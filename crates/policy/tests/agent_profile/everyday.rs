//! What agents do all day is let through.

use crate::machine::{host, judge};
use vetty_policy::{Policy, Profile, Request};

fn commands() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("../../../../tests/corpus/everyday-commands.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The owner allows each tool by its name, and spells out what interpreters run.
fn policy() -> Policy {
    let mut policy = Policy::builder().workspace("/home/agent/project").profile(Profile::Agent);
    for line in commands() {
        policy = policy.allow(format!("{} *", line.split(' ').next().unwrap()));
    }
    for pattern in [
        "python3 -m pytest *",
        "python -m pytest *",
        "python3 -m unittest *",
        "python3 -m venv *",
        "python3 scripts/*.py",
        "node scripts/*.js",
        "npx tsc *",
        "npx eslint *",
        "npx prettier *",
        "npx jest *",
    ] {
        policy = policy.allow(pattern);
    }
    policy.build_on(&host()).unwrap()
}

#[test]
fn no_everyday_command_is_refused() {
    let (policy, host) = (policy(), host());
    let refusal = |line: &str| {
        let denial = judge(&policy, &host, &Request::new(line)).err()?;
        Some(format!("{line}\n    {} {denial}", denial.code()))
    };
    let refused: Vec<String> = commands().filter_map(refusal).collect();
    assert!(commands().count() >= 300);
    assert!(refused.is_empty(), "{} are refused:\n{}", refused.len(), refused.join("\n"));
}
