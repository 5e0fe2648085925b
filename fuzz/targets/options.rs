//! Any words are read by the tables of the profile without a panic, and no table lets a denied option through. The first
//! line is a flag to deny, the second the program, the others are one word each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vetty_policy::{Code, CommandInput, FakeHost, Platform, Policy, Profile, Request, Rule};

const PROGRAMS: [&str; 16] = [
    "git", "find", "tar", "sed", "awk", "rg", "xargs", "env", "python3", "npm", "make", "gcc", "curl", "go", "rm", "other",
];

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let flag = lines.next().unwrap_or("");
    let program = PROGRAMS[lines.next().unwrap_or("").len() % PROGRAMS.len()];
    let words: Vec<String> = std::iter::once(program).chain(lines).map(str::to_owned).collect();
    let host = FakeHost::new(Platform::Linux, "/ws").search_path(["/bin"]).with_every_program();
    let builder = || Policy::builder().profile(Profile::Agent).allow_all();
    let request = Request { command: CommandInput::Argv(&words), ..Request::new("") };
    let open = builder().build_on(&host).expect("the profile is valid");
    match open.judge(&request).and_then(|vetted| vetted.bind(&host)) {
        Ok(permit) => {
            // Words are put in, and none is lost or moved.
            let mut run = permit.argv().iter();
            assert!(words.iter().all(|word| run.any(|own| own == word)));
        }
        Err(denial) => assert!(!denial.verdict().message.contains(|c: char| c.is_control())),
    }
    let Ok(policy) = builder().deny(Rule::new(program).deny_flags([flag])).build_on(&host) else { return };
    // A plus sign begins an option of few programs: of the others it is an operand.
    if flag.len() < 2 || !flag.starts_with('-') {
        return;
    }
    let spelled = words[1..].iter().position(|word| word == flag);
    let dashes = words.iter().position(|word| word == "--").unwrap_or(usize::MAX);
    if spelled == Some(0) && dashes > 1 {
        let code = policy.judge(&request).err().map(|denial| denial.code());
        assert!(code.is_some_and(|code| code != Code::CommandNotAllowed), "{words:?}");
    }
});
