//! Addresses: which a program may be sent to.

/// What is wrong with an address; a host name without a scheme is fine.
pub(super) fn url_problem(text: &str) -> Option<&'static str> {
    const SCHEME: &str = "only http and https addresses may be named";
    if let Some((scheme, _)) = text.split_once("://") {
        let plain = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        return (!plain).then_some(SCHEME);
    }
    let authority = text.split('/').next().unwrap_or("");
    // What curl would expand could become any scheme.
    if authority.contains(['{', '[']) {
        return Some(SCHEME);
    }
    match authority.split_once(':') {
        // A port.
        Some((host, port))
            if !host.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && !port.is_empty() =>
        {
            None
        }
        Some(_) if authority.contains('@') => None,
        Some(_) => Some(SCHEME),
        None => None,
    }
}

/// Whether a program may take the text for the address of a file.
pub(super) fn is_file_address(text: &str) -> bool {
    text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"))
}

/// The files in what is sent: `@file`, `name=@file`, `name=<file`, several of them with commas between; where a `name`d
/// one is meant, `name@file`, too. A quote around a name is left out.
pub(super) fn files_to_send(text: &str, named: bool) -> impl Iterator<Item = &str> {
    let value = match text.split_once('=') {
        Some((name, value)) if !name.contains('@') && value.starts_with(['@', '<']) => Some(&value[1..]),
        _ if text.starts_with('@') => Some(&text[1..]),
        _ if named => text.split_once('@').filter(|(name, _)| !name.contains('=')).map(|(_, file)| file),
        _ => None,
    };
    let files = value.into_iter().flat_map(|files| std::iter::once(files).chain(files.split(',').skip(1)));
    files.map(|file| file.trim_start_matches('"')).filter(|file| !file.is_empty() && *file != "-")
}

/// What names a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remote {
    /// A name or a path.
    Path,
    /// An address that may be used.
    Fine,
    /// One that may not.
    Refused(&'static str),
}

/// What names a repository: `origin`, `../other`, `https://host/x.git`, `git@host:x.git`.
pub(super) fn kind_of(text: &str) -> Remote {
    if let Some((scheme, rest)) = text.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or("");
        let host = host.rsplit('@').next().unwrap_or(host);
        return match scheme {
            "https" | "ssh" | "git+ssh" => host_problem(host),
            _ => Remote::Refused("a repository may be reached over https and ssh only"),
        };
    }
    if text.contains("::") {
        return Remote::Refused("a transport helper would run");
    }
    // What git takes for host:path has its colon before any slash.
    let first = text.split('/').next().unwrap_or("");
    match first.split_once(':') {
        Some((host, _)) if !host.is_empty() => host_problem(host.rsplit('@').next().unwrap_or(host)),
        _ => Remote::Path,
    }
}

/// Whether it is a commit by its spelling: `@`, `@~2`, `@{u}..`. The path behind a colon lies in the repository.
pub(super) fn is_commit(text: &str) -> bool {
    text.strip_prefix('@').is_some_and(|rest| {
        (rest.is_empty() || rest.starts_with(['~', '^', '{', ':', '.'])) && !rest.contains("../")
    })
}

/// A name with dots; no option, and no address on this machine or by number.
fn host_problem(host: &str) -> Remote {
    let name = host.split(':').next().unwrap_or(host);
    let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let named = !name.is_empty() && !name.starts_with('-') && name.bytes().all(letters);
    let numeric = name.bytes().all(|b| b.is_ascii_digit() || b == b'.') || name.starts_with("0x");
    if !named {
        Remote::Refused("the host's name is none")
    } else if numeric || name == "localhost" {
        Remote::Refused("a repository's host must be named, and not by its number")
    } else {
        Remote::Fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_may_be_fetched_from() {
        for url in ["https://a.b/c", "HTTP://a", "localhost:3000/x", "a.b", "a.b/c:d", "user:pw@a.b/x"] {
            assert_eq!(url_problem(url), None, "{url}");
        }
        for url in
            ["file:///etc", "file:/etc", "{file}:///etc", "[f-f]ile:///x", "gopher://x", "x{:}//y", "{a,b}"]
        {
            assert!(url_problem(url).is_some(), "{url}");
        }
    }

    #[test]
    fn files_are_found_in_what_is_sent() {
        let files = |text, named| files_to_send(text, named).collect::<Vec<_>>();
        assert_eq!(files("@/etc/x", false), ["/etc/x"]);
        assert_eq!(files("a=@\"/etc/x\";type=b", false), ["/etc/x\";type=b"]);
        assert_eq!(files("a=@b,/etc/x", false), ["b,/etc/x", "/etc/x"]);
        assert_eq!(files("a=</etc/x", false), ["/etc/x"]);
        assert_eq!(files("a@b.c", false), [""; 0]);
        assert_eq!(files("a@/etc/x", true), ["/etc/x"]);
        assert_eq!(files("a=b@c", true), [""; 0]);
        assert_eq!(files("@-", false), [""; 0]);
    }

    #[test]
    fn repositories_are_names_paths_and_named_hosts() {
        for text in ["origin", "../other", ".", "upstream/x", "/srv/x.git"] {
            assert_eq!(kind_of(text), Remote::Path, "{text}");
        }
        for text in ["https://github.com/a/b.git", "git@github.com:a/b", "ssh://git@host.de:22/x", "host:x"] {
            assert_eq!(kind_of(text), Remote::Fine, "{text}");
        }
        for text in [
            "ext::sh -c id",
            "http://h/x",
            "https://127.0.0.1:1/x",
            "ssh://-oProxyCommand=id/x",
            "file:///etc",
            "-x:y",
            "git://h/x",
            "fd::3",
        ] {
            assert!(matches!(kind_of(text), Remote::Refused(_)), "{text}");
        }
    }
}
