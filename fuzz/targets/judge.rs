//! Any configuration and any command are judged without a panic. The first line is a pattern to allow, the second one
//! to deny, the third says how, the rest is the command.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vetty_policy::{Code, CommandLine, DotDot, FakeHost, Platform, Policy, Request, StrictArgs};

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(4, '\n');
    let mut next = || lines.next().unwrap_or("");
    let (allow, deny, how, line) = (next(), next(), next().as_bytes(), next());
    let bit = |i: u8| how.first().copied().unwrap_or(0) & (1 << i) != 0;
    let (platform, root) = if bit(0) {
        (Platform::Windows, "C:\\")
    } else {
        (Platform::Linux, "/")
    };
    let host = FakeHost::new(platform, &format!("{root}ws"))
        .symlink(&format!("{root}ws/link"), root)
        .executable(&format!("{root}ws/tool"))
        .search_path([format!("{root}bin")])
        .with_every_program();
    let builder = Policy::builder().allow(allow).deny(deny).no_shell(bit(1));
    let builder = if bit(2) { builder.allow_all() } else { builder };
    let builder = builder.strict_args(match (bit(3), bit(4)) {
        (true, _) => StrictArgs::Off,
        (_, true) => StrictArgs::Unquoted,
        _ => StrictArgs::Every,
    });
    let builder = builder.dot_dot(if bit(5) { DotDot::Resolve } else { DotDot::Refuse });
    let Ok(policy) = builder.build_on(&host) else {
        return;
    };
    match policy
        .judge(&Request::new(line))
        .and_then(|vetted| vetted.bind(&host))
    {
        Ok(permit) => {
            assert_eq!(permit.verdict().code, Code::Allowed);
            if !permit.program().ends_with("sh") && !permit.program().ends_with("cmd.exe") {
                let words = CommandLine::parse(line).expect("a permitted line parses");
                assert_eq!(permit.argv(), words.words());
            }
        }
        Err(denial) => assert!(!denial.verdict().message.contains(|c: char| c.is_control())),
    }
});
