//! Host keys: what is accepted, what is refused, and what OpenSSH says to the same files.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use vetty_ssh::known_hosts::{KnownHosts, fingerprint};
use vetty_ssh::{Connection, Error, HostKeyRefusal, HostKeys, Trust};

use crate::server::{Server, new_key, run};

async fn refusal(server: &Server, host_keys: HostKeys) -> HostKeyRefusal {
    let mut target = server.target();
    target.host_keys = host_keys;
    match Connection::dial(&target).await {
        Err(Error::HostKey { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_known_host_is_let_through_and_its_key_told() {
    let server = Server::start("");
    let connection = server.connect().await;
    let listed = run("ssh-keygen", &["-l", "-f", server.path("host.pub").to_str().unwrap()]);
    assert_eq!(listed.split(' ').nth(1), Some(connection.receipt().fingerprint.as_str()));
    assert_eq!(connection.receipt().trust, Trust::Known);
}

#[tokio::test]
async fn an_unknown_host_is_refused_before_anything_is_said_to_it() {
    let server = Server::start("");
    fs::write(server.path("known_hosts"), "").unwrap();
    assert_eq!(refusal(&server, HostKeys::Strict).await, HostKeyRefusal::Unknown);
    fs::remove_file(server.path("known_hosts")).unwrap();
    assert_eq!(refusal(&server, HostKeys::Strict).await, HostKeyRefusal::Unknown);
    assert!(!server.log().contains("Accepted"), "{}", server.log());
}

#[tokio::test]
async fn a_changed_key_is_refused_also_where_new_ones_are_accepted() {
    let server = Server::start("");
    let other = new_key(&server.path("other"), "ed25519", "");
    fs::write(server.path("known_hosts"), format!("[127.0.0.1]:{} {other}", server.port)).unwrap();
    for host_keys in [HostKeys::Strict, HostKeys::AcceptNew] {
        let reason = refusal(&server, host_keys).await;
        assert!(matches!(&reason, HostKeyRefusal::Changed(places) if places[0].line == 1), "{reason:?}");
    }
}

#[tokio::test]
async fn a_new_key_is_accepted_once_and_known_from_then_on() {
    let server = Server::start("");
    fs::write(server.path("known_hosts"), "# no end of line").unwrap();
    let mut target = server.target();
    target.host_keys = HostKeys::AcceptNew;
    assert_eq!(Connection::dial(&target).await.unwrap().receipt().trust, Trust::AcceptedNew);
    target.host_keys = HostKeys::Strict;
    assert_eq!(Connection::dial(&target).await.unwrap().receipt().trust, Trust::Known);
    let text = fs::read_to_string(server.path("known_hosts")).unwrap();
    assert!(text.starts_with("# no end of line\n[127.0.0.1]:"), "{text}");
}

#[tokio::test]
async fn a_revoked_key_is_refused_even_if_it_is_pinned() {
    let server = Server::start("");
    let public = fs::read_to_string(server.path("host.pub")).unwrap();
    let known = fs::read_to_string(server.path("known_hosts")).unwrap();
    fs::write(server.path("known_hosts"), format!("{known}@revoked * {public}")).unwrap();
    let pin = fingerprint(&russh::keys::PublicKey::from_openssh(&public).unwrap());
    for host_keys in [HostKeys::Strict, HostKeys::AcceptNew, HostKeys::Pinned(vec![pin])] {
        assert!(
            matches!(refusal(&server, host_keys).await, HostKeyRefusal::Revoked(place) if place.line == 2)
        );
    }
}

#[tokio::test]
async fn a_pinned_fingerprint_needs_no_file_and_lets_no_other_key_pass() {
    let server = Server::start("");
    let pin = server.connect().await.receipt().fingerprint.clone();
    fs::write(server.path("known_hosts"), "").unwrap();
    let mut target = server.target();
    target.host_keys = HostKeys::Pinned(vec![pin.clone()]);
    assert_eq!(Connection::dial(&target).await.unwrap().receipt().trust, Trust::Pinned);
    let other = pin.replace("SHA256:", "SHA256:A");
    assert_eq!(refusal(&server, HostKeys::Pinned(vec![other])).await, HostKeyRefusal::NotPinned);
}

/// Signs the host's key with a new authority, and gives that one's public line.
fn certify(folder: &Path, names: &str, validity: &str) -> String {
    let authority = new_key(&folder.join("authority"), "ed25519", "");
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    run(
        "ssh-keygen",
        &["-q", "-s", &at("authority"), "-I", "id", "-h", "-n", names, "-V", validity, &at("host.pub")],
    );
    authority
}

fn certified(names: &'static str, validity: &'static str) -> Server {
    let server = Server::with(|folder| {
        certify(folder, names, validity);
        format!("HostCertificate {}/host-cert.pub", folder.display())
    });
    let authority = fs::read_to_string(server.path("authority.pub")).unwrap();
    fs::write(server.path("known_hosts"), format!("@cert-authority [127.0.0.*]:* {authority}")).unwrap();
    server
}

#[tokio::test]
async fn a_certificate_of_a_known_authority_is_enough() {
    let server = certified("127.0.0.1", "-1m:+1h");
    assert_eq!(server.connect().await.receipt().trust, Trust::Certified);
}

#[tokio::test]
async fn a_certificate_for_another_host_or_another_time_is_not() {
    for (names, validity) in [("other.example", "-1m:+1h"), ("127.0.0.1", "-2h:-1h")] {
        let server = certified(names, validity);
        let reason = refusal(&server, HostKeys::Strict).await;
        assert!(matches!(reason, HostKeyRefusal::Certificate(_)), "{reason:?}");
        assert!(!openssh_connects(&server));
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_says_nothing() {
    let server = certified("127.0.0.1", "-1m:+1h");
    let other = new_key(&server.path("another"), "ed25519", "");
    fs::write(server.path("known_hosts"), format!("@cert-authority * {other}")).unwrap();
    assert_eq!(refusal(&server, HostKeys::Strict).await, HostKeyRefusal::Unknown);
}

/// Whether the system's ssh takes the host with the same file.
fn openssh_connects(server: &Server) -> bool {
    let option = |text: String| ["-o".to_owned(), text];
    let known = format!("UserKnownHostsFile={}", server.path("known_hosts").display());
    let output = Command::new("ssh")
        .args(["-F", "none", "-i"])
        .arg(server.path("user"))
        .args(option(known))
        .args(option("GlobalKnownHostsFile=none".to_owned()))
        .args(option("StrictHostKeyChecking=yes".to_owned()))
        .args(option("BatchMode=yes".to_owned()))
        .args(option("IdentitiesOnly=yes".to_owned()))
        .args(["-p", &server.port.to_string(), "127.0.0.1", "true"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    output.status.success()
}

#[tokio::test]
async fn the_same_files_open_and_close_the_way_as_for_openssh() {
    let server = Server::start("");
    let host = fs::read_to_string(server.path("host.pub")).unwrap();
    let other = new_key(&server.path("other"), "ed25519", "");
    let ecdsa = new_key(&server.path("ecdsa"), "ecdsa", "");
    let port = server.port;
    let hashed = server.path("hashed");
    fs::write(&hashed, format!("[127.0.0.1]:{port} {host}")).unwrap();
    run("ssh-keygen", &["-q", "-H", "-f", hashed.to_str().unwrap()]);
    let hashed = fs::read_to_string(&hashed).unwrap();
    assert!(hashed.starts_with("|1|"));
    let corpus = [
        (format!("[127.0.0.1]:{port} {host}"), true),
        (format!("127.0.0.1 {host}"), true),
        (hashed, true),
        (format!("* {host}"), true),
        (format!("[127.0.0.?]:* {host}"), true),
        (format!("*,![127.0.0.1]:{port} {host}"), true),
        (format!("*,!*127.0.0.1* {host}"), false),
        (format!("[127.0.0.1]:1 {host}"), false),
        (format!("[127.0.0.1]:{port} {other}"), false),
        (format!("[127.0.0.1]:{port} {other}[127.0.0.1]:{port} {host}"), true),
        (format!("[127.0.0.1]:{port} {other}127.0.0.1 {host}"), false),
        (format!("[127.0.0.1]:{port} {ecdsa}"), false),
        (format!("[127.0.0.1]:{port} {host}@revoked * {host}"), false),
        (format!("[127.0.0.1]:{port} {host}@revoked * {other}"), true),
        (format!("@cert-authority * {host}"), false),
        (format!("@unknown * {host}"), false),
        ("garbage\n".to_owned(), false),
        (String::new(), false),
    ];
    for (text, opens) in corpus {
        fs::write(server.path("known_hosts"), &text).unwrap();
        assert_eq!(openssh_connects(&server), opens, "ssh with\n{text}");
        let ours = Connection::dial(&server.target()).await;
        assert_eq!(ours.is_ok(), opens, "{:?} with\n{text}", ours.err());
        assert!(KnownHosts::parse(text.as_bytes()).skipped().len() <= 1);
    }
}
