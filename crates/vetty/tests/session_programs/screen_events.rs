//! What output says beside text.

use futures_util::StreamExt;
use vetty::screen::{Event, ImageProtocol, Progress};
use vetty::{Exit, SessionEvent, SessionEvents, Wait};

use crate::screen::sees;
use crate::stage::{PATIENCE, Stage, becomes, cells, end};

async fn next(events: &mut SessionEvents) -> SessionEvent {
    tokio::time::timeout(PATIENCE, events.next()).await.expect("one comes").expect("not the end")
}

fn screen(event: Event) -> SessionEvent {
    SessionEvent::Screen(event)
}

#[tokio::test]
async fn they_are_told_in_order_from_the_beginning_and_the_exit_is_the_last() {
    let stage = Stage::new();
    let script = "printf '\\033]2;build\\007\\007\\033]9;4;1;40\\007\\033]777;notify;done;all of it\\007'; \
                  printf '\\033]52;c;aGVsbG8=\\007\\033]7;file:///tmp\\007'; \
                  printf '\\033_Ga=T,f=100,s=1,v=1;AAAA\\033\\\\'; read x; exit 3";
    let session = stage.sh(script).await;
    session.wait(Wait::output("AAAA").within(PATIENCE)).await.expect("all was said");
    let mut events = session.events();
    assert_eq!(next(&mut events).await, screen(Event::Title("build".into())));
    assert_eq!(next(&mut events).await, screen(Event::Bell));
    let progress = Event::Progress { state: Progress::Normal, percent: Some(40) };
    assert_eq!(next(&mut events).await, screen(progress));
    let told = Event::Notification { title: Some("done".into()), body: "all of it".into() };
    assert_eq!(next(&mut events).await, screen(told));
    let clipboard = Event::Clipboard { selection: "c".into(), data: b"hello".to_vec() };
    assert_eq!(next(&mut events).await, screen(clipboard));
    assert_eq!(next(&mut events).await, screen(Event::Cwd("file:///tmp".into())));
    let SessionEvent::Screen(Event::Image(image)) = next(&mut events).await else { panic!("no picture") };
    assert_eq!((image.protocol, image.payload.as_deref()), (ImageProtocol::Kitty, Some(&[0, 0, 0][..])));
    session.resize(cells(90, 30)).await.expect("resized");
    assert_eq!(next(&mut events).await, SessionEvent::Resize(cells(90, 30)));
    session.send("\n").await.expect("typed");
    assert_eq!(end(&session).await, Exit::Exited(3));
    assert_eq!(next(&mut events).await, SessionEvent::Exit(Exit::Exited(3)));
    assert_eq!(events.next().await, None);
    assert_eq!(session.screen().expect("it has one").title(), "build");
    let mut late = session.events();
    assert_eq!(next(&mut late).await, SessionEvent::Exit(Exit::Exited(3)));
}

#[tokio::test]
async fn two_listeners_hear_the_same_and_one_that_is_dropped_ends_nothing() {
    let stage = Stage::new();
    let session = stage.sh("while read x; do printf \"\\033]2;$x\\007\"; done").await;
    let (mut first, mut second) = (session.events(), session.events());
    session.send("one\n").await.expect("typed");
    assert_eq!(next(&mut first).await, screen(Event::Title("one".into())));
    drop(first);
    session.send("two\n").await.expect("typed");
    assert_eq!(next(&mut second).await, screen(Event::Title("one".into())));
    assert_eq!(next(&mut second).await, screen(Event::Title("two".into())));
}

#[tokio::test]
async fn who_does_not_listen_in_time_is_told_how_much_is_gone() {
    let stage = Stage::new();
    let session = stage
        .sh("i=0; while [ $i -lt 1500 ]; do printf '\\007'; i=$((i+1)); done; printf over; read x")
        .await;
    let mut events = session.events();
    sees(&session, Wait::text("over")).await;
    let SessionEvent::Lag(dropped) = next(&mut events).await else { panic!("nothing was dropped") };
    assert_eq!(dropped, 1500 - 1024);
    assert_eq!(next(&mut events).await, screen(Event::Bell));
}

/// A picture of kitty's in a file, as `printf` writes it.
fn in_file(path: &std::path::Path, medium: char) -> String {
    let path = path.to_str().expect("UTF-8");
    format!("printf '\\033_Ga=T,f=100,t={medium};%s\\033\\\\' \"$(printf %s '{path}' | base64 -w0)\"; ")
}

async fn picture(events: &mut SessionEvents) -> Option<Vec<u8>> {
    let SessionEvent::Screen(Event::Image(image)) = next(events).await else { panic!("no picture") };
    assert!(image.file.is_some());
    image.payload
}

#[tokio::test]
async fn files_that_pictures_name_are_read_beneath_the_directories_of_the_policy_alone() {
    let pictures = tempfile::tempdir().expect("a directory");
    let folder = tempfile::tempdir().expect("a directory");
    let trail = folder.path().join("trail");
    let stage = Stage::with(serde_json::json!({
        "sessions": { "imageFiles": [pictures.path()] }, "audit": { "file": trail },
    }));
    let inside = |name: &str| pictures.path().join(name);
    std::fs::write(inside("one.png"), b"picture").expect("a file");
    std::fs::write(inside("tty-graphics-protocol-1"), b"temporary").expect("a file");
    std::fs::write(inside("other"), b"other").expect("a file");
    std::os::unix::fs::symlink(stage.write("secret", "secret"), inside("link")).expect("a link");
    let script = [
        in_file(&inside("one.png"), 'f'),
        in_file(&inside("tty-graphics-protocol-1"), 't'),
        in_file(&inside("other"), 't'),
        in_file(&inside("link"), 'f'),
        in_file(&stage.path("secret"), 'f'),
        in_file(&inside("../secret"), 'f'),
        "read x".to_owned(),
    ];
    // In a file: the policy refuses the one with `..` where it sees it.
    stage.write("script", script.concat());
    let session = stage.open(["sh", "script"]).await;
    let mut events = session.events();
    assert_eq!(picture(&mut events).await.as_deref(), Some(&b"picture"[..]));
    assert_eq!(picture(&mut events).await.as_deref(), Some(&b"temporary"[..]));
    assert_eq!(picture(&mut events).await.as_deref(), Some(&b"other"[..]));
    for _ in 0..3 {
        assert_eq!(picture(&mut events).await, None);
    }
    let is_there = ["one.png", "tty-graphics-protocol-1", "other"].map(|name| inside(name).exists());
    assert_eq!(is_there, [true, false, true], "only the protocol's own names are removed");

    session.kill(vetty::Kill::default()).await;
    let audited = || std::fs::read_to_string(&trail).unwrap_or_default();
    becomes("the end is in the trail", || audited().contains("\"type\":\"exit\"")).await;
    let events: Vec<serde_json::Value> =
        audited().lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    let files: Vec<_> = events.iter().filter(|event| event["type"] == "image-file").collect();
    let told: Vec<_> =
        files.iter().map(|event| (event["bytes"].as_u64(), event["removed"].as_bool())).collect();
    let expected = [(Some(7), false), (Some(9), true), (Some(5), false), (None, false)];
    assert_eq!(told, expected.map(|(bytes, removed)| (bytes, Some(removed))));
    assert!(
        files[3]["path"].as_str().is_some_and(|path| path.ends_with("link")),
        "what lies elsewhere is no event"
    );
}

#[tokio::test]
async fn no_file_is_touched_by_default() {
    let stage = Stage::new();
    let path = stage.write("tty-graphics-protocol-2", "temporary");
    let session = stage.sh(&(in_file(&path, 't') + "read x")).await;
    assert_eq!(picture(&mut session.events()).await, None);
    assert!(path.exists());
}
