//! An sshd of its own for each test: on a free port of the loopback, with keys that are thrown away.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vetty_ssh::auth::{AgentChoice, Identity};
use vetty_ssh::{Connection, Host, HostKeys, Target};

/// A running sshd; stopped by its id, with the sessions it serves, when it is dropped.
pub struct Server {
    pub folder: tempfile::TempDir,
    pub port: u16,
    sshd: Child,
}

pub fn run(program: &str, args: &[&str]) -> String {
    let output =
        Command::new(program).args(args).stdin(Stdio::null()).output().expect("the program is installed");
    assert!(output.status.success(), "{program} {args:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn user() -> String {
    run("id", &["-un"]).trim().to_owned()
}

/// A new key pair at `path`, and its public line.
pub fn new_key(path: &Path, kind: &str, passphrase: &str) -> String {
    let path = path.to_str().unwrap();
    run("ssh-keygen", &["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", path]);
    fs::read_to_string(format!("{path}.pub")).unwrap()
}

impl Server {
    /// With further lines of its configuration.
    pub fn start(lines: &str) -> Server {
        Server::with(|_| lines.to_owned())
    }

    /// With lines that name files of its folder, which the function may make.
    pub fn with(lines: impl Fn(&Path) -> String) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        new_key(&at("host"), "ed25519", "");
        let public = new_key(&at("user"), "ed25519", "");
        fs::write(at("authorized"), public).unwrap();
        // Where sshd runs as root it wants this folder, which the service's start would make.
        let _ = fs::create_dir_all("/run/sshd");
        let more = lines(folder.path());
        // Between the choice of a port and its use somebody else may take it.
        for _ in 0..20 {
            let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
            // A home of its own: what the user's shell reads at its start is not ours to test.
            let text = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host\nAuthorizedKeysFile {0}/authorized\n\
                 PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
                 PermitRootLogin yes\nMaxStartups 100:30:200\nPrintMotd no\nSubsystem sftp internal-sftp\nSetEnv HOME={0}\n{more}\n",
                folder.path().display(),
            );
            fs::write(at("config"), text).unwrap();
            let log = fs::File::create(at("log")).unwrap();
            let sshd = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"]
                .into_iter()
                .find(|path| Path::new(path).exists())
                .expect("sshd is installed (Debian: openssh-server)");
            let mut sshd = Command::new(sshd)
                .args(["-D", "-e", "-f"])
                .arg(at("config"))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .unwrap();
            while sshd.try_wait().unwrap().is_none() {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    let public = fs::read_to_string(at("host.pub")).unwrap();
                    fs::write(at("known_hosts"), format!("[127.0.0.1]:{port} {public}")).unwrap();
                    return Server { folder, port, sshd };
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            let log = fs::read_to_string(at("log")).unwrap();
            assert!(log.contains("in use"), "{log}");
        }
        panic!("no port is free");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

    pub fn host(&self) -> Host {
        Host { name: "127.0.0.1".to_owned(), user: Some(user()), port: Some(self.port) }
    }

    /// Strict, with the user's key.
    pub fn target(&self) -> Target {
        let mut target = Target::new(self.host());
        target.host_keys = HostKeys::Strict;
        target.known_hosts = vec![self.path("known_hosts")];
        target.login.agent = AgentChoice::None;
        target.login.default_keys = false;
        target.login.identities = vec![Identity::File(self.path("user"))];
        // The machine may be busy with much else.
        target.limits.connect = Duration::from_secs(120);
        target.limits.authentication = Duration::from_secs(120);
        target.limits.channel = Duration::from_secs(120);
        target.limits.start = Duration::from_secs(120);
        target
    }

    pub async fn connect(&self) -> Connection {
        let connected = Connection::dial(&self.target()).await;
        connected.unwrap_or_else(|error| panic!("{error}\n{}", self.log()))
    }

    /// The processes that serve connections.
    pub fn sessions(&self) -> Vec<u32> {
        descendants(self.sshd.id())
    }

    pub fn signal_sessions(&self, signal: &str) {
        for pid in self.sessions() {
            let _ =
                Command::new("kill").args(["-s", signal, &pid.to_string()]).stderr(Stdio::null()).status();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // At once, also what is stopped: a session that has time to end leaves its program to nobody.
        self.signal_sessions("KILL");
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

/// All processes below one.
fn descendants(root: u32) -> Vec<u32> {
    let table: Vec<(u32, u32)> = run("ps", &["-A", "-o", "pid=", "-o", "ppid="])
        .lines()
        .filter_map(|line| {
            let (pid, parent) = line.trim().split_once(' ')?;
            Some((pid.parse().ok()?, parent.trim().parse().ok()?))
        })
        .collect();
    let mut found = vec![root];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(table.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found.split_off(1)
}

/// Whether a process is there and no zombie.
pub fn runs(pid: u32) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

/// Waits until something holds; the test fails by its own end, not by a clock that a busy machine slows.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never came true: {what}");
}
