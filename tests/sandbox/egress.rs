//! An isolated program that reaches hosts by their names, and nothing else.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use vetty::ConfigError;

use crate::place::Place;

/// A server of the host's loopback that answers each request with a redirection, or with a greeting where there is none.
fn server(redirect: Option<String>) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.expect("a client");
            counted.fetch_add(1, Ordering::Relaxed);
            let lines = BufReader::new(client.try_clone().expect("cloned")).lines();
            lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let head = match &redirect {
                Some(to) => format!("302 Found\r\nLocation: {to}\r\n"),
                None => "200 OK\r\n".to_owned(),
            };
            let answer = format!("HTTP/1.1 {head}Connection: close\r\nContent-Length: 6\r\n\r\nhello\n");
            // One that has gone is no matter.
            drop(client.write_all(answer.as_bytes()));
        }
    });
    (port, count)
}

fn hosts(entries: &[String]) -> Value {
    json!({ "sandbox": { "level": "isolate", "network": { "hosts": entries } } })
}

async fn curl(place: &Place, entries: &[String], more: &[&str]) -> (bool, String) {
    let argv = [&["curl", "--silent", "--show-error", "--max-time", "60"], more].concat();
    let output = place.run(hosts(entries), &argv).await;
    (output.success(), format!("{}{}", output.stdout_text(), output.stderr_text()))
}

#[tokio::test]
async fn a_listed_host_is_reached_by_its_name() {
    let place = Place::new();
    let (port, count) = server(None);
    let listed = [format!("localhost:{port}"), format!("127.0.0.1:{port}")];
    let url = format!("http://localhost:{port}/");
    for tunnel in [&[][..], &["--proxytunnel", "--proxy", "http://127.0.0.1:3128"]] {
        let (success, said) = curl(&place, &listed, &[tunnel, &[&url]].concat()).await;
        assert!(success && said == "hello\n", "{said}");
    }
    assert_eq!(count.load(Ordering::Relaxed), 2);
    // Its address is private, and a name alone does not lead there.
    let (success, said) = curl(&place, &listed[..1], &[&url]).await;
    assert!(!success, "{said}");
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn nothing_else_is_reached() {
    let place = Place::new();
    let (secret, secrets) = server(None);
    let (port, _) = server(Some(format!("http://127.0.0.1:{secret}/")));
    let listed = [format!("localhost:{port}"), format!("127.0.0.1:{port}")];
    let redirected = format!("http://localhost:{port}/");
    let urls = [
        format!("http://localhost:{secret}/"),
        format!("http://127.0.0.1:{secret}/"),
        format!("http://[::1]:{secret}/"),
        format!("http://[::ffff:127.0.0.1]:{secret}/"),
        format!("http://2130706433:{secret}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://example.com/".to_owned(),
    ];
    for url in &urls {
        let (success, said) = curl(&place, &listed, &[url]).await;
        assert!(!success, "{url}: {said}");
    }
    let (success, said) = curl(&place, &listed, &["--location", &redirected]).await;
    assert!(!success, "{said}");
    // Past the proxy there is no way.
    let direct = format!("http://127.0.0.1:{secret}/");
    for url in [&direct, &redirected] {
        let (success, said) = curl(&place, &listed, &["--noproxy", "*", url]).await;
        assert!(!success, "{said}");
    }
    assert_eq!(secrets.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn each_connection_stands_in_the_audit_trail() {
    let place = Place::new();
    let (port, _) = server(None);
    let listed = [format!("localhost:{port}"), format!("127.0.0.1:{port}")];
    let trail = place.outside("trail");
    let mut changes = hosts(&listed);
    changes["audit"] = json!({ "file": trail });
    let terminal = place.terminal(changes);
    for url in [format!("http://localhost:{port}/"), "http://nowhere.example/".to_owned()] {
        let argv = ["curl", "--silent", "--max-time", "60", &url];
        terminal.command(argv.to_vec()).run().await.expect("it runs");
    }
    terminal.close().await;
    let text = std::fs::read_to_string(&trail).expect("a trail");
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().expect("a type")).collect();
    let run = ["verdict", "spawn", "connection", "exit"];
    assert_eq!(kinds, [&["config"], &run[..], &run[..]].concat());
    let [made, refused] = [&events[3], &events[7]];
    assert_eq!(made["host"], json!(format!("localhost:{port}")));
    assert_eq!((&made["address"], &made["refused"]), (&json!(format!("127.0.0.1:{port}")), &Value::Null));
    assert_eq!((&refused["host"], &refused["address"]), (&json!("nowhere.example:80"), &Value::Null));
    assert!(
        refused["refused"].as_str().is_some_and(|why| why.contains("sandbox.network.hosts")),
        "{refused}"
    );
}

#[tokio::test]
async fn it_has_no_other_socket() {
    let place = Place::new();
    let (port, _) = server(None);
    let listed = hosts(&[format!("localhost:{port}"), format!("127.0.0.1:{port}")]);
    let direct = format!("tcp:{port}");
    let probes =
        ["tcp:3128", direct.as_str(), "udp", "bind:0", "listen", "mptcp:3128", "netlink", "raw", "packet"];
    let answers = place.probe(listed, &[], &probes).await;
    let answers: Vec<_> = answers.iter().map(|(_, answer)| answer.as_str()).collect();
    assert_eq!(answers, ["ok", "EACCES", "EPERM", "EACCES", "EPERM", "EPERM", "EPERM", "EPERM", "EPERM"]);
}

#[tokio::test]
async fn its_environment_says_where_the_proxy_is() {
    let place = Place::new();
    let mut changes = hosts(&["api.example.com".to_owned()]);
    changes["env"] = json!({ "allow": ["*"], "set": { "ALL_PROXY": "mine" } });
    let terminal = place.terminal(changes);
    let output = terminal.command(["env"]).env("no_proxy", "*").run().await.expect("it runs");
    let text = output.stdout_text();
    for line in ["https_proxy=http://127.0.0.1:3128", "http_proxy=socks5h://127.0.0.1:3128", "ALL_PROXY=mine"]
    {
        assert!(text.lines().any(|known| known == line), "{line} in {text}");
    }
    assert!(!text.to_lowercase().contains("no_proxy"), "{text}");
}

#[test]
fn what_is_no_host_is_told_by_its_key() {
    for (entries, key) in [(json!(["https://a.example"]), 0), (json!(["a.example", "*"]), 1)] {
        let sandbox = json!({ "level": "isolate", "network": { "hosts": entries } });
        let error: ConfigError =
            vetty::Config::from_json(json!({ "sandbox": sandbox })).expect_err("no host");
        assert_eq!(error.key(), format!("sandbox.network.hosts[{key}]"), "{error}");
    }
}
