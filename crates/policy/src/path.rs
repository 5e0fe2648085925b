//! Paths as text, by the rules of any platform. Nothing here asks a file system.

use crate::platform::Platform;

/// Where a path starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// The root (`/x`), or a drive's root (`C:\x`).
    Absolute,
    /// A Windows path below the current drive's root: `\x`.
    Rooted,
    /// A Windows path below another drive's own directory: `C:x`.
    DriveRelative,
    /// A network share or a device name space: `\\host\share`, `\\?\C:\x`.
    Unc,
    /// The directory it is used in.
    Relative,
}

/// How `path` is anchored.
pub(crate) fn anchor(platform: Platform, path: &str) -> Anchor {
    if !platform.is_windows() {
        return if path.starts_with('/') {
            Anchor::Absolute
        } else {
            Anchor::Relative
        };
    }
    let bytes = path.as_bytes();
    let separator = |i: usize| matches!(bytes.get(i), Some(b'/' | b'\\'));
    match bytes {
        _ if separator(0) && separator(1) => Anchor::Unc,
        _ if separator(0) => Anchor::Rooted,
        [drive, b':', ..] if drive.is_ascii_alphabetic() => {
            if separator(2) {
                Anchor::Absolute
            } else {
                Anchor::DriveRelative
            }
        }
        _ => Anchor::Relative,
    }
}

/// Whether `path` needs no directory to be understood.
pub(crate) fn is_absolute(platform: Platform, path: &str) -> bool {
    matches!(anchor(platform, path), Anchor::Absolute | Anchor::Unc)
}

/// The root that an absolute path starts with, and what follows it.
pub(crate) fn split_root(platform: Platform, path: &str) -> (&str, &str) {
    match anchor(platform, path) {
        Anchor::Absolute if platform.is_windows() => path.split_at(3),
        Anchor::Unc => {
            // \\host\share\ is the root of a share.
            let mut separators = path[2..]
                .char_indices()
                .filter(|(_, c)| platform.is_separator(*c));
            let root = separators.nth(1).map_or(path.len(), |(at, _)| at + 3);
            path.split_at(root)
        }
        Anchor::Absolute | Anchor::Rooted => path.split_at(1),
        Anchor::DriveRelative => path.split_at(2),
        Anchor::Relative => path.split_at(0),
    }
}

/// `path` seen from `directory`, which is absolute. Empty names and single dots are left out; `..` stays.
pub(crate) fn join(platform: Platform, directory: &str, path: &str) -> String {
    let mut joined = String::with_capacity(directory.len() + path.len() + 1);
    let (root, rest) = match anchor(platform, path) {
        Anchor::Absolute | Anchor::Unc => split_root(platform, path),
        Anchor::Rooted => (split_root(platform, directory).0, &path[1..]),
        Anchor::DriveRelative | Anchor::Relative => {
            let (root, rest) = split_root(platform, directory);
            push_root(platform, &mut joined, root);
            push_names(platform, &mut joined, rest);
            let own = split_root(platform, path).1;
            push_names(platform, &mut joined, own);
            return joined;
        }
    };
    push_root(platform, &mut joined, root);
    push_names(platform, &mut joined, rest);
    joined
}

fn push_root(platform: Platform, to: &mut String, root: &str) {
    if platform.is_windows() {
        to.extend(root.chars().map(|c| if c == '/' { '\\' } else { c }));
        if !to.ends_with('\\') {
            to.push('\\');
        }
    } else {
        to.push('/');
    }
}

fn push_names(platform: Platform, to: &mut String, path: &str) {
    for name in names(platform, path) {
        push(platform, to, name);
    }
}

/// Appends one name.
pub(crate) fn push(platform: Platform, to: &mut String, name: &str) {
    if !to.ends_with(platform.separator()) {
        to.push(platform.separator());
    }
    to.push_str(name);
}

/// The names of a path, without empty ones and single dots.
pub(crate) fn names(platform: Platform, path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split(move |c| platform.is_separator(c))
        .filter(|name| !name.is_empty() && *name != ".")
}

/// The last name of a path; on Windows also what follows a drive (`C:rm`).
pub(crate) fn file_name(platform: Platform, path: &str) -> &str {
    let cut = |c| platform.is_separator(c) || (c == ':' && platform.is_windows());
    path.rsplit(cut).next().unwrap_or(path)
}

/// The directory that holds an absolute path's last name.
pub(crate) fn parent(platform: Platform, path: &str) -> &str {
    let root = split_root(platform, path).0.len();
    let path_end = path
        .trim_end_matches(|c| platform.is_separator(c))
        .len()
        .max(root);
    match path[..path_end].rfind(|c| platform.is_separator(c)) {
        Some(at) if at >= root => &path[..at],
        _ => &path[..root],
    }
}

/// Whether `path` names a file by more than its bare name.
pub(crate) fn is_spelled(platform: Platform, path: &str) -> bool {
    path.contains(|c| platform.is_separator(c)) || anchor(platform, path) == Anchor::DriveRelative
}

/// `c` as it is compared where case does not count.
pub(crate) fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut upper = c.to_uppercase();
    let c = match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    };
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Whether two texts are the same but for case.
pub(crate) fn same_folded(a: &str, b: &str) -> bool {
    a.chars().map(fold).eq(b.chars().map(fold))
}

/// Whether two names of one directory are the same to the platform's usual file system.
pub(crate) fn same_name(platform: Platform, a: &str, b: &str) -> bool {
    a == b || (platform.ignores_case() && same_folded(a, b))
}

/// Whether the resolved `path` is `directory` or lies below it, by text alone.
pub(crate) fn is_within(platform: Platform, path: &str, directory: &str) -> bool {
    let (path_root, path_rest) = split_root(platform, path);
    let (root, rest) = split_root(platform, directory);
    let same_root = |a: &str, b: &str| {
        let trim = |t: &str| t.replace('/', "\\").trim_end_matches('\\').to_owned();
        if platform.is_windows() {
            same_folded(&trim(a), &trim(b))
        } else {
            a == b
        }
    };
    if !same_root(path_root, root) {
        return false;
    }
    let mut own = names(platform, path_rest);
    names(platform, rest).all(|name| {
        own.next()
            .is_some_and(|other| same_on_disk(platform, other, name))
    })
}

/// Case decides on macOS here: there a file system may heed it, so the file's identity is asked instead.
fn same_on_disk(platform: Platform, a: &str, b: &str) -> bool {
    if platform.is_windows() {
        same_folded(a, b)
    } else {
        a == b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_drops_empty_names_and_single_dots_only() {
        assert_eq!(join(Platform::Linux, "/ws", "./a//b/./c"), "/ws/a/b/c");
        assert_eq!(join(Platform::Linux, "/ws", "../x"), "/ws/../x");
        assert_eq!(join(Platform::Linux, "/ws", "/etc//x/"), "/etc/x");
        assert_eq!(join(Platform::Linux, "/", "x"), "/x");
        assert_eq!(join(Platform::Linux, "/ws", "a\\b"), "/ws/a\\b");
    }

    #[test]
    fn windows_anchors_are_told_apart() {
        let on = |path| anchor(Platform::Windows, path);
        assert_eq!(on("C:\\x"), Anchor::Absolute);
        assert_eq!(on("c:/x"), Anchor::Absolute);
        assert_eq!(on("C:x"), Anchor::DriveRelative);
        assert_eq!(on("\\x"), Anchor::Rooted);
        assert_eq!(on("//host/share"), Anchor::Unc);
        assert_eq!(on("x"), Anchor::Relative);
        assert_eq!(join(Platform::Windows, "C:\\ws", "\\x/y"), "C:\\x\\y");
        assert_eq!(join(Platform::Windows, "C:\\ws", "a/b"), "C:\\ws\\a\\b");
        assert_eq!(join(Platform::Windows, "C:\\", "x"), "C:\\x");
        assert_eq!(join(Platform::Windows, "C:\\ws", "\\\\h\\s\\x"), "\\\\h\\s\\x");
    }

    #[test]
    fn a_sibling_with_the_same_prefix_is_not_within() {
        assert!(is_within(Platform::Linux, "/ws", "/ws"));
        assert!(is_within(Platform::Linux, "/ws/a", "/ws"));
        assert!(is_within(Platform::Linux, "/ws/a", "/"));
        assert!(!is_within(Platform::Linux, "/ws-evil/f", "/ws"));
        assert!(!is_within(Platform::Linux, "/WS/f", "/ws"));
        assert!(is_within(Platform::Windows, "c:\\WS\\f", "C:\\ws"));
        assert!(is_within(Platform::Windows, "C:\\x", "C:\\"));
        assert!(!is_within(Platform::Windows, "D:\\x", "C:\\"));
    }

    #[test]
    fn parents_stop_at_the_root() {
        assert_eq!(parent(Platform::Linux, "/a/b"), "/a");
        assert_eq!(parent(Platform::Linux, "/a"), "/");
        assert_eq!(parent(Platform::Linux, "/"), "/");
        assert_eq!(parent(Platform::Windows, "C:\\a"), "C:\\");
        assert_eq!(file_name(Platform::Windows, "C:rm"), "rm");
        assert_eq!(file_name(Platform::Linux, "a\\b"), "a\\b");
    }
}
