//! What an isolated program sees and may do; as root and, by the copies, as nobody.

use serde_json::{Value, json};
use vetty::{Feature, KillScope, Level};

use vetty_policy::Code;

use crate::place::{Place, level};
use crate::probes::{REFUSED, Targets};

/// What differs from the answers that a confined program gets: what is outside is not there.
const DIFFERENT: [(&str, &str); 17] = [
    ("list:/", "ok"),
    ("list:/etc", "ok"),
    ("list:/tmp", "ok"),
    ("read:/proc/self/status", "ok"),
    ("read:$secret", "ENOENT"),
    ("read:/etc/passwd", "ENOENT"),
    ("symlink-read:$secret,$workspace/link", "ENOENT"),
    ("write:$outside/new", "ENOENT"),
    ("truncate:$secret", "ENOENT"),
    ("rename:$own,$outside/moved", "ENOENT"),
    ("hard-link:$secret,$workspace/linked", "ENOENT"),
    ("remove:$outside/there", "ENOENT"),
    ("kill:$host", "ESRCH"),
    ("environment:$host", "ENOENT"),
    ("write:/new", "EROFS"),
    ("write:/dev/new", "EROFS"),
    ("write:/usr/new", "EROFS"),
];

fn isolate(changes: Value) -> Value {
    let mut sandbox = json!({ "level": "isolate" });
    sandbox.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    json!({ "sandbox": sandbox })
}

async fn each_probe_is_refused(from: &[&str]) {
    let differs =
        |probe: &str| DIFFERENT.iter().find(|(known, _)| *known == probe).map(|(_, answer)| *answer);
    let known = REFUSED.iter().map(|(probe, expected, _)| (*probe, differs(probe).unwrap_or(expected)));
    let new = DIFFERENT.iter().filter(|(probe, _)| REFUSED.iter().all(|(known, ..)| known != probe)).copied();
    let expected: Vec<(&str, &str)> = known.chain(new).collect();
    Targets::new().answer(level("isolate"), from, &expected).await;
}

#[tokio::test]
async fn it_starts_a_thousand_processes_at_most() {
    let place = Place::new();
    let output = place.run(level("isolate"), &["sh", "-c", "cat /proc/self/limits"]).await;
    let text = output.stdout_text();
    let limits = text.lines().find_map(|line| line.strip_prefix("Max processes")).expect("a limit");
    let of_each_user = limits.split_whitespace().next() == Some("1024");
    let of_the_tree = output.enforced.features.contains(&Feature::CgroupLimits);
    // Root is never counted.
    assert!(
        of_each_user || of_the_tree || rustix::process::geteuid().is_root(),
        "{limits}, {:?}",
        output.enforced
    );
}

#[tokio::test]
async fn an_isolated_program_is_refused_each_of_them() {
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

#[tokio::test]
async fn the_program_runs_and_its_exit_is_exact() {
    let place = Place::new();
    let run = |line: &'static str| {
        let terminal = place.terminal(level("isolate"));
        async move { terminal.command(["sh", "-c", line]).run().await.expect("it runs") }
    };
    let output = run("echo out; echo err >&2; exit 7").await;
    assert_eq!((output.code(), &*output.stdout_text(), &*output.stderr_text()), (Some(7), "out\n", "err\n"));
    assert_eq!((output.enforced.level, output.kill_scope), (Level::Isolate, KillScope::PidNamespace));
    let output = run("kill -SEGV $$").await;
    assert_eq!(output.signal().map(|signal| signal.name()).as_deref(), Some("SIGSEGV"));
    let output =
        run("pwd; cat own; echo new > made; echo $TMPDIR; echo x > $TMPDIR/x; ls /tmp/x; echo $$").await;
    let expected = format!("{}\nown/tmp\n/tmp/x\n2\n", place.workspace().display());
    assert_eq!(output.stdout_text(), expected, "{}", output.stderr_text());
    assert_eq!(std::fs::read_to_string(place.workspace().join("made")).expect("made"), "new\n");
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_started() {
    let place = Place::new();
    let script = place.workspace().join("no-interpreter");
    std::fs::write(&script, "#!/nowhere/at/all\n").expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).expect("set");
    let terminal = place.terminal(isolate(json!({ "execute": [script] })));
    let error = terminal.command([script.to_str().expect("UTF-8")]).run().await.expect_err("nothing to run");
    let vetty::Error::Spawn(error) = error else { panic!("{error}") };
    assert_eq!((error.code().as_str(), error.phase().as_str()), ("ENOENT", "exec"));
    // The next one runs.
    let output = place.run(level("isolate"), &["true"]).await;
    assert!(output.success());
}

/// Names of processes, interfaces, places and the host.
#[tokio::test]
async fn nothing_of_the_host_is_in_view() {
    let place = Place::new();
    let line = "echo /proc/[0-9]* | wc -w; ls /home /root /work /sys /var 2>/dev/null | wc -l; \
        tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; cat /proc/sys/kernel/hostname; \
        ls /etc/shadow /etc/hostname 2>/dev/null; ls -A /tmp | wc -l";
    let output = place.run(level("isolate"), &["sh", "-c", line]).await;
    // PID 1, the shell, and the two of its pipe; of /tmp the way to the workspace and to the tools, which is one.
    let text = output.stdout_text();
    let lines: Vec<&str> = text.lines().collect();
    let processes: usize = lines[0].parse().expect("a number");
    assert!(processes <= 5, "{text}");
    assert_eq!(lines[1..], ["0", "lo", "vetty", "1"], "{} {}", output.stdout_text(), output.stderr_text());
}

#[tokio::test]
async fn each_run_has_ipc_of_its_own_and_temporary_files_are_the_terminals() {
    let place = Place::new();
    let terminal = place.terminal(level("isolate"));
    let run = async |line: &str| {
        let output = terminal.command(["sh", "-c", line]).run().await.expect("it runs");
        output.stdout_text().into_owned()
    };
    let namespaces = "readlink /proc/self/ns/ipc /proc/self/ns/net /proc/self/ns/uts /proc/self/ns/mnt";
    let (one, other) = (run(namespaces).await, run(namespaces).await);
    assert_eq!((one.lines().count(), other.lines().count()), (4, 4));
    let hosts: String = ["ipc", "net", "uts", "mnt"]
        .map(|name| std::fs::read_link(format!("/proc/self/ns/{name}")).expect("a namespace"))
        .map(|link| link.display().to_string())
        .join("\n");
    assert!(one.lines().all(|line| !hosts.contains(line)), "{one} {hosts}");
    assert_eq!(run("echo kept > /tmp/file").await, "");
    assert_eq!(run("cat /tmp/file").await, "kept\n");
    assert!(!std::path::Path::new("/tmp/file").exists());
    assert_eq!(place.run(level("isolate"), &["ls", "/tmp/file"]).await.stdout_text(), "");
}

#[tokio::test]
async fn the_hosts_network_is_there_where_the_owner_opens_it() {
    let targets = Targets::new();
    let aimed = [targets.aim("tcp:$port"), targets.aim("unix:$socket"), targets.aim("read:$secret")];
    let aimed: Vec<&str> = aimed.iter().map(String::as_str).collect();
    let answers = async |changes| {
        let answers = targets.place.probe(isolate(changes), &[], &aimed).await;
        answers.into_iter().map(|(_, answer)| answer).collect::<Vec<_>>()
    };
    assert_eq!(answers(json!({ "network": "open" })).await, ["ok", "EPERM", "ENOENT"]);
    let port: u16 = targets.port.parse().expect("a port");
    assert_eq!(answers(json!({ "network": { "connect": [port] } })).await, ["ok", "EPERM", "ENOENT"]);
    assert_eq!(answers(json!({ "network": { "connect": [1] } })).await, ["EACCES", "EPERM", "ENOENT"]);
    let outside = targets.place.outside("");
    let open = json!({ "network": "none", "unixSockets": true, "read": [outside] });
    assert_eq!(answers(open).await, ["EPERM", "ok", "ok"]);
}

#[tokio::test]
async fn a_workspace_that_is_everything_is_refused() {
    let place = Place::new();
    let mut everywhere = level("isolate");
    everywhere["workspaces"] = json!(["/"]);
    let verdict = place.terminal(everywhere).check("true");
    assert_eq!(verdict.code, Code::SandboxUnsupported);
    assert!(verdict.message.contains("leaves nothing to isolate"), "{}", verdict.message);
}
