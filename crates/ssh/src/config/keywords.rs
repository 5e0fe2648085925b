//! What each keyword of the SSH configuration means for a target.

use std::path::PathBuf;
use std::time::Duration;

use super::Settings;
use crate::auth::{AgentChoice, Identity};
use crate::error::Error;
use crate::host::Host;
use crate::host_key::HostKeys;
use crate::target::Target;

/// Keywords that are looked at below.
const APPLIED: [&str; 15] = [
    "certificatefile",
    "connecttimeout",
    "globalknownhostsfile",
    "host",
    "hostkeyalias",
    "hostname",
    "identitiesonly",
    "identityagent",
    "identityfile",
    "port",
    "proxyjump",
    "serveraliveinterval",
    "stricthostkeychecking",
    "user",
    "userknownhostsfile",
];

/// Keywords that are rightly without effect: they speak of the program `ssh` itself, or permit what this crate never does
/// (forwarding, ways of logging in that it lacks), so that their absence only narrows.
const WITHOUT_EFFECT: [&str; 50] = [
    "addkeystoagent",
    "batchmode",
    "canonicaldomains",
    "canonicalizefallbacklocal",
    "canonicalizemaxdots",
    "canonicalizepermittedcnames",
    "clearallforwardings",
    "compression",
    "connectionattempts",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "dynamicforward",
    "enableescapecommandline",
    "enablesshkeysign",
    "escapechar",
    "exitonforwardfailure",
    "fingerprinthash",
    "forkafterauthentication",
    "forwardagent",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    "gssapiauthentication",
    "gssapidelegatecredentials",
    "gssapikexalgorithms",
    "gssapikeyexchange",
    "gssapirenewalforcesrekey",
    "gssapitrustdns",
    "hashknownhosts",
    "ipqos",
    "localforward",
    "loglevel",
    "logverbose",
    "numberofpasswordprompts",
    "obscurekeystroketiming",
    "permitremoteopen",
    "remoteforward",
    "requesttty",
    "sendenv",
    "serveralivecountmax",
    "stdinnull",
    "streamlocalbindmask",
    "streamlocalbindunlink",
    "syslogfacility",
    "tcpkeepalive",
    "updatehostkeys",
    "visualhostkey",
    "xauthlocation",
];

/// The target, and the hosts that it jumps over.
pub(super) fn apply(host: &Host, settings: &Settings) -> Result<(Target, Vec<Host>), Error> {
    let wrong = |keyword: &str, why: &str| Error::Configuration {
        host: host.to_string(),
        keyword: keyword.to_owned(),
        why: why.to_owned(),
    };
    // What is set and not known is an error: it may be about security.
    for (keyword, value) in &settings.said {
        let known = APPLIED.contains(&keyword.as_str()) || WITHOUT_EFFECT.contains(&keyword.as_str());
        if !known && !settings.default.contains(&(keyword.clone(), value.clone())) {
            return Err(wrong(
                &format!("{keyword} {value}"),
                "is not applied here: run the system's ssh for this host, or say what it needs by a Target",
            ));
        }
    }
    // And so is what the configuration took away.
    for (keyword, value) in &settings.default {
        let known = APPLIED.contains(&keyword.as_str()) || WITHOUT_EFFECT.contains(&keyword.as_str());
        if !known && !settings.said.iter().any(|(said, _)| said == keyword) {
            return Err(wrong(&format!("{keyword} without {value}"), "is not applied here"));
        }
    }

    let all = |keyword: &str| -> Vec<&str> {
        settings.said.iter().filter(|(said, _)| said == keyword).map(|(_, value)| value.as_str()).collect()
    };
    let one = |keyword: &str| all(keyword).first().copied();

    let place = Host {
        name: one("hostname").unwrap_or(&host.name).to_ascii_lowercase(),
        user: one("user").map(str::to_owned).or_else(|| host.user.clone()),
        port: one("port").and_then(|port| port.parse().ok()).or(host.port),
    };
    // The name is text from a file: what it may be is asked as for any other.
    let mut target = Target::new(place.to_string().parse()?);
    target.known_as = one("hostkeyalias").map(str::to_ascii_lowercase);
    target.host_keys = match one("stricthostkeychecking") {
        Some("accept-new") => HostKeys::AcceptNew,
        Some("no" | "off" | "false") => {
            return Err(wrong(
                "StrictHostKeyChecking no",
                "would take any key: use accept-new, or pin the key",
            ));
        }
        // `ask`: nobody is there to be asked.
        _ => HostKeys::Strict,
    };
    let path = |text: &str| {
        expand(text, host, &target.host).ok_or_else(|| wrong(text, "is a path that is not understood"))
    };
    target.known_hosts = Vec::new();
    for keyword in ["userknownhostsfile", "globalknownhostsfile"] {
        for text in
            all(keyword).iter().flat_map(|value| value.split_whitespace()).filter(|text| *text != "none")
        {
            target.known_hosts.push(path(text)?);
        }
    }

    let mut certificates = Vec::new();
    for text in all("certificatefile").into_iter().filter(|text| *text != "none") {
        certificates.push(path(text)?);
    }
    for text in all("identityfile").into_iter().filter(|text| *text != "none") {
        let file = path(text)?;
        // The defaults are named whether they are there or not, and kinds among them that nobody reads here.
        let known = !["id_dsa", "id_xmss"].iter().any(|name| file.ends_with(name));
        let readable = cfg!(feature = "rsa") || !file.ends_with("id_rsa");
        if known && readable && file.is_file() {
            target.login.identities.extend(certificates.iter().map(|certificate| Identity::Certified {
                key: file.clone(),
                certificate: certificate.clone(),
            }));
            target.login.identities.push(Identity::File(file));
        }
    }
    target.login.default_keys = false;
    target.login.only_identities = one("identitiesonly") == Some("yes");
    target.login.agent = match one("identityagent") {
        None | Some("SSH_AUTH_SOCK" | "$SSH_AUTH_SOCK") => AgentChoice::Environment,
        Some("none") => AgentChoice::None,
        Some(text) => AgentChoice::Path(path(text)?),
    };

    let seconds =
        |keyword: &str| one(keyword).and_then(|value| value.parse().ok()).filter(|seconds| *seconds > 0);
    if let Some(limit) = seconds("connecttimeout") {
        target.limits.connect = Duration::from_secs(limit);
    }
    if let Some(interval) = seconds("serveraliveinterval") {
        target.limits.keepalive = Duration::from_secs(interval);
    }

    let jump = one("proxyjump").filter(|jump| *jump != "none").unwrap_or_default();
    let hops: Result<Vec<Host>, _> = jump.split(',').filter(|hop| !hop.is_empty()).map(str::parse).collect();
    Ok((target, hops?))
}

/// A path with `~/` and the tokens that paths have; `None` for one that is not known.
fn expand(text: &str, typed: &Host, place: &Host) -> Option<PathBuf> {
    let text = text.trim_matches('"');
    if text.contains("${") || text.starts_with('$') {
        return None;
    }
    let home = std::env::home_dir();
    let (folder, text) = match text.strip_prefix("~/") {
        Some(rest) => (Some(home.clone()?), rest),
        None if text.starts_with('~') => return None,
        None => (None, text),
    };
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        match rest.next()? {
            '%' => out.push('%'),
            'd' => out.push_str(home.as_ref()?.to_str()?),
            'h' => out.push_str(&place.name),
            'n' => out.push_str(&typed.name),
            'p' => out.push_str(&place.port.unwrap_or(22).to_string()),
            'r' => out.push_str(place.user.as_ref()?),
            _ => return None,
        }
    }
    Some(folder.map_or_else(|| PathBuf::from(&out), |folder| folder.join(&out)))
}
