//! Text of programs within SVG and HTML: shown as it is, never read as markup.

use std::fmt::Write;

use crate::color::Rgb;

/// Appends text so that it is only text, in an element and in an attribute with double quotes alike, in XML and in HTML.
/// What XML cannot hold at all becomes U+FFFD.
pub(crate) fn text(out: &mut String, text: &str) {
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters, and those that turn the direction of what follows.
            '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            _ => out.push(ch),
        }
    }
}

/// As `#rrggbb`.
pub(crate) fn color(out: &mut String, color: Rgb) {
    let _ = write!(out, "#{:02x}{:02x}{:02x}", color.0, color.1, color.2);
}

/// The schemes of addresses that a picture may lead to. A click on another one would do something.
const SCHEMES: [&str; 6] = ["http://", "https://", "ftp://", "ftps://", "gemini://", "mailto:"];

/// Whether an address that a program gave may become a link.
pub(crate) fn is_harmless(uri: &str) -> bool {
    let begins =
        |scheme: &&str| uri.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    SCHEMES.iter().any(begins) && uri.chars().all(|ch| !ch.is_control() && !ch.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::{is_harmless, text};

    #[test]
    fn markup_and_controls_do_not_pass() {
        let mut out = String::new();
        text(&mut out, "]]><script a=\"b\" c='d'>&\0\x1b\u{85}\u{202e}é漢");
        assert_eq!(
            out,
            "]]&gt;&lt;script a=&quot;b&quot; c=&#39;d&#39;&gt;&amp;\u{fffd}\u{fffd}\u{fffd}\u{fffd}é漢"
        );
    }

    #[test]
    fn only_addresses_that_do_nothing_become_links() {
        for uri in ["http://a", "HTTPS://a/b?c=d#e", "mailto:a@b"] {
            assert!(is_harmless(uri), "{uri}");
        }
        for uri in [
            "javascript:alert(1)",
            "java\nscript:x",
            "data:text/html,x",
            "file:///etc",
            "//a",
            "",
            "http",
            "http://a b",
            " http://a",
        ] {
            assert!(!is_harmless(uri), "{uri}");
        }
    }
}
