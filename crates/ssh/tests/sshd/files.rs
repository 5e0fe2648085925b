//! Files there and back, cut off and continued, and compared.

use std::fs;

use vetty_ssh::{Error, Pool, Transfer};

use crate::server::Server;

fn content(length: usize) -> Vec<u8> {
    (0..length as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

#[tokio::test]
async fn files_go_there_and_back_whatever_their_size_and_name() {
    let server = Server::start("");
    let connection = server.connect().await;
    for (name, length) in [("empty", 0), ("one", 1), ("it's a name", 32 * 1024), ("large", 5_000_001)] {
        let (here, there, back) = (server.path("here"), server.path(name), server.path("back"));
        fs::write(&here, content(length)).unwrap();
        let there = there.to_str().unwrap();
        let put = connection.put(&here, there, &Transfer::default()).await.unwrap();
        assert_eq!((put.bytes, put.resumed_at, put.checked), (length as u64, 0, true));
        let got = connection.get(there, &back, &Transfer::default()).await.unwrap();
        assert_eq!((got.bytes, got.checked), (length as u64, true));
        assert!(fs::read(&back).unwrap() == content(length), "{name}");
    }
    let left = fs::read_dir(server.folder.path()).unwrap();
    assert!(!left.into_iter().any(|entry| entry.unwrap().file_name().to_str().unwrap().contains("part")));
}

#[tokio::test]
async fn what_was_cut_off_is_continued_and_what_is_wrong_is_found() {
    let server = Server::start("");
    let pool = Pool::new(server.target());
    let (here, there) = (server.path("here"), server.path("there"));
    let part = server.path("there.vetty-part");
    let whole = content(300_000);
    fs::write(&here, &whole).unwrap();
    fs::write(&part, &whole[..123_456]).unwrap();
    let put = pool.put(&here, there.to_str().unwrap(), &Transfer::resumed()).await.unwrap();
    assert_eq!((put.bytes, put.resumed_at), (300_000, 123_456));
    assert!(fs::read(&there).unwrap() == whole);

    // The beginning is of another file: the old one stays.
    fs::write(&part, vec![0; 1000]).unwrap();
    let error = pool.put(&here, there.to_str().unwrap(), &Transfer::resumed()).await.unwrap_err();
    assert!(matches!(&error, Error::File { why, .. } if why.contains("SHA-256")), "{error}");
    assert!(fs::read(&there).unwrap() == whole);

    let back = server.path("back");
    fs::write(server.path("back.vetty-part"), &whole[..50_000]).unwrap();
    let got = pool.get(there.to_str().unwrap(), &back, &Transfer::resumed()).await.unwrap();
    assert_eq!((got.bytes, got.resumed_at), (300_000, 50_000));
    assert!(fs::read(&back).unwrap() == whole);
}

#[tokio::test]
async fn what_cannot_be_carried_is_told_with_its_path() {
    let server = Server::start("");
    let connection = server.connect().await;
    let here = server.path("here");
    fs::write(&here, "x").unwrap();
    let error = connection.get("/no/such", &server.path("back"), &Transfer::default()).await.unwrap_err();
    assert!(error.to_string().contains("/no/such"), "{error}");
    let error = connection.put(&here, "/no/such/file", &Transfer::default()).await.unwrap_err();
    assert!(error.to_string().contains("/no/such/file"), "{error}");
    let error = connection.put(&server.path("missing"), "x", &Transfer::default()).await.unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
}

#[tokio::test]
async fn a_server_without_the_file_protocol_says_so() {
    let server = Server::start("ForceCommand echo hello");
    let connection = server.connect().await;
    let error = connection.get("x", &server.path("back"), &Transfer::default()).await.unwrap_err();
    assert!(matches!(error, Error::RequestRefused { .. }), "{error}");
}
