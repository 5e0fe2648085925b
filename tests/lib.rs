//! What the tests share, and the guide's Rust examples as tests of their own.

/// One item a chapter, and the README: `cargo test --doc -p vetty-tests` compiles and runs what its Rust blocks say.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/src/introduction.md")]
    struct Introduction;
    #[doc = include_str!("../docs/src/policy.md")]
    struct Policy;
    #[doc = include_str!("../docs/src/rules.md")]
    struct Rules;
    #[doc = include_str!("../docs/src/agent-profile.md")]
    struct AgentProfile;
    #[doc = include_str!("../docs/src/approvals.md")]
    struct Approvals;
    #[doc = include_str!("../docs/src/audit.md")]
    struct Audit;
    #[doc = include_str!("../docs/src/policy-files.md")]
    struct PolicyFiles;
    #[doc = include_str!("../docs/src/explanations.md")]
    struct Explanations;
    #[doc = include_str!("../docs/src/execution.md")]
    struct Execution;
    #[doc = include_str!("../docs/src/sessions.md")]
    struct Sessions;
    #[doc = include_str!("../docs/src/screen.md")]
    struct Screen;
    #[doc = include_str!("../docs/src/waiting.md")]
    struct Waiting;
    #[doc = include_str!("../docs/src/remote.md")]
    struct Remote;
    #[doc = include_str!("../docs/src/pictures.md")]
    struct Pictures;
    #[doc = include_str!("../docs/src/recording.md")]
    struct Recording;
    #[doc = include_str!("../docs/src/testing.md")]
    struct Testing;
    #[doc = include_str!("../docs/src/termination.md")]
    struct Termination;
    #[doc = include_str!("../docs/src/sandbox.md")]
    struct Sandbox;
    #[doc = include_str!("../docs/src/errors.md")]
    struct Errors;
    #[doc = include_str!("../docs/src/development.md")]
    struct Development;
}
