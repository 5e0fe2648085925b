//! Ways of logging in to a real sshd, and hops.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vetty_ssh::auth::{AgentChoice, Identity, PromptKind, Prompter, Secret};
use vetty_ssh::{Command as Remote, Connection, Error};

use crate::server::{Server, new_key, run, until, user};

fn authorize(server: &Server, public: &str) {
    fs::write(server.path("authorized"), public).unwrap();
}

#[tokio::test]
async fn a_key_that_is_not_authorized_is_refused_and_told() {
    let server = Server::start("");
    authorize(&server, "");
    let error = Connection::dial(&server.target()).await.unwrap_err();
    let Error::Authentication { tried, remaining, .. } = &error else { panic!("{error}") };
    assert_eq!((tried.len(), remaining.as_slice()), (1, ["publickey".to_owned()].as_slice()), "{error}");
}

#[tokio::test]
async fn kinds_of_keys() {
    let server = Server::start("");
    for kind in ["ed25519", "ecdsa"] {
        authorize(&server, &new_key(&server.path(kind), kind, ""));
        let mut target = server.target();
        target.login.identities = vec![Identity::File(server.path(kind))];
        Connection::dial(&target).await.unwrap();
        let text = fs::read_to_string(server.path(kind)).unwrap();
        target.login.identities = vec![Identity::Text(text.into())];
        Connection::dial(&target).await.unwrap();
    }
}

#[tokio::test]
async fn an_encrypted_key_asks_for_its_passphrase() {
    let server = Server::start("");
    authorize(&server, &new_key(&server.path("locked"), "ed25519", "open sesame"));
    let mut target = server.target();
    target.login.identities = vec![Identity::File(server.path("locked"))];
    let error = Connection::dial(&target).await.unwrap_err();
    assert!(
        matches!(&error, Error::Authentication { tried, .. } if tried[0].contains("encrypted")),
        "{error}"
    );
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    target.login.prompter = Some(Prompter::new(move |prompt| {
        assert!(matches!(prompt.kind, PromptKind::Passphrase(_)));
        // The first answer is wrong.
        let answer = ["wrong", "open sesame"][count.fetch_add(1, Ordering::SeqCst)];
        async move { Some(Secret::new(answer.to_owned())) }
    }));
    Connection::dial(&target).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn nobody_who_is_asked_can_hold_a_connection_for_ever() {
    let server = Server::start("");
    authorize(&server, &new_key(&server.path("locked"), "ed25519", "open sesame"));
    let mut target = server.target();
    target.login.identities = vec![Identity::File(server.path("locked"))];
    target.limits.prompt = std::time::Duration::from_millis(50);
    target.login.prompter = Some(Prompter::new(|_| std::future::pending()));
    assert!(matches!(Connection::dial(&target).await, Err(Error::Timeout { .. })));
}

/// Ends by its id when it is dropped.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn an_agent_signs_for_keys_and_certificates() {
    let server = Server::start("");
    let socket = server.path("agent");
    let agent =
        Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
    let _agent = Agent(agent);
    until("the agent listens", || socket.exists()).await;
    let add = |key: &str| {
        let added =
            Command::new("ssh-add").arg("-q").arg(server.path(key)).env("SSH_AUTH_SOCK", &socket).status();
        assert!(added.unwrap().success());
    };
    // RSA too: the agent signs, and this crate needs no RSA of its own.
    for kind in ["ed25519", "rsa"] {
        authorize(&server, &new_key(&server.path(kind), kind, ""));
        add(kind);
        let path = server.path(kind);
        run("ssh-keygen", &["-q", "-p", "-P", "", "-N", "open sesame", "-f", path.to_str().unwrap()]);
        let mut target = server.target();
        target.login.identities.clear();
        target.login.agent = AgentChoice::Path(socket.clone());
        if kind == "rsa" {
            // Encrypted, so that only the agent can sign; and of the agent's keys no other is shown.
            target.login.identities = vec![Identity::File(server.path("rsa"))];
            (target.login.only_identities, target.login.max_keys) = (true, 1);
        }
        Connection::dial(&target).await.unwrap_or_else(|error| panic!("{kind}: {error}\n{}", server.log()));
    }
}

#[tokio::test]
async fn a_certificate_lets_in_where_the_key_alone_does_not() {
    let server = Server::with(|folder| {
        new_key(&folder.join("authority"), "ed25519", "");
        format!("TrustedUserCAKeys {}/authority.pub", folder.display())
    });
    authorize(&server, "");
    assert!(matches!(Connection::dial(&server.target()).await, Err(Error::Authentication { .. })));
    let at = |name: &str| server.path(name).to_str().unwrap().to_owned();
    run("ssh-keygen", &["-q", "-s", &at("authority"), "-I", "id", "-n", &user(), &at("user.pub")]);
    server.connect().await;
    fs::rename(server.path("user-cert.pub"), server.path("elsewhere.pub")).unwrap();
    let mut target = server.target();
    target.login.identities =
        vec![Identity::Certified { key: server.path("user"), certificate: server.path("elsewhere.pub") }];
    Connection::dial(&target).await.unwrap();
}

#[tokio::test]
async fn a_way_by_hops_verifies_each_of_them() {
    let (first, second, last) = (Server::start(""), Server::start(""), Server::start(""));
    let mut target = last.target();
    target.jump = vec![first.target(), second.target()];
    let connection = Connection::dial(&target).await.unwrap();
    let output = connection
        .execute(&Remote::new("sh").args(["-c", "echo $SSH_CONNECTION; exit 9"]), "")
        .await
        .unwrap();
    assert_eq!(output.exit.code(), Some(9));
    assert!(String::from_utf8_lossy(&output.stdout).trim().ends_with(&last.port.to_string()));

    fs::write(second.path("known_hosts"), "").unwrap();
    let error = Connection::dial(&target).await.unwrap_err();
    let Error::Jump { host, source } = &error else { panic!("{error}") };
    assert!(host.ends_with(&second.port.to_string()), "{error}");
    assert!(matches!(**source, Error::HostKey { .. }), "{error}");
}

#[tokio::test]
async fn what_does_not_answer_is_told() {
    let server = Server::start("");
    let mut target = server.target();
    drop(server);
    assert!(matches!(Connection::dial(&target).await, Err(Error::Connect { .. })));
    // One that takes connections and says nothing.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    target.host.port = Some(silent.local_addr().unwrap().port());
    target.limits.connect = std::time::Duration::from_millis(100);
    assert!(matches!(Connection::dial(&target).await, Err(Error::Timeout { .. })));
}
