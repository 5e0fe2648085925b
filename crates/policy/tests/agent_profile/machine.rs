//! The machine that commands are judged for: every program is there, nothing runs.

use vetty_policy::{Denial, FakeHost, Permit, Platform, Policy, PolicyBuilder, Profile, Request};

/// A workspace with a few files and a link that leads out of it.
pub fn host() -> FakeHost {
    FakeHost::new(Platform::Linux, "/home/agent/project")
        .search_path(["/usr/bin"])
        .with_every_program()
        .directory("/home/agent/project/sub/deeper")
        .directory("/home/agent/project/src")
        .directory("/home/agent/project/d")
        .directory("/home/agent/project/evil")
        .file("/home/agent/project/README.md")
        .file("/home/agent/project/f")
        .directory("/secrets")
        .file("/secrets/secret")
        .directory("/outside")
        .executable("/payload/mark")
        .symlink("/home/agent/project/lnk", "/secrets")
}

/// The profile and nothing else: what no rule matches may run.
pub fn open_policy() -> PolicyBuilder {
    Policy::builder().workspace("/home/agent/project").profile(Profile::Agent).allow_all()
}

/// Judges and looks up.
pub fn judge(policy: &Policy, host: &FakeHost, request: &Request<'_>) -> Result<Permit, Denial> {
    policy.judge(request)?.bind(host)
}
