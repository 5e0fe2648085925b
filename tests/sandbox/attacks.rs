//! What real programs are made to do, and must not.

use std::fs;
use std::io::Read;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use rustix::process::{Pid, geteuid, test_kill_process};
use serde_json::json;
use vetty::{Error, Feature, Limit, Terminal, support};

use crate::place::{Place, level};

const PYTHON: &str = "/usr/bin/python3";

/// What Python says of a line, confined.
async fn python(place: &Place, script: &str) -> String {
    fs::write(place.workspace().join("evil.py"), script).expect("written");
    let output = place.run(json!({}), &[PYTHON, "evil.py"]).await;
    format!("{}{}", output.stdout_text(), output.stderr_text())
}

#[tokio::test]
async fn a_script_reads_no_secret() {
    let place = Place::new();
    fs::create_dir(place.outside(".ssh")).expect("made");
    fs::write(place.outside(".ssh/id_ed25519"), "a secret").expect("written");
    for path in ["/etc/passwd".to_owned(), "/etc/shadow".to_owned(), place.outside(".ssh/id_ed25519")] {
        let said = python(&place, &format!("print(open({path:?}).read())")).await;
        assert!(
            said.contains("PermissionError") && !said.contains("a secret") && !said.contains("root:"),
            "{said}"
        );
    }
    let said = python(&place, &format!("import os; print(os.listdir({:?}))", place.outside(".ssh"))).await;
    assert!(said.contains("PermissionError"), "{said}");
}

#[tokio::test]
async fn a_link_leads_nowhere() {
    let place = Place::new();
    let secret = place.outside("secret");
    let said = python(&place, &format!("import os; os.symlink({secret:?}, 'soft'); open('soft')")).await;
    assert!(said.contains("PermissionError"), "{said}");
    let said = python(&place, &format!("import os; os.link({secret:?}, 'hard')")).await;
    assert!(said.contains("Invalid cross-device link"), "{said}");
    let said = python(&place, &format!("import os; os.rename('own', {:?})", place.outside("own"))).await;
    assert!(said.contains("Permission"), "{said}");
}

#[tokio::test]
async fn nothing_reaches_the_network() {
    let place = Place::new();
    let canary = TcpListener::bind("127.0.0.1:0").expect("bound");
    let names = UdpSocket::bind("127.0.0.1:0").expect("bound");
    canary.set_nonblocking(true).expect("set");
    names.set_nonblocking(true).expect("set");
    let address = canary.local_addr().expect("an address");
    let url = format!("http://{address}/");
    let output = place.run(json!({}), &["curl", "--silent", "--show-error", "--max-time", "5", &url]).await;
    assert!(!output.success(), "{}", output.stderr_text());
    let port = names.local_addr().expect("an address").port();
    let said = python(
        &place,
        &format!("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))"),
    )
    .await;
    assert!(said.contains("PermissionError"), "{said}");
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{}", address.port());
    let output = place.run(json!({}), &["bash", "-c", &script]).await;
    assert!(!output.success());
    let said = python(&place, "import socket; print(socket.getaddrinfo('example.org', 80))").await;
    assert!(said.contains("gaierror"), "{said}");
    assert!(canary.accept().is_err(), "somebody connected");
    assert!(names.recv(&mut [0; 16]).is_err(), "somebody asked");
}

#[tokio::test]
async fn a_container_daemons_socket_is_out_of_reach() {
    let place = Place::new();
    // Also where it lies in a place that may be read and written.
    let socket = place.workspace().join("docker.sock");
    let daemon = UnixListener::bind(&socket).expect("bound");
    daemon.set_nonblocking(true).expect("set");
    let socket = socket.to_str().expect("UTF-8");
    let output = place
        .run(
            json!({}),
            &["curl", "--silent", "--unix-socket", socket, "http://docker/info", "--max-time", "5"],
        )
        .await;
    assert!(!output.success());
    assert!(daemon.accept().is_err(), "somebody connected");
    // Even by a socket that is no stream.
    let said = python(&place, &format!("import socket; a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); a.sendto(b'x', {socket:?})")).await;
    assert!(said.contains("PermissionError"), "{said}");
}

#[tokio::test]
async fn a_daemon_that_forks_twice_dies_with_its_run() {
    let place = Place::new();
    let script = "import os, time\n\
        if os.fork(): os._exit(0)\n\
        os.setsid()\n\
        if os.fork(): os._exit(0)\n\
        os.setpgid(0, 0)\n\
        open('pid', 'w').write(str(os.getpid()))\n\
        os.rename('pid', 'daemon')\n\
        os.closerange(0, 3)\n\
        time.sleep(1000)\n";
    let wait = "import os, time, subprocess, sys\n\
        subprocess.Popen([sys.executable, 'daemon.py'])\n\
        while not os.path.exists('daemon'): time.sleep(0.01)\n";
    fs::write(place.workspace().join("daemon.py"), script).expect("written");
    fs::write(place.workspace().join("start.py"), wait).expect("written");
    let output = place.run(json!({}), &[PYTHON, "start.py"]).await;
    assert!(output.success(), "{}", output.stderr_text());
    assert!(output.survivors > 0);
    let pid = fs::read_to_string(place.workspace().join("daemon")).expect("it ran");
    let pid = Pid::from_raw(pid.parse().expect("a number")).expect("a number");
    for _ in 0..500 {
        if test_kill_process(pid).is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the daemon lives");
}

#[tokio::test]
async fn a_program_that_belongs_to_root_gives_no_root() {
    if !geteuid().is_root() {
        println!("skipped: only root can make one");
        return;
    }
    let place = Place::new();
    let path = place.program().replace("probe", "lends");
    fs::copy(place.program(), &path).expect("copied");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o4755)).expect("set");
    let gives = format!("set-user-id-program:{path}");
    // Nobody, by a program that keeps its privileges: the program does lend them.
    let script = "import os, sys; os.setgid(65534); os.setuid(65534); os.execv(sys.argv[1], sys.argv[1:])";
    let control =
        std::process::Command::new(PYTHON).args(["-c", script]).arg(place.program()).arg(&gives).output();
    assert_eq!(String::from_utf8_lossy(&control.expect("it runs").stdout), "set-user-id-program=ok\n");
    for level in levels() {
        let nobody = json!({ "uid": 65534, "gid": 65534, "sandbox": { "level": level } });
        assert_eq!(place.probe(nobody, &[], &[&gives]).await[0].1, "EPERM", "{level}");
    }
}

/// Limits hold at every level.
fn limited(place: &Place, level: &str, limits: serde_json::Value) -> Terminal {
    place.terminal(json!({ "limits": limits, "sandbox": { "level": level }, "timeout": 60_000 }))
}

/// Those that this machine has; the tests of `isolate` see to it that it is one.
fn levels() -> impl Iterator<Item = &'static str> {
    support().levels.into_iter().filter(|level| level.available).map(|level| level.level.as_str())
}

#[tokio::test]
async fn a_memory_hog_is_ended_and_the_result_says_so() {
    let place = Place::new();
    for level in levels() {
        let terminal = limited(&place, level, json!({ "memory": 64 << 20 }));
        let result = terminal.execute([place.program().as_str(), "memory"]).await;
        if support().features.contains(&Feature::CgroupLimits) {
            let Err(Error::Timeout { limit: Limit::Memory, output }) = result else { panic!("{result:?}") };
            assert!(output.enforced.features.contains(&Feature::CgroupLimits));
            assert_eq!(output.reason.as_str(), "limit");
        } else {
            // Each process is refused more, and may live with it.
            let output = result.expect("it ends by itself");
            assert_eq!(output.stdout_text(), "memory=errno12\n");
            assert!(!output.enforced.features.contains(&Feature::CgroupLimits));
        }
    }
}

#[tokio::test]
async fn a_fork_bomb_stays_small() {
    let place = Place::new();
    let script = "import os, sys, time\n\
        count = 0\n\
        for _ in range(200):\n    \
            try:\n        \
                if os.fork() == 0: time.sleep(1000)\n        \
                count += 1\n    \
            except OSError: break\n\
        print(count)\n";
    fs::write(place.workspace().join("bomb.py"), script).expect("written");
    for level in levels() {
        let terminal = limited(&place, level, json!({ "processes": 20, "wall": 20_000 }));
        let output = terminal.execute([PYTHON, "bomb.py"]).await.expect("it ends");
        let said = output.stdout_text();
        let count: usize = said.trim().parse().unwrap_or_else(|_| panic!("{}", output.stderr_text()));
        assert!(count < 20, "{count}");
        assert_eq!(output.survivors, count);
    }
}

#[tokio::test]
async fn files_stay_small() {
    let place = Place::new();
    for level in levels() {
        let terminal = limited(&place, level, json!({ "fileSize": 1 << 20 }));
        let piped = terminal.execute(["sh", "-c", "head -c 10000000 < /dev/zero"]).await.expect("no file");
        assert_eq!(piped.stdout_bytes, 10_000_000);
        let result = terminal.execute(["sh", "-c", "exec head -c 10000000 < /dev/zero > big"]).await;
        let Err(Error::Timeout { limit: Limit::FileSize, .. }) = result else { panic!("{result:?}") };
        assert_eq!(fs::metadata(place.workspace().join("big")).expect("there").len(), 1 << 20);
    }
}

#[tokio::test]
async fn computing_ends() {
    let place = Place::new();
    for level in levels() {
        let terminal = limited(&place, level, json!({ "cpuTime": 200 }));
        let result = terminal.execute([place.program().as_str(), "time-out"]).await;
        let Err(Error::Timeout { limit: Limit::CpuTime, .. }) = result else { panic!("{result:?}") };
        // Also of one that does not mind the signal.
        let stubborn = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass";
        let result = terminal.execute([PYTHON, "-c", stubborn]).await;
        let Err(Error::Timeout { limit: Limit::CpuTime, .. }) = result else { panic!("{result:?}") };
    }
}

#[tokio::test]
async fn open_files_stay_few() {
    let place = Place::new();
    let script = "import os\nn = 0\ntry:\n  while True: os.open('/dev/null', 0); n += 1\nexcept OSError: print(n + 3)\n";
    fs::write(place.workspace().join("many.py"), script).expect("written");
    let changes = json!({ "limits": { "openFiles": 50 }, "sandbox": { "level": "filter" } });
    let output = place.run(changes, &[PYTHON, "many.py"]).await;
    assert_eq!(output.stdout_text(), "50\n");
}

#[tokio::test]
async fn the_filter_alone_stops_none_of_it() {
    let place = Place::new();
    let secret = place.outside("secret");
    let output = place.run(level("filter"), &["cat", &secret]).await;
    assert_eq!(output.stdout_text(), "a secret");
    let canary = TcpListener::bind("127.0.0.1:0").expect("bound");
    let script =
        format!("echo hello > /dev/tcp/127.0.0.1/{}", canary.local_addr().expect("an address").port());
    assert!(place.run(level("filter"), &["bash", "-c", &script]).await.success());
    let mut text = String::new();
    canary.accept().expect("a connection").0.read_to_string(&mut text).expect("read");
    assert_eq!(text, "hello\n");
}
