//! Look-ups on a real file system.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use vetty_policy::{Code, Denial, DotDot, Permit, Policy, PolicyBuilder, Request, StrictArgs, ThisMachine};

/// A workspace with a sibling, and a directory of programs.
struct Tree {
    _directory: tempfile::TempDir,
    base: PathBuf,
}

impl Tree {
    fn new() -> Tree {
        // Paths stand in command lines, so TMPDIR's spelling would count.
        let directory = tempfile::tempdir_in("/tmp").unwrap();
        let base = fs::canonicalize(directory.path()).unwrap();
        for path in ["ws/sub", "out", "bin"] {
            fs::create_dir_all(base.join(path)).unwrap();
        }
        fs::write(base.join("out/secret"), "secret").unwrap();
        fs::write(base.join("ws/file"), "x").unwrap();
        let tree = Tree { _directory: directory, base };
        for program in ["bin/tool", "bin/rm", "out/tool"] {
            tree.program(program);
        }
        tree
    }

    fn program(&self, path: &str) {
        fs::write(self.base.join(path), "#!/bin/sh\n").unwrap();
        fs::set_permissions(self.base.join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn link(&self, target: impl AsRef<Path>, link: &str) {
        symlink(target, self.base.join(link)).unwrap();
    }

    fn path(&self, path: &str) -> String {
        self.base.join(path).into_os_string().into_string().unwrap()
    }

    fn builder(&self) -> PolicyBuilder {
        Policy::builder().workspace(self.path("ws")).search_path([self.path("bin")]).allow_all()
    }
}

fn bind_in(policy: &Policy, line: &str, cwd: Option<&str>) -> Result<Permit, Denial> {
    policy.judge(&Request { cwd, ..Request::new(line) })?.bind(&ThisMachine)
}

fn code(policy: &Policy, line: &str) -> Code {
    match bind_in(policy, line, None) {
        Ok(permit) => permit.verdict().code,
        Err(denial) => denial.code(),
    }
}

fn code_in(policy: &Policy, cwd: &str) -> Code {
    match bind_in(policy, "tool", Some(cwd)) {
        Ok(permit) => permit.verdict().code,
        Err(denial) => denial.code(),
    }
}

#[test]
fn arguments_are_followed_through_links() {
    let tree = Tree::new();
    tree.link("../out", "ws/leads-out");
    tree.link("../out/not-yet", "ws/dangling");
    tree.link("sub", "ws/leads-in");
    tree.link("loop", "ws/loop");
    tree.link("/proc/self/cwd", "ws/magic");
    let policy = tree.builder().build().unwrap();
    for argument in [
        "leads-out",
        "leads-out/secret",
        "leads-out/new",
        "dangling",
        "--file=leads-out/secret",
        "@dangling",
        "-fdangling",
        "file:dangling",
        "loop",
        "loop/x",
        "magic/file",
        "./leads-out/secret",
    ] {
        assert_eq!(code(&policy, &format!("tool {argument}")), Code::PathOutsideWorkspace, "{argument}");
    }
    for argument in
        ["leads-in", "leads-in/new", "file", "new/a/b", "file/x", "-ffile", "text", "a/b", "https://x/y"]
    {
        assert_eq!(code(&policy, &format!("tool {argument}")), Code::Allowed, "{argument}");
    }
}

#[test]
fn absolute_arguments_lie_in_what_is_granted() {
    let tree = Tree::new();
    let policy = tree.builder().path_read(tree.path("out")).build().unwrap();
    for path in ["ws", "ws/file", "ws/new", "out/secret", "out/new"] {
        assert_eq!(code(&policy, &format!("tool {}", tree.path(path))), Code::Allowed, "{path}");
    }
    for path in ["bin/tool", "", "ws-evil/f", "new"] {
        assert_eq!(code(&policy, &format!("tool {}", tree.path(path))), Code::PathOutsideWorkspace, "{path}");
    }
    assert_eq!(code(&policy, "tool /dev/null"), Code::Allowed);
    for path in [
        "/dev/zero",
        "/dev/fd/0",
        "/dev/stdin",
        "/proc/self/root/etc",
        "/",
        "~",
        "~/x",
        "~root",
        "//etc",
        "/etc/hostname",
    ] {
        assert_eq!(code(&policy, &format!("tool {path}")), Code::PathOutsideWorkspace, "{path}");
    }
    let anywhere = tree.builder().workspace("/").build().unwrap();
    assert_eq!(code(&anywhere, "tool /etc/hostname ~/x"), Code::Allowed);
}

#[test]
fn dots_are_resolved_physically_where_the_policy_says_so() {
    let tree = Tree::new();
    tree.link("../out", "ws/leads-out");
    fs::create_dir_all(tree.base.join("ws/sub/deep")).unwrap();
    tree.link("sub/deep", "ws/deep");
    let policy = tree.builder().dot_dot(DotDot::Resolve).build().unwrap();
    for (argument, expected) in [
        ("sub/../file", Code::Allowed),
        ("deep/../x", Code::Allowed),
        ("deep/../../file", Code::Allowed),
        ("..", Code::PathOutsideWorkspace),
        ("../ws/file", Code::Allowed),
        ("../out/secret", Code::PathOutsideWorkspace),
        ("leads-out/../ws/file", Code::Allowed),
        ("leads-out/..", Code::PathOutsideWorkspace),
        ("missing/../../out/secret", Code::PathOutsideWorkspace),
        ("-C..", Code::PathOutsideWorkspace),
        ("file/../file", Code::PathOutsideWorkspace),
    ] {
        assert_eq!(code(&policy, &format!("tool {argument}")), expected, "{argument}");
    }
    assert_eq!(code(&tree.builder().build().unwrap(), "tool sub/../file"), Code::PathTraversal);
}

#[test]
fn the_directory_is_opened_and_judged_by_its_real_path() {
    let tree = Tree::new();
    tree.link("../out", "ws/leads-out");
    tree.link("sub", "ws/leads-in");
    let policy = tree.builder().build().unwrap();
    for (cwd, expected) in [
        ("sub", Code::Allowed),
        ("leads-in", Code::Allowed),
        ("./sub/", Code::Allowed),
        ("sub/..", Code::Allowed),
        ("leads-out", Code::WorkspaceNotAllowed),
        ("leads-out/..", Code::WorkspaceNotAllowed),
        ("..", Code::WorkspaceNotAllowed),
        ("../out", Code::WorkspaceNotAllowed),
        ("/", Code::WorkspaceNotAllowed),
        ("missing", Code::CwdNotFound),
        ("/missing", Code::WorkspaceNotAllowed),
        ("file", Code::CwdNotFound),
        ("", Code::CwdNotFound),
        ("a\0b", Code::CwdNotFound),
        ("%2e%2e", Code::CwdNotFound),
    ] {
        assert_eq!(code_in(&policy, cwd), expected, "{cwd:?}");
        if let Err(denial) = bind_in(&policy, "tool", Some(cwd)) {
            assert!(denial.to_string().starts_with("Workspace validation failed: "), "{denial}");
            assert!(!denial.to_string().contains(&tree.path("ws")), "{denial}");
        }
    }
    assert_eq!(code_in(&policy, &tree.path("ws-evil")), Code::WorkspaceNotAllowed);
    let permit = bind_in(&policy, "tool", Some("leads-in")).unwrap();
    assert_eq!(permit.directory().path(), tree.path("ws/sub"));
    let held = permit.directory().handle().unwrap().metadata().unwrap();
    assert_eq!(held.ino(), fs::metadata(tree.base.join("ws/sub")).unwrap().ino());
}

#[test]
fn workspaces_may_be_links_relative_or_missing() {
    let tree = Tree::new();
    tree.link("ws", "link");
    let at = |workspace: String| {
        Policy::builder().workspace(workspace).search_path([tree.path("bin")]).allow_all().build().unwrap()
    };
    let linked = at(tree.path("link"));
    assert_eq!(code(&linked, "tool file"), Code::Allowed);
    assert_eq!(code(&linked, &format!("tool {}", tree.path("ws/file"))), Code::Allowed);
    assert_eq!(code_in(&linked, &tree.path("ws/sub")), Code::Allowed);
    let missing = at(tree.path("missing"));
    assert_eq!(code(&missing, "tool"), Code::CwdNotFound);
    fs::create_dir(tree.base.join("missing")).unwrap();
    assert_eq!(code(&missing, "tool"), Code::Allowed);
    let relative = at("relative".to_owned());
    assert!(Path::new(&relative.config().workspaces[0]).is_absolute());
    let file = at(tree.path("ws/file"));
    assert_eq!(code(&file, "tool"), Code::CwdNotFound);
}

#[test]
fn deny_sees_through_links_to_a_program() {
    let tree = Tree::new();
    tree.link("../bin/rm", "ws/other");
    fs::hard_link(tree.base.join("bin/rm"), tree.base.join("ws/hard")).unwrap();
    tree.link(tree.base.join("bin"), "ws/bin");
    for pattern in ["rm", "rm *", "r?", &tree.path("bin/rm")] {
        let policy = tree.builder().deny(pattern).build().unwrap();
        for line in ["./other", "rm", "bin/rm", &tree.path("bin/rm"), &tree.path("ws/other")] {
            assert_eq!(code(&policy, line), Code::CommandDenied, "{pattern}: {line}");
        }
        assert_eq!(code(&policy, "tool"), Code::Allowed, "{pattern}");
    }
    let policy = tree.builder().deny("rm -rf *").build().unwrap();
    assert_eq!(code(&policy, "./hard -rf x"), Code::CommandDenied);
    assert_eq!(code(&policy, "./hard -r x"), Code::Allowed);
    let policy = tree.builder().deny("./other").build().unwrap();
    assert_eq!(code(&policy, &tree.path("ws/other")), Code::CommandDenied);
    let policy = tree.builder().ask("rm").build().unwrap();
    assert_eq!(code(&policy, "./hard"), Code::ApprovalRequired);
}

#[test]
fn a_program_of_many_names_is_what_it_is_called() {
    let tree = Tree::new();
    tree.program("bin/box");
    tree.link("box", "bin/ls");
    tree.link("box", "bin/del");
    tree.link("../bin/box", "ws/elsewhere");
    let policy = tree.builder().deny("del").build().unwrap();
    assert_eq!(code(&policy, "ls"), Code::Allowed);
    assert_eq!(code(&policy, &tree.path("bin/ls")), Code::Allowed);
    assert_eq!(code(&policy, &tree.path("bin/del")), Code::CommandDenied);
    assert_eq!(code(&policy, "./elsewhere"), Code::CommandDenied);
    let policy = tree.builder().deny(tree.path("bin/box")).build().unwrap();
    assert_eq!(code(&policy, "ls"), Code::CommandDenied);
    let policy = tree.builder().deny(tree.path("bin/del")).build().unwrap();
    assert_eq!(code(&policy, "ls"), Code::Allowed);
    assert_eq!(code(&policy, "del"), Code::CommandDenied);
}

#[test]
fn typed_programs_lie_in_a_workspace_or_in_the_search_path() {
    let tree = Tree::new();
    tree.program("ws/own");
    tree.link("../out/tool", "ws/leads-out");
    let policy = tree.builder().build().unwrap();
    assert_eq!(code(&policy, "./own"), Code::Allowed);
    assert_eq!(code(&policy, &tree.path("bin/tool")), Code::Allowed);
    for line in [tree.path("out/tool"), "./leads-out".to_owned(), "/missing".to_owned()] {
        assert_eq!(code(&policy, &line), Code::PathOutsideWorkspace, "{line}");
    }
    assert_eq!(code(&policy, "../out/tool"), Code::PathTraversal);
    let spelled = tree.builder().allow(tree.path("out/tool")).allow("./leads-out").build().unwrap();
    assert_eq!(code(&spelled, &tree.path("out/tool")), Code::Allowed);
    assert_eq!(code(&spelled, "./leads-out"), Code::Allowed);
    let globbed = tree.builder().allow(tree.path("out/*")).build().unwrap();
    assert_eq!(code(&globbed, &tree.path("out/tool")), Code::PathOutsideWorkspace);
    let permit = bind_in(&policy, "./own x", Some("sub/..")).unwrap();
    assert_eq!((permit.program(), permit.argv()[0].as_str()), (tree.path("ws/own").as_str(), "./own"));
}

#[test]
fn bare_names_are_looked_up_in_trusted_elements_only() {
    let tree = Tree::new();
    fs::create_dir(tree.base.join("anybody")).unwrap();
    for directory in ["ws", "anybody"] {
        tree.program(&format!("{directory}/only-there"));
        tree.program(&format!("{directory}/tool"));
    }
    fs::set_permissions(tree.base.join("anybody"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(tree.base.join("bin/no-program"), "").unwrap();
    let elements = [
        "".to_owned(),
        ".".to_owned(),
        "bin".to_owned(),
        tree.path("ws"),
        tree.path("anybody"),
        tree.path("bin"),
    ];
    let policy =
        Policy::builder().workspace(tree.path("ws")).search_path(elements).allow_all().build().unwrap();
    assert_eq!(bind_in(&policy, "tool", None).unwrap().program(), tree.path("bin/tool"));
    for line in ["only-there", "missing", "no-program", "cd", "./no-program", "./sub"] {
        let denial = bind_in(&policy, line, None).unwrap_err();
        assert_eq!(denial.code(), Code::ProgramNotFound, "{line}");
        assert!(denial.to_string().starts_with("Process execution failed: "), "{denial}");
    }
    let skipped = policy.lint(&ThisMachine).iter().filter(|lint| lint.code == "SEARCH_PATH_SKIPPED").count();
    assert_eq!(skipped, 5);
}

#[test]
fn a_url_is_no_path_unless_its_scheme_is_a_directory() {
    let tree = Tree::new();
    let policy = tree.builder().build().unwrap();
    let line = "tool https://../../../etc/passwd";
    assert_eq!(code(&policy, line), Code::Allowed);
    fs::create_dir(tree.base.join("ws/https:")).unwrap();
    assert_eq!(code(&policy, line), Code::PathOutsideWorkspace);
}

#[test]
fn long_and_deep_paths_are_bounded() {
    let tree = Tree::new();
    let policy = tree.builder().dot_dot(DotDot::Resolve).strict_args(StrictArgs::Off).build().unwrap();
    for argument in ["a/".repeat(60_000), "x".repeat(100_000), "./".repeat(1_000)] {
        assert_eq!(code(&policy, &format!("tool {argument}")), Code::Allowed);
    }
    for argument in ["/a".repeat(60_000), "../".repeat(40_000), "@".repeat(100_000), "a=".repeat(50_000)] {
        assert_eq!(code(&policy, &format!("tool {argument}")), Code::PathOutsideWorkspace);
    }
}

#[test]
fn values_pass_byte_for_byte() {
    let tree = Tree::new();
    let policy = tree.builder().env_allow_all().build().unwrap();
    let value = OsString::from_vec(vec![0xff, b'x']);
    let parent_env = [("A".into(), value.clone()), (OsString::from_vec(vec![0xff]), value.clone())];
    let request = Request { parent_env: &parent_env, ..Request::new("tool") };
    let permit = policy.judge(&request).unwrap().bind(&ThisMachine).unwrap();
    assert_eq!(permit.env(), [("A".into(), value)]);
}
