//! The proxy on this machine's loopback, with names that lead where a test says.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncReadExt;

use super::*;

/// Names and what they lead to, one answer after the other; the last one stays.
#[derive(Default)]
struct Names {
    answers: Mutex<HashMap<&'static str, Vec<Vec<SocketAddr>>>>,
    asked: AtomicUsize,
}

impl Names {
    fn lead(self, name: &'static str, answers: &[&[SocketAddr]]) -> Names {
        let answers = answers.iter().map(|answer| answer.to_vec()).collect();
        self.answers.lock().expect("no panic").insert(name, answers);
        self
    }
}

impl Resolve for Names {
    async fn resolve(&self, name: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut answers = self.answers.lock().expect("no panic");
        let answers = answers.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
    }
}

/// A server that says who it is and then repeats what it hears, and counts who comes.
async fn server(at: &str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(at).await.expect("bound");
    let address = listener.local_addr().expect("an address");
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                client.write_all(b"hello ").await.expect("written");
                let (mut read, mut write) = client.split();
                tokio::io::copy(&mut read, &mut write).await.expect("copied");
            });
        }
    });
    (address, count)
}

async fn proxy(entries: &[String], names: Names) -> (SocketAddr, Arc<Names>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let address = listener.local_addr().expect("an address");
    let (hosts, names) = (Arc::new(Hosts::parse(entries).expect("entries")), Arc::new(names));
    tokio::spawn(accept(
        listener,
        hosts,
        Arc::clone(&names),
        Arc::new(Origin { run: "run".to_owned(), audit: None }),
    ));
    (address, names)
}

/// What the proxy and whoever is behind it say to a client that says this and nothing more.
async fn said(proxy: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut client = TcpStream::connect(proxy).await.expect("connected");
    client.write_all(request).await.expect("written");
    client.shutdown().await.expect("shut down");
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.expect("read");
    answer
}

async fn connects(proxy: SocketAddr, target: &str) -> String {
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\nworld");
    let answer = said(proxy, request.as_bytes()).await;
    String::from_utf8(answer).expect("text")
}

fn socks(kind: u8, address: &[u8], port: u16) -> Vec<u8> {
    [&[5, 1, 0, 5, 1, 0, kind], address, &port.to_be_bytes(), b"world"].concat()
}

const MADE: &str = "HTTP/1.1 200 Connection established\r\n\r\nhello world";

#[tokio::test]
async fn a_listed_name_is_connected_to_and_bytes_go_both_ways() {
    let (server, _) = server("127.0.0.1:0").await;
    let port = server.port();
    let entries = [format!("api.example.com:{port}"), format!("127.0.0.1:{port}")];
    let (proxy, _) = proxy(&entries, Names::default().lead("api.example.com", &[&[server]])).await;
    assert_eq!(connects(proxy, &format!("api.example.com:{port}")).await, MADE);
    let name = b"\x0fapi.example.com";
    let answer = said(proxy, &socks(3, name, port)).await;
    assert_eq!(answer, [&[5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], b"hello world"].concat());
    // The address is listed, too.
    assert_eq!(connects(proxy, &server.to_string()).await, MADE);
}

#[tokio::test]
async fn what_is_not_listed_is_neither_resolved_nor_connected_to() {
    let (server, count) = server("127.0.0.1:0").await;
    let port = server.port();
    let entries = [format!("api.example.com:{port}"), format!("127.0.0.1:{port}")];
    let names = Names::default().lead("other.example.com", &[&[server]]).lead("127.1", &[&[server]]);
    let (proxy, names) = proxy(&entries, names).await;
    for target in [
        format!("other.example.com:{port}"),
        "api.example.com:443".to_owned(),
        format!("api.example.com.evil.net:{port}"),
        format!("[::1]:{port}"),
        format!("127.0.0.2:{port}"),
        "169.254.169.254:80".to_owned(),
        format!("127.1:{port}"),
        format!("2130706433:{port}"),
        "127.0.0.1:1".to_owned(),
    ] {
        let answer = connects(proxy, &target).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{target}: {answer}");
    }
    let v6 = said(proxy, &socks(4, &std::net::Ipv6Addr::LOCALHOST.octets(), port)).await;
    assert_eq!(v6[..4], [5, 0, 5, 2]);
    let v4 = said(proxy, &socks(1, &[169, 254, 169, 254], 80)).await;
    assert_eq!(v4[..4], [5, 0, 5, 2]);
    assert_eq!((names.asked.load(Ordering::Relaxed), count.load(Ordering::Relaxed)), (0, 0));
}

/// Whoever owns a name decides where it leads.
#[tokio::test]
async fn a_name_does_not_lead_to_a_private_address() {
    let (server, count) = server("127.0.0.1:0").await;
    let port = server.port();
    let private: Vec<SocketAddr> =
        ["[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254", "[fd00:ec2::254]"]
            .iter()
            .map(|address| format!("{address}:{port}").parse().expect("an address"))
            .chain([server])
            .collect();
    let names = Names::default().lead("api.example.com", &[&private]);
    let (proxy, _) = proxy(&[format!("*.example.com:{port}")], names).await;
    let answer = connects(proxy, &format!("api.example.com:{port}")).await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("private address"), "{answer}");
    assert_eq!(count.load(Ordering::Relaxed), 0);
}

/// A name that leads to one address when it is judged and to another when it is connected to.
#[tokio::test]
async fn a_name_is_looked_up_once_and_its_address_kept() {
    let (listed, _) = server("127.0.0.1:0").await;
    let port = listed.port();
    let (secret, count) = server(&format!("127.0.0.2:{port}")).await;
    let entries = [format!("api.example.com:{port}"), format!("127.0.0.1:{port}")];
    let names = Names::default().lead("api.example.com", &[&[listed], &[secret]]);
    let (proxy, names) = proxy(&entries, names).await;
    let target = format!("api.example.com:{port}");
    assert_eq!(connects(proxy, &target).await, MADE);
    assert_eq!(names.asked.load(Ordering::Relaxed), 1);
    // The next connection is judged anew.
    assert!(connects(proxy, &target).await.starts_with("HTTP/1.1 403"));
    assert_eq!(count.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn only_connect_and_socks_are_spoken() {
    let (proxy, _) = proxy(&["api.example.com".to_owned()], Names::default()).await;
    for (request, expected) in [
        ("GET http://api.example.com/ HTTP/1.1\r\n\r\n", "HTTP/1.1 405"),
        ("CONNECT api.example.com HTTP/1.1\r\n\r\n", "HTTP/1.1 400"),
        ("CONNECT :443 HTTP/1.1\r\n\r\n", "HTTP/1.1 400"),
        ("CONNECT api.example.com:443 HTTP/2\r\n\r\n", "HTTP/1.1 405"),
        ("CONNECT api.example.com:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 502"),
    ] {
        let answer = said(proxy, request.as_bytes()).await;
        assert!(answer.starts_with(expected.as_bytes()), "{request}: {}", String::from_utf8_lossy(&answer));
    }
    // A password, another command (BIND, UDP), an unknown kind of address.
    assert_eq!(said(proxy, &[5, 1, 2]).await, [5, 0xff]);
    assert_eq!(said(proxy, &[5, 1, 0, 5, 2, 0, 1, 1, 2, 3, 4, 0, 80]).await[2..4], [5, 7]);
    assert_eq!(said(proxy, &[5, 1, 0, 5, 3, 0, 1, 1, 2, 3, 4, 0, 80]).await[2..4], [5, 7]);
    assert_eq!(said(proxy, &[5, 1, 0, 5, 1, 0, 9]).await[2..4], [5, 8]);
    let endless = vec![b'x'; 64 << 10];
    let mut client = TcpStream::connect(proxy).await.expect("connected");
    drop(client.write_all(&endless).await);
    let mut answer = Vec::new();
    drop(client.read_to_end(&mut answer).await);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}
