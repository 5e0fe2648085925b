//! Which hosts a program may reach by name: the entries of `network.hosts`, and the addresses that no name leads to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The port, inside of an isolated program's network, of the proxy that alone leads out of it.
pub const PROXY_PORT: u16 = 3128;

/// Ports that an entry without one means.
const USUAL_PORTS: [u16; 2] = [80, 443];

/// The entries of `network.hosts`, understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hosts(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    who: Who,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    Name(String),
    /// With the dot before it.
    Below(String),
    Address(IpAddr),
}

impl Hosts {
    /// Reads entries: a name (`api.example.com`), all names below one (`*.example.org`), or an address (`192.0.2.1`, `[::1]`),
    /// each with a port behind a colon or, without one, 80 and 443.
    ///
    /// # Errors
    /// The index of the first entry that is none, and why.
    pub fn parse(entries: &[String]) -> Result<Hosts, (usize, &'static str)> {
        let read = |(index, entry): (usize, &String)| Entry::parse(entry).map_err(|problem| (index, problem));
        entries.iter().enumerate().map(read).collect::<Result<_, _>>().map(Hosts)
    }

    /// Whether a connection may be asked for by this name. Case and a dot at the end mean nothing.
    pub fn permit_name(&self, name: &str, port: u16) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        self.0.iter().any(|entry| {
            let is_it = match &entry.who {
                Who::Name(known) => *known == name,
                Who::Below(suffix) => name.len() > suffix.len() && name.ends_with(suffix.as_str()),
                Who::Address(_) => false,
            };
            is_it && entry.has_port(port)
        })
    }

    /// Whether this address is listed itself, so that a connection may be asked for by it, and a name lead to it, wherever
    /// it lies.
    pub fn list_address(&self, address: IpAddr, port: u16) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|entry| entry.who == Who::Address(address) && entry.has_port(port))
    }

    /// Whether a listed name may lead to this address: it is one of the public internet, or listed itself.
    pub fn permit_resolved(&self, address: IpAddr, port: u16) -> bool {
        is_public(address) || self.list_address(address, port)
    }
}

impl Entry {
    fn parse(text: &str) -> Result<Entry, &'static str> {
        const EXPECTED: &str = "expected a name, *. and a name, or an address, with or without a port";
        let port = |port: &str| port.parse().ok().filter(|port| *port > 0).ok_or(EXPECTED);
        if let Some(rest) = text.strip_prefix('[') {
            let (address, rest) = rest.split_once(']').ok_or(EXPECTED)?;
            let address: Ipv6Addr = address.parse().map_err(|_| EXPECTED)?;
            let port = match rest.strip_prefix(':') {
                Some(rest) => Some(port(rest)?),
                None if rest.is_empty() => None,
                None => return Err(EXPECTED),
            };
            return Ok(Entry { who: Who::Address(IpAddr::V6(address).to_canonical()), port });
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Entry { who: Who::Address(address.to_canonical()), port: None });
        }
        let (name, port) = match text.split_once(':') {
            Some((name, rest)) => (name, Some(port(rest)?)),
            None => (text, None),
        };
        if let Ok(address) = name.parse::<IpAddr>() {
            return Ok(Entry { who: Who::Address(address.to_canonical()), port });
        }
        let (below, name) = match name.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, name),
        };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if !is_name(&name) {
            return Err(EXPECTED);
        }
        Ok(Entry { who: if below { Who::Below(format!(".{name}")) } else { Who::Name(name) }, port })
    }

    fn has_port(&self, port: u16) -> bool {
        match self.port {
            Some(known) => known == port,
            None => USUAL_PORTS.contains(&port),
        }
    }
}

/// Letters, digits, hyphens and underscores between dots; not all digits at the end, which C libraries read as an address.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with(|first: char| first.is_ascii_digit());
    name.len() <= 253 && name.split('.').all(is_label) && !is_number
}

/// Whether an address is one of the public internet, and not of a machine, a network at hand, a cloud's own services, or of
/// a way to write one of these as another kind.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_reserved = matches!(
        (a, b, c),
        (0 | 10 | 127 | 240..=255, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !is_reserved && !address.is_multicast()
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match (a, b) {
        // Translated to the other kind.
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => v4(g, h),
        (0x2002, high) => v4(high, c),
        // Teredo, benchmarks, documentation, other special ones.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, _) => false,
        // Only these are given to the public.
        _ => (0x2000..0x4000).contains(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(entries: &[&str]) -> Hosts {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        Hosts::parse(&entries).expect("entries")
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn names_are_matched_whole_and_below_a_star() {
        let hosts = hosts(&["api.example.com", "*.example.org", "git.example.net:22"]);
        for (name, port, expected) in [
            ("api.example.com", 443, true),
            ("API.Example.COM.", 80, true),
            ("api.example.com", 22, false),
            ("evil-api.example.com", 443, false),
            ("api.example.com.evil.net", 443, false),
            ("a.example.org", 443, true),
            ("a.b.example.org", 443, true),
            ("example.org", 443, false),
            ("evilexample.org", 443, false),
            ("git.example.net", 22, true),
            ("git.example.net", 443, false),
            ("", 443, false),
        ] {
            assert_eq!(hosts.permit_name(name, port), expected, "{name}:{port}");
        }
    }

    #[test]
    fn what_is_no_entry_is_told() {
        for entry in [
            "",
            "*",
            "*.",
            "a b",
            "https://a.example",
            "a.example/",
            "a.example:0",
            "a.example:x",
            "a..b",
            "[::1",
            "2130706433",
            "0x7f.1",
            "127.1",
            "*.1",
            "a.*.example",
            "-:1:2",
            "\u{e9}.example",
        ] {
            assert!(Hosts::parse(&[entry.to_owned()]).is_err(), "{entry:?}");
        }
    }

    #[test]
    fn an_address_is_reached_only_if_it_is_listed() {
        let hosts = hosts(&["127.0.0.1:8080", "[::1]:8080", "10.0.0.1"]);
        assert!(hosts.list_address(address("127.0.0.1"), 8080) && hosts.list_address(address("::1"), 8080));
        assert!(hosts.list_address(address("::ffff:127.0.0.1"), 8080), "the same address");
        assert!(hosts.list_address(address("10.0.0.1"), 443) && !hosts.list_address(address("10.0.0.1"), 22));
        assert!(
            !hosts.list_address(address("127.0.0.1"), 80) && !hosts.list_address(address("8.8.8.8"), 443)
        );
        assert!(!hosts.permit_name("127.0.0.1", 8080), "an address is no name");
    }

    #[test]
    fn private_addresses_are_none_of_the_public_in_any_spelling() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fec0::1",
            "100::1",
        ] {
            assert!(!is_public(address(text)), "{text}");
        }
        for text in
            ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"]
        {
            assert!(is_public(address(text)), "{text}");
        }
    }
}
