//! The directory that a command enters.

use crate::host::{FileKind, Host};
use crate::path;
use crate::permit::Directory;
use crate::policy::Inner;
use crate::verdict::{Code, Refusal, shown};
use crate::workspace::Granted;

/// Opens the call's directory, then judges what was opened.
pub(super) fn enter(
    policy: &Inner,
    host: &dyn Host,
    granted: &Granted,
    cwd: Option<&str>,
) -> Result<Directory, Refusal> {
    let failed = |code, problem: std::fmt::Arguments<'_>, hint: &str| {
        Refusal::new(code, format!("Workspace validation failed: {problem}"), hint)
    };
    let nameless = "name a directory, or leave cwd out for the first workspace";
    let platform = policy.platform;
    let typed = cwd.unwrap_or_else(|| policy.places.workspaces.first().map_or("", String::as_str));
    if typed.is_empty() {
        return Err(failed(Code::CwdNotFound, format_args!("the directory is an empty text"), nameless));
    }
    if typed.contains('\0') || typed.len() >= platform.max_path() {
        return Err(failed(
            Code::CwdNotFound,
            format_args!("no directory can have this name: {}", shown(typed)),
            nameless,
        ));
    }
    let not_allowed = || {
        let allowed = policy.places.workspaces.join(", ");
        let hint = format!("Allowed: {allowed}; the policy's owner may add another to workspaces");
        failed(Code::WorkspaceNotAllowed, format_args!("Workspace not allowed: {}", shown(typed)), &hint)
    };
    // A drive's own directory is another process' affair.
    if path::anchor(platform, typed) == path::Anchor::DriveRelative
        || (platform.is_windows() && !granted.is_anywhere() && is_foreign_share(policy, typed))
    {
        return Err(not_allowed());
    }
    let path = policy.places.directory(cwd);
    // Opened first: what is judged below is what the child enters.
    let opened = host.open_directory(&path);
    let resolved = host.resolve(&path).map_err(|_| not_allowed())?;
    if !granted.hold_directory(host, &resolved.path) {
        return Err(not_allowed());
    }
    let not_found = |problem: &str| {
        let hint = "make the directory, or name another as cwd";
        failed(Code::CwdNotFound, format_args!("{problem}: {}", shown(typed)), hint)
    };
    match resolved.kind {
        None => return Err(not_found("Directory not found")),
        Some(FileKind::Directory) => {}
        Some(_) => return Err(not_found("Not a directory")),
    }
    let opened = opened.map_err(|error| not_found(&format!("Directory cannot be entered ({error})")))?;
    let now = host.file(&resolved.path).map_err(|_| not_allowed())?;
    if now.identity != opened.identity {
        // It was swapped between the two looks.
        return Err(not_allowed());
    }
    Ok(Directory { path: resolved.path, handle: opened.handle, identity: opened.identity })
}

/// A share that no workspace lies on: even to look at it would tell that host who we are.
fn is_foreign_share(policy: &Inner, typed: &str) -> bool {
    let platform = policy.platform;
    path::anchor(platform, typed) == path::Anchor::Unc
        && !policy.places.workspaces.iter().any(|place| path::is_within(platform, typed, place))
}
