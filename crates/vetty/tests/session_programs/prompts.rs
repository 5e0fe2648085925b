//! What programs ask the terminal: passphrases without echo, its settings, what it can do.

use vetty::{Exit, ForegroundState};

use crate::stage::{Stage, ask, becomes, cells, end, mode, opened, text, until};

#[tokio::test]
async fn ssh_keygen_takes_a_passphrase_that_nobody_sees() {
    let stage = Stage::new();
    let keygen = stage.open(["ssh-keygen", "-t", "ed25519", "-C", "test", "-f", "key"]).await;
    until(&keygen, "passphrase").await;
    let asked = mode(&keygen);
    assert!(!asked.echo && asked.canonical, "{asked:?}");
    until(&keygen, ": ").await;
    ask(&keygen, "correct horse\n", "again: ").await;
    keygen.send("correct horse\n").await.expect("typed");
    assert_eq!(end(&keygen).await, Exit::Exited(0));
    let seen = text(&keygen).await;
    assert!(seen.contains("fingerprint") && !seen.contains("correct horse"), "{seen}");

    // It is the passphrase, to the letter.
    let right = stage.open(["ssh-keygen", "-y", "-P", "correct horse", "-f", "key"]).await;
    assert_eq!(end(&right).await, Exit::Exited(0));
    let wrong = stage.open(["ssh-keygen", "-y", "-P", "correct horse ", "-f", "key"]).await;
    assert_ne!(end(&wrong).await, Exit::Exited(0));
}

#[tokio::test]
async fn stty_sees_and_changes_how_the_terminal_treats_what_is_typed() {
    let stage = Stage::new();
    let session =
        stage.sh("stty -a; stty raw -echo; echo raw; read -r line; stty sane; echo sane; read -r line").await;
    until(&session, "iutf8").await;
    until(&session, "raw").await;
    let raw = mode(&session);
    assert!(!raw.echo && !raw.canonical, "{raw:?}");
    // Enter sends CR, which raw mode does not make a line's end.
    session.write("\n").await.expect("typed");
    until(&session, "sane").await;
    let sane = mode(&session);
    assert!(sane.echo && sane.canonical, "{sane:?}");
    session.send("\n").await.expect("typed");
    assert_eq!(end(&session).await, Exit::Exited(0));
    assert_eq!(session.line_mode(), None);
}

#[tokio::test]
async fn tput_knows_the_terminal_by_its_name_and_its_size() {
    let stage = Stage::new();
    let script =
        "tput cols; tput lines; tput colors; tput smcup | od -An -c; read -r line; tput cols; tput lines";
    let session = opened(stage.terminal.command(["sh", "-c", script]).size(cells(101, 31))).await;
    until(&session, "101\r\n31\r\n256\r\n").await;
    until(&session, "[   ?   1   0   4   9   h").await;
    session.resize(cells(7, 3)).await.expect("resized");
    ask(&session, "\n", "\r\n7\r\n3\r\n").await;
    assert_eq!(end(&session).await, Exit::Exited(0));
}

#[tokio::test]
async fn who_is_in_the_foreground_is_told() {
    let stage = Stage::new();
    let session = stage.sh("read -r line; sleep 1000").await;
    let pid = session.pid();
    becomes("sh", || {
        let foreground = session.foreground();
        (foreground.pid, foreground.state) == (Some(pid), ForegroundState::Shell)
    })
    .await;
    session.send("\n").await.expect("typed");
    // No job control: the group stays that of the shell, which may execute its last command itself.
    becomes("one of the two", || {
        let foreground = session.foreground();
        foreground.pid == Some(pid) && foreground.name.is_some_and(|name| name == "sh" || name == "sleep")
    })
    .await;
    session.send("\x03").await.expect("typed");
    end(&session).await;
    assert_eq!(session.foreground().state, ForegroundState::Ended);
}
