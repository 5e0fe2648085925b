//! What a client of the proxy asks for, and what it is told: CONNECT of HTTP/1.1, and SOCKS5 without a password.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::connect::{Refusal, Target};

/// A request's head that is longer is none.
const MOST_HEAD: usize = 8 << 10;

/// How the client spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Connect,
    Socks,
}

/// What it wants.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) target: Target,
    pub(super) protocol: Protocol,
    /// What came right behind the request, and is the server's.
    pub(super) early: Vec<u8>,
}

/// Reads a request, or tells the client that it is none.
pub(super) async fn read<S: AsyncRead + AsyncWrite + Unpin>(client: &mut S) -> io::Result<Request> {
    const SOCKS: u8 = 5;
    match client.read_u8().await? {
        SOCKS => socks(client).await,
        first => http(client, first).await,
    }
}

fn no(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

async fn socks<S: AsyncRead + AsyncWrite + Unpin>(client: &mut S) -> io::Result<Request> {
    let mut methods = vec![0; client.read_u8().await?.into()];
    client.read_exact(&mut methods).await?;
    if !methods.contains(&0) {
        client.write_all(&[5, 0xff]).await?;
        return Err(no("a client of SOCKS that wants a password"));
    }
    client.write_all(&[5, 0]).await?;
    let [version, command, _, kind] = {
        let mut head = [0; 4];
        client.read_exact(&mut head).await?;
        head
    };
    let host = match kind {
        1 => {
            let mut address = [0; 4];
            client.read_exact(&mut address).await?;
            std::net::Ipv4Addr::from(address).to_string()
        }
        3 => {
            let mut name = vec![0; client.read_u8().await?.into()];
            client.read_exact(&mut name).await?;
            String::from_utf8(name).map_err(|_| no("a name that is no text"))?
        }
        4 => {
            let mut address = [0; 16];
            client.read_exact(&mut address).await?;
            std::net::Ipv6Addr::from(address).to_string()
        }
        _ => {
            client.write_all(&socks_reply(8)).await?;
            return Err(no("an unknown kind of address"));
        }
    };
    let port = client.read_u16().await?;
    if version != 5 || command != 1 {
        client.write_all(&socks_reply(7)).await?;
        return Err(no("a command of SOCKS that is not CONNECT"));
    }
    Ok(Request { target: Target::new(&host, port), protocol: Protocol::Socks, early: Vec::new() })
}

fn socks_reply(code: u8) -> [u8; 10] {
    [5, code, 0, 1, 0, 0, 0, 0, 0, 0]
}

async fn http<S: AsyncRead + AsyncWrite + Unpin>(client: &mut S, first: u8) -> io::Result<Request> {
    let mut read = vec![first];
    let end = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if read.len() >= MOST_HEAD {
            client.write_all(&http_reply("431 Request Header Fields Too Large", "")).await?;
            return Err(no("a head that does not end"));
        }
        if client.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let early = read.split_off(end + 4);
    let line = read.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = std::str::from_utf8(line).unwrap_or_default();
    let mut words = line.split(' ');
    let parts = (words.next(), words.next(), words.next(), words.next());
    let (Some("CONNECT"), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) = parts else {
        let hint = "this proxy knows CONNECT and SOCKS5: use https, or socks5h for plain http\n";
        client.write_all(&http_reply("405 Method Not Allowed", hint)).await?;
        return Err(no("a request that is not CONNECT"));
    };
    let split = target.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let Some((host, port)) = split.filter(|(host, _): &(&str, u16)| !host.is_empty()) else {
        client.write_all(&http_reply("400 Bad Request", "expected a host and a port\n")).await?;
        return Err(no("a target that is no host and port"));
    };
    Ok(Request { target: Target::new(host, port), protocol: Protocol::Connect, early })
}

fn http_reply(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// Tells the client what came of it.
pub(super) async fn answer<S: AsyncWrite + Unpin>(
    client: &mut S,
    protocol: Protocol,
    made: Result<(), &Refusal>,
) -> io::Result<()> {
    let reply = match (protocol, made) {
        (Protocol::Connect, Ok(())) => b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec(),
        (Protocol::Connect, Err(refusal)) => {
            let status = match refusal {
                Refusal::NotListed | Refusal::Private => "403 Forbidden",
                Refusal::Unknown | Refusal::Unreachable => "502 Bad Gateway",
                Refusal::Unrecorded => "503 Service Unavailable",
            };
            http_reply(status, &format!("{}\n", refusal.as_str()))
        }
        (Protocol::Socks, made) => socks_reply(match made {
            Ok(()) => 0,
            Err(Refusal::Unrecorded) => 1,
            Err(Refusal::NotListed | Refusal::Private) => 2,
            Err(Refusal::Unknown) => 4,
            Err(Refusal::Unreachable) => 5,
        })
        .to_vec(),
    };
    client.write_all(&reply).await
}
