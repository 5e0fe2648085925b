//! Each thing that a confined program may not do, and the errno that it gets: from the program, from its child, from one
//! that started a session.

use std::net::TcpListener;
use std::os::unix::net::{UnixDatagram, UnixListener};

use serde_json::{Value, json};

use crate::Place;
use crate::place::level;

/// What the kernel must answer a confined program, and whether an unconfined one may (of these users: any, root).
pub const REFUSED: [(&str, &str, Control); 58] = [
    ("read:$own", "ok", Anybody),
    ("write:$workspace/new", "ok", Anybody),
    ("rename:$workspace/new,$workspace/moved", "ok", Anybody),
    ("chmod:$workspace/moved", "ok", Anybody),
    ("truncate:$workspace/moved", "ok", Anybody),
    ("remove:$workspace/moved", "ok", Anybody),
    ("pair", "ok", Anybody),
    ("read:/dev/null", "ok", Anybody),
    ("read:/dev/urandom", "ok", Anybody),
    ("read:$secret", "EACCES", Anybody),
    ("read:/etc/passwd", "EACCES", Anybody),
    ("list:/etc", "EACCES", Anybody),
    ("list:/", "EACCES", Anybody),
    ("list:/tmp", "EACCES", Anybody),
    ("read:/proc/self/status", "EACCES", Anybody),
    ("symlink-read:$secret,$workspace/link", "EACCES", Anybody),
    ("write:$outside/new", "EACCES", Anybody),
    ("truncate:$secret", "EACCES", Anybody),
    ("rename:$own,$outside/moved", "EACCES", Nobody),
    ("hard-link:$secret,$workspace/linked", "EXDEV", Anybody),
    ("remove:$outside/there", "EACCES", Anybody),
    ("device:$workspace/device", "EACCES", Nobody),
    ("set-user-id:$own", "EPERM", Anybody),
    ("make-set-user-id:$workspace/lends", "EPERM", Anybody),
    ("execute:$copy", "EACCES", Anybody),
    ("inherited:9", "EBADF", Nobody),
    ("tcp:$port", "EPERM", Anybody),
    ("bind:0", "EPERM", Anybody),
    ("mptcp:$port", "EPERM", Anybody),
    ("fast-open:$port", "EPERM", Anybody),
    ("udp", "EPERM", Anybody),
    ("raw", "EPERM", Root),
    ("packet", "EPERM", Root),
    ("netlink", "EPERM", Anybody),
    ("vsock", "EPERM", Nobody),
    ("alg", "EPERM", Nobody),
    ("unix:$socket", "EPERM", Anybody),
    ("abstract:$abstract", "EPERM", Anybody),
    ("datagram-pair-to-path:$datagrams", "EPERM", Anybody),
    ("kill:$host", "EPERM", Anybody),
    ("ptrace:$host", "EPERM", Anybody),
    ("read-memory:$host", "EPERM", Anybody),
    ("environment:$host", "EACCES", Anybody),
    ("limits-of:$host", "EPERM", Anybody),
    ("priority-of:$host", "EPERM", Anybody),
    ("io-uring", "ENOSYS", Anybody),
    ("new-user-namespace", "EPERM", Nobody),
    ("cloned-namespace", "EPERM", Nobody),
    ("clone3", "ENOSYS", Anybody),
    ("mount", "EPERM", Nobody),
    ("chroot", "EPERM", Root),
    ("bpf", "EPERM", Root),
    ("page-faults", "EPERM", Anybody),
    ("shared-memory", "EPERM", Anybody),
    ("message-queue", "EPERM", Nobody),
    ("open-by-struct", "ENOSYS", Anybody),
    ("keys", "EPERM", Anybody),
    ("future-call", "ENOSYS", Nobody),
];

/// Who can do it unconfined, so that the probe is known to be one.
#[derive(Clone, Copy, PartialEq)]
pub enum Control {
    Anybody,
    Root,
    /// Not in every kernel or container, or what the probe would do is better not done.
    Nobody,
}
use Control::{Anybody, Nobody, Root};

/// What the probes are aimed at.
pub struct Targets {
    pub place: Place,
    pub port: String,
    _held: (TcpListener, UnixListener, UnixListener, UnixDatagram),
    names: [String; 3],
}

impl Targets {
    pub fn new() -> Targets {
        let place = Place::new();
        let tcp = TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = tcp.local_addr().expect("an address").port().to_string();
        let names = [place.outside("socket"), format!("@vetty-test-{port}"), place.outside("datagrams")];
        let unix = UnixListener::bind(&names[0]).expect("bound");
        let name =
            <std::os::unix::net::SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(
                &names[1][1..],
            )
            .expect("a name");
        let hidden = UnixListener::bind_addr(&name).expect("bound");
        let datagrams = UnixDatagram::bind(&names[2]).expect("bound");
        std::fs::copy(place.program(), place.workspace().join("copy")).expect("copied");
        Targets { place, port, _held: (tcp, unix, hidden, datagrams), names }
    }

    pub fn aim(&self, probe: &str) -> String {
        let workspace = self.place.workspace();
        let workspace = workspace.to_str().expect("UTF-8");
        probe
            .replace("$own", &format!("{workspace}/own"))
            .replace("$copy", &format!("{workspace}/copy"))
            .replace("$workspace", workspace)
            .replace("$secret", &self.place.outside("secret"))
            .replace("$outside/", &self.place.outside(""))
            .replace("$port", &self.port)
            .replace("$socket", &self.names[0])
            .replace("$abstract", &self.names[1])
            .replace("$datagrams", &self.names[2])
            .replace("$host", &std::process::id().to_string())
    }

    /// Holds the kernel's answer to each probe to the one that is expected.
    pub async fn answer(&self, changes: Value, from: &[&str], expected: &[(&str, &str)]) {
        let probes: Vec<String> = expected.iter().map(|(probe, _)| self.aim(probe)).collect();
        let probes: Vec<&str> = probes.iter().map(String::as_str).collect();
        let answers = self.place.probe(changes, from, &probes).await;
        let wrong: Vec<_> = expected
            .iter()
            .zip(&answers)
            .filter(|((_, expected), (_, answer))| answer != expected)
            .map(|((probe, expected), (_, answer))| format!("{probe}: {answer}, expected {expected}"))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

async fn each_probe_is_refused(from: &[&str]) {
    let expected: Vec<(&str, &str)> =
        REFUSED.iter().map(|(probe, expected, _)| (*probe, *expected)).collect();
    Targets::new().answer(json!({}), from, &expected).await;
}

#[tokio::test]
async fn a_confined_program_is_refused_each_of_them() {
    each_probe_is_refused(&[]).await;
}

#[tokio::test]
async fn its_child_is_refused_each_of_them() {
    each_probe_is_refused(&["grandchild"]).await;
}

#[tokio::test]
async fn one_that_started_a_session_is_refused_each_of_them() {
    each_probe_is_refused(&["own-session"]).await;
}

/// Else the probes above might prove nothing.
#[tokio::test]
async fn an_unconfined_program_is_refused_none_of_them() {
    let targets = Targets::new();
    let is_root = rustix::process::geteuid().is_root();
    let controls = REFUSED.iter().filter(|(_, _, who)| *who == Anybody || (*who == Root && is_root));
    let probes: Vec<String> = controls.map(|(probe, ..)| targets.aim(probe)).collect();
    let probes: Vec<&str> = probes.iter().map(String::as_str).collect();
    let answers = targets.place.probe(level("filter"), &[], &probes).await;
    let wrong: Vec<_> = probes.iter().zip(&answers).filter(|(_, (_, answer))| answer != "ok").collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A list of programs is no boundary, so whatever runs is confined: also what came by the loader or from memory.
#[tokio::test]
async fn a_program_that_was_smuggled_in_is_confined_too() {
    let targets = Targets::new();
    let copy = targets.aim("$copy");
    let (loaded, in_memory) = (format!("execute-by-loader:{copy}"), format!("execute-in-memory:{copy}"));
    let answers = targets.place.probe(json!({}), &[], &[&loaded, &in_memory]).await;
    assert!(answers.iter().all(|(_, answer)| answer == "ok"), "{answers:?}");
    let loader = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];
    let loader = loader.into_iter().find(|path| std::path::Path::new(path).exists()).expect("a loader");
    let argv = [loader, &copy, "read:/etc/passwd", &targets.aim("read:$secret"), "udp"];
    let output = targets.place.run(json!({}), &argv).await;
    assert_eq!(output.stdout_text(), "read=EACCES\nread=EACCES\nudp=EPERM\n");
}

#[tokio::test]
#[cfg(target_arch = "x86_64")]
async fn other_ways_into_the_kernel_are_closed() {
    let place = Place::new();
    let answers = place.probe(json!({}), &[], &["x32"]).await;
    assert_eq!(answers[0].1, "ENOSYS");
    let output = place.run(json!({}), &[&place.program(), "i386"]).await;
    assert_eq!(output.signal().map(|signal| signal.name()).as_deref(), Some("SIGSYS"), "{output:?}");
}

#[tokio::test]
async fn tcp_goes_to_the_listed_ports_alone() {
    let targets = Targets::new();
    let other = TcpListener::bind("127.0.0.1:0").expect("bound");
    let other = format!("tcp:{}", other.local_addr().expect("an address").port());
    let port: u16 = targets.port.parse().expect("a port");
    let only = json!({ "sandbox": { "network": { "connect": [port] } } });
    let aimed = ["tcp:$port", "mptcp:$port", "fast-open:$port", "bind:0", "listen", "udp", "unix:$socket"];
    let aimed: Vec<String> = aimed.iter().map(|probe| targets.aim(probe)).chain([other]).collect();
    let aimed: Vec<&str> = aimed.iter().map(String::as_str).collect();
    let answers = targets.place.probe(only, &[], &aimed).await;
    let answers: Vec<_> = answers.iter().map(|(_, answer)| answer.as_str()).collect();
    assert_eq!(answers, ["ok", "EPERM", "EPERM", "EACCES", "EPERM", "EPERM", "EPERM", "EACCES"]);
}

#[tokio::test]
async fn what_the_owner_opens_is_open() {
    let targets = Targets::new();
    let open =
        json!({ "sandbox": { "network": "open", "unixSockets": true, "read": [targets.place.outside("")] } });
    let probes =
        ["tcp:$port", "udp", "netlink", "unix:$socket", "read:$secret", "abstract:$abstract", "vsock"];
    let probes: Vec<String> = probes.iter().map(|probe| targets.aim(probe)).collect();
    let probes: Vec<&str> = probes.iter().map(String::as_str).collect();
    let answers = targets.place.probe(open, &[], &probes).await;
    let answers: Vec<_> = answers.iter().map(|(_, answer)| answer.as_str()).collect();
    assert_eq!(answers, ["ok", "ok", "ok", "ok", "ok", "EPERM", "EPERM"]);
}

#[tokio::test]
async fn metadata_stays_as_it_is_where_the_owner_says_so() {
    let place = Place::new();
    let own = format!("chmod:{}", place.workspace().join("own").display());
    let denied = json!({ "sandbox": { "metadata": "deny" } });
    assert_eq!(place.probe(denied, &[], &[&own]).await[0].1, "EPERM");
}
