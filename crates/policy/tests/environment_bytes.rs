//! Values of variables are bytes, not text.

#![cfg(unix)]

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use vetty_policy::{CommandInput, Policy, Request, ThisMachine};

#[test]
fn values_pass_byte_for_byte_and_names_that_are_no_text_are_dropped() {
    let policy = Policy::builder()
        .workspace("/")
        .allow("sh")
        .env_allow("A")
        .build()
        .expect("a valid policy");
    let value = OsString::from_vec(vec![0xff, b'x']);
    let parent = [
        ("A".into(), value.clone()),
        (OsString::from_vec(vec![0xff]), value.clone()),
    ];
    let request = Request {
        command: CommandInput::Line("sh"),
        cwd: None,
        env: &[],
        parent_env: &parent,
    };
    let permit = policy
        .judge(&request)
        .and_then(|vetted| vetted.bind(&ThisMachine))
        .expect("it may run");
    assert_eq!(permit.env(), [("A".into(), value)]);
}
