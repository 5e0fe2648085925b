//! Options that take their value in the same word are denied by their name, with a value and without.

use vetty_policy::{Code, CommandInput, FakeHost, Platform, Policy, Profile, Request, Rule};

#[test]
fn a_denied_option_is_denied_however_its_value_stands() {
    let host = FakeHost::new(Platform::Linux, "/ws").search_path(["/bin"]).with_every_program();
    let policy = Policy::builder().profile(Profile::Agent).allow_all();
    let policy = policy.deny(Rule::new("gcc").deny_flags(["-L"])).build_on(&host).expect("a valid policy");
    let code = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let request = Request { command: CommandInput::Argv(&words), ..Request::new("") };
        policy.judge(&request).err().map(|denial| denial.code())
    };
    for denied in [&["gcc", "-L"][..], &["gcc", "-Lx"], &["gcc", "-L", "x"], &["gcc", "-c", "a.c", "-Lx"]] {
        assert_eq!(code(denied), Some(Code::CommandDenied), "{denied:?}");
    }
    for permitted in [&["gcc", "-c", "a.c"][..], &["gcc", "-Ix", "a.c"], &["gcc", "-lL", "a.c"]] {
        assert_eq!(code(permitted), None, "{permitted:?}");
    }
}
