//! A secret that is typed: it arrives, and no copy of it is left in the host.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use vetty::{Config, Exit, Secret, Terminal, Wait};

/// Where in this process's writable memory `needle` stands.
fn places(needle: &[u8]) -> Vec<u64> {
    let memory = File::open("/proc/self/mem").expect("our own");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("our own");
    let mut found = Vec::new();
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw")))
    {
        let (begin, end) = line.split(' ').next().and_then(|range| range.split_once('-')).expect("a range");
        let number = |text| u64::from_str_radix(text, 16).expect("a number");
        let (begin, end) = (number(begin), number(end));
        let mut at = begin;
        // In pieces that overlap, each in memory that is erased afterwards: the search must not find itself.
        let mut piece = vec![0; 1 << 20];
        let own = piece.as_ptr() as u64..piece.as_ptr() as u64 + piece.len() as u64;
        while at < end {
            let length = ((end - at) as usize).min(piece.len());
            let Ok(read) = memory.read_at(&mut piece[..length], at) else { break };
            let hits =
                piece[..read].windows(needle.len()).enumerate().filter(|(_, window)| *window == needle);
            found.extend(hits.map(|(offset, _)| at + offset as u64).filter(|place| !own.contains(place)));
            piece[..read].fill(0);
            at += read.saturating_sub(needle.len()).max(1) as u64;
            if read < length {
                break;
            }
        }
    }
    found
}

/// Letters in no order that anything else would have. Made up as they are needed: the program's own text does not hold
/// them.
fn letters(mut seed: u32) -> String {
    let mut letters = String::with_capacity(LENGTH + 1);
    letters.extend((0..LENGTH).map(|_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + (seed >> 24) as u8 % 26)
    }));
    letters
}

/// Longer than what an allocator writes into memory that is free.
const LENGTH: usize = 3000;

/// A part from the middle.
fn needle(letters: &str) -> Vec<u8> {
    letters.as_bytes()[1400..1500].to_vec()
}

#[tokio::test]
async fn no_copy_of_it_is_left() {
    let config =
        serde_json::json!({ "workspaces": ["/tmp"], "commands": { "allow": ["sh *"], "strictArgs": false } });
    let terminal = Terminal::from_config(Config::from_json(config).expect("valid")).expect("a valid policy");
    let script = "stty -echo; echo ready; read -r word; echo ${#word}; read -r word; echo ${#word}";
    let session = terminal.command(["sh", "-c", script]).open().await.expect("it opens");
    let soon = |wait: Wait| wait.within(Duration::from_secs(20));
    session.wait(soon(Wait::output("ready"))).await.expect("it begins");

    let mut secret = letters(1);
    let sought = needle(&secret);
    secret.push('\n');
    let secret = Secret::from(secret);
    session.send_secret(&secret).await.expect("typed");
    session.wait(soon(Wait::output("3000\r\n"))).await.expect("it came whole");
    drop(secret);
    let own = sought.as_ptr() as u64;
    let left: Vec<u64> = places(&sought).into_iter().filter(|place| *place != own).collect();
    assert!(left.is_empty(), "{left:x?}");

    // The search finds a text that is there.
    let mut plain = letters(2);
    let sought = needle(&plain);
    plain.push('\n');
    session.send(&plain).await.expect("typed");
    session.wait(soon(Wait::output("3000\r\n"))).await.expect("it came whole");
    let found = places(&sought);
    assert!(
        found.contains(&(plain.as_ptr() as u64 + 1400)),
        "not even a text that nobody has erased is found"
    );
    assert_eq!(session.exited().await, Exit::Exited(0));
}
