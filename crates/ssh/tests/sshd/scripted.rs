//! Servers that do what no sshd does on request: passwords and questions, ends in any order, doors into the client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use russh::keys::{Algorithm, PrivateKey};
use russh::server::{Auth, Config, Handler, Msg, Response, Session};
use russh::{Channel, ChannelId, MethodKind, MethodSet, Sig};
use vetty_ssh::auth::{AgentChoice, PromptKind, Prompter, Secret};
use vetty_ssh::known_hosts::fingerprint;
use vetty_ssh::{Command, Connection, Error, Exit, Host, HostKeys, Signal, Target};

/// What a server does that was asked to run a command of this name.
#[derive(Clone)]
struct Script {
    methods: MethodSet,
    /// The doors that the client opened to us.
    opened: Arc<AtomicBool>,
}

impl Handler for Script {
    type Error = russh::Error;

    async fn auth_none(&mut self, _user: &str) -> Result<Auth, russh::Error> {
        Ok(Auth::Reject { proceed_with_methods: Some(self.methods.clone()), partial_success: false })
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        match (user, password) {
            ("me", "right") => Ok(Auth::Accept),
            _ => Ok(Auth::reject()),
        }
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        let Some(answers) = response else {
            let prompts = vec![("Code: ".into(), false), ("Name: ".into(), true)];
            return Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts: prompts.into() });
        };
        let answers: Vec<_> = answers.collect();
        match answers.len() == 2 && &answers[0][..] == b"1234" && &answers[1][..] == b"me" {
            // A second step is wanted.
            true => Ok(Auth::Reject {
                proceed_with_methods: Some(MethodSet::from(&[MethodKind::Password][..])),
                partial_success: true,
            }),
            false => Ok(Auth::reject()),
        }
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: russh::server::ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        line: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_success(id)?;
        match line {
            b"eof first" => {
                session.data(id, "out")?;
                session.eof(id)?;
                session.exit_status_request(id, 3)?;
                session.close(id)?;
            }
            b"status first" => {
                session.exit_status_request(id, 3)?;
                session.data(id, "out")?;
                session.eof(id)?;
                session.close(id)?;
            }
            b"signal" => {
                session.exit_signal_request(id, Sig::TERM, true, "", "")?;
                session.close(id)?;
            }
            b"no status" => session.close(id)?,
            b"doors" => {
                let (handle, opened) = (session.handle(), self.opened.clone());
                tokio::spawn(async move {
                    let forwarded = handle.channel_open_forwarded_tcpip("a", 1, "b", 2).await.is_ok();
                    let agent = handle.channel_open_agent().await.is_ok();
                    let x11 = handle.channel_open_x11("a", 1).await.is_ok();
                    let shell = handle.channel_open_session().await.is_ok();
                    opened.store(forwarded || agent || x11 || shell, Ordering::SeqCst);
                    let _ = handle.exit_status_request(id, 0).await;
                    let _ = handle.close(id).await;
                });
            }
            other => panic!("{other:?}"),
        }
        Ok(())
    }
}

/// Serves on a free port until the runtime of the test ends.
async fn serve(methods: &[MethodKind]) -> (Target, Arc<AtomicBool>) {
    let mut seed = [0; 32];
    seed[0] = 7;
    let pair = russh::keys::ssh_key::private::Ed25519Keypair::from_seed(&seed);
    let key = PrivateKey::from(pair);
    assert_eq!(key.algorithm(), Algorithm::Ed25519);
    let pin = fingerprint(key.public_key());
    let methods = MethodSet::from(methods);
    let config = Config {
        methods: methods.clone(),
        keys: vec![key],
        auth_rejection_time: Duration::ZERO,
        auth_rejection_time_initial: Some(Duration::ZERO),
        ..Config::default()
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let opened = Arc::new(AtomicBool::new(false));
    let script = Script { methods, opened: opened.clone() };
    let config = Arc::new(config);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (config, script) = (config.clone(), script.clone());
            tokio::spawn(async move {
                if let Ok(running) = russh::server::run_stream(config, stream, script).await {
                    let _ = running.await;
                }
            });
        }
    });
    let mut target =
        Target::new(Host { name: "127.0.0.1".into(), user: Some("me".into()), port: Some(address.port()) });
    target.known_hosts.clear();
    target.host_keys = HostKeys::Pinned(vec![pin]);
    target.login.agent = AgentChoice::None;
    target.login.default_keys = false;
    (target, opened)
}

fn answers(password: &'static str) -> Prompter {
    Prompter::new(move |prompt| async move {
        let answer = match prompt.kind {
            PromptKind::Password => password,
            PromptKind::Question { text, echo } if text == "Code: " && !echo => "1234",
            PromptKind::Question { text, echo } if text == "Name: " && echo => "me",
            other => panic!("{other:?}"),
        };
        Some(Secret::new(answer.to_owned()))
    })
}

#[tokio::test]
async fn a_password_is_asked_for_and_sent() {
    let (mut target, _) = serve(&[MethodKind::Password]).await;
    target.login.prompter = Some(answers("right"));
    Connection::dial(&target).await.unwrap();
    target.login.prompter = Some(answers("wrong"));
    let error = Connection::dial(&target).await.unwrap_err();
    assert!(matches!(&error, Error::Authentication { tried, .. } if tried == &["password"]), "{error}");
    assert!(!error.to_string().contains("wrong"));
    target.login.prompter = Some(Prompter::new(|_| async { None }));
    assert!(matches!(Connection::dial(&target).await, Err(Error::Authentication { .. })));
}

#[tokio::test]
async fn questions_are_answered_and_a_second_step_follows() {
    let (mut target, _) = serve(&[MethodKind::KeyboardInteractive]).await;
    target.login.prompter = Some(answers("right"));
    Connection::dial(&target).await.unwrap();
}

async fn connected() -> (Connection, Arc<AtomicBool>) {
    let (mut target, opened) = serve(&[MethodKind::Password]).await;
    target.login.prompter = Some(answers("right"));
    (Connection::dial(&target).await.unwrap(), opened)
}

#[tokio::test]
async fn the_end_is_decided_when_the_channel_closes_in_whatever_order_things_came() {
    let (connection, _) = connected().await;
    for line in ["eof first", "status first"] {
        let output = connection.execute(&Command::line(line), "").await.unwrap();
        assert_eq!((output.exit, &output.stdout[..]), (Exit::Exited(3), &b"out"[..]), "{line}");
    }
    let output = connection.execute(&Command::line("signal"), "").await.unwrap();
    assert_eq!(output.exit, Exit::Signaled { signal: Signal::TERM, core_dumped: true });
    let output = connection.execute(&Command::line("no status"), "").await.unwrap();
    assert!(matches!(output.exit, Exit::Lost(_)), "{:?}", output.exit);
}

#[tokio::test]
async fn a_server_opens_no_door_into_the_client() {
    let (connection, opened) = connected().await;
    let output = connection.execute(&Command::line("doors"), "").await.unwrap();
    assert_eq!(output.exit, Exit::Exited(0));
    assert!(!opened.load(Ordering::SeqCst));
}
