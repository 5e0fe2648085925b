//! Names and values of variables are bytes of the system, and need not be text.

#![cfg(unix)]

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use vetty_policy::{Code, CommandInput, Denial, Permit, Policy, Request, ThisMachine};

type Variable = (OsString, OsString);

fn variable(name: &[u8], value: &[u8]) -> Variable {
    (OsString::from_vec(name.to_vec()), OsString::from_vec(value.to_vec()))
}

fn bind(policy: &Policy, parent_env: &[Variable], env: &[Variable]) -> Result<Permit, Denial> {
    let request = Request { command: CommandInput::Line("sh"), cwd: None, env, parent_env };
    policy.judge(&request).and_then(|vetted| vetted.bind(&ThisMachine))
}

#[test]
fn values_pass_byte_for_byte_and_names_that_are_no_text_are_dropped() {
    let policy = Policy::builder().workspace("/").allow("sh").env_allow("A").build().expect("a valid policy");
    let parent = [variable(b"A", b"\xffx"), variable(b"\xff", b"x")];
    let permit = bind(&policy, &parent, &[]).expect("it may run");
    assert_eq!(permit.env(), &parent[..1]);
    assert_eq!(permit.verdict().dropped, ["\u{fffd}"]);
}

#[test]
fn without_restrictions_all_passes_that_a_system_takes_and_the_verdict_names_all() {
    let policy = Policy::unrestricted(&ThisMachine);
    let parent =
        [variable(b"A B", b"1"), variable(b"\xff", b"\xff"), variable(b"", b"3"), variable(b"C", b"a\0")];
    let permit = bind(&policy, &parent, &[]).expect("it may run");
    assert_eq!(permit.env(), &parent[..2]);
    assert_eq!(permit.verdict().env, ["A B", "\u{fffd}"]);
    assert_eq!(permit.verdict().dropped, ["", "C"]);
}

#[test]
fn a_calls_own_variable_is_never_dropped_for_what_a_system_does_not_take() {
    let parent = [variable(b"A", b"the parent's")];
    let policies =
        [Policy::unrestricted(&ThisMachine), Policy::builder().allow("sh").build().expect("a valid policy")];
    for policy in policies {
        for bad in [variable(b"A", b"a\0b"), variable(b"", b""), variable(b"A=", b""), variable(b"\xff", b"")]
        {
            let denial = bind(&policy, &parent, &[bad]).expect_err("it is no variable");
            assert_eq!(denial.code(), Code::InvalidEnvironment);
        }
    }
}
