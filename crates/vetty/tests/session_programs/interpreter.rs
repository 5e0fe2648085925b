//! Python's prompt: several lines, interrupts, questions, a password.

use vetty::{Exit, Session};

use crate::stage::{Stage, ask, end, mode, until};

async fn python(stage: &Stage) -> Session {
    let session = stage.open(["python3", "-q", "-i", "-E"]).await;
    until(&session, ">>> ").await;
    session
}

#[tokio::test]
async fn a_function_of_several_lines_is_defined_and_called() {
    let stage = Stage::new();
    let python = python(&stage).await;
    ask(&python, "def twice(x):\n", "... ").await;
    ask(&python, "    return x * 2\n", "... ").await;
    ask(&python, "\n", ">>> ").await;
    ask(&python, "twice('漢é')\n", "\r\n'漢é漢é'\r\n").await;
    python.send("exit(5)\n").await.expect("typed");
    assert_eq!(end(&python).await, Exit::Exited(5));
}

#[tokio::test]
async fn control_c_interrupts_what_runs() {
    let stage = Stage::new();
    let python = python(&stage).await;
    ask(&python, "import time; print('be' + 'gun'); time.sleep(1000)\n", "begun\r\n").await;
    ask(&python, "\x03", "KeyboardInterrupt").await;
    until(&python, ">>> ").await;
    ask(&python, "6 * 7\n", "\r\n42\r\n").await;
}

#[tokio::test]
async fn control_d_ends_it() {
    let stage = Stage::new();
    let python = python(&stage).await;
    python.send("\x04").await.expect("typed");
    assert_eq!(end(&python).await, Exit::Exited(0));
}

#[tokio::test]
async fn a_question_is_answered_and_a_password_is_not_shown() {
    let stage = Stage::new();
    let script = stage.write(
        "ask.py",
        "import getpass\nname = input('Who? ')\nword = getpass.getpass('Word? ')\nprint(name, len(word))\n",
    );
    let session = stage.open(["python3", "-E", &script.to_string_lossy()]).await;
    until(&session, "Who? ").await;
    assert!(mode(&session).echo, "a question is no password prompt");
    ask(&session, "Zoë\n", "Word? ").await;
    let password = mode(&session);
    assert!(!password.echo && password.canonical, "{password:?}");
    session.send("hunter22\n").await.expect("typed");
    until(&session, "Zoë 8\r\n").await;
    assert_eq!(end(&session).await, Exit::Exited(0));
    let seen = crate::stage::text(&session).await;
    assert!(seen.contains("Zoë 8") && !seen.contains("hunter22"), "{seen:?}");
}

#[tokio::test]
async fn a_program_sees_all_keys_as_they_are_in_raw_mode() {
    let stage = Stage::new();
    let script = stage.write(
        "keys.py",
        "import os, sys, tty\ntty.setraw(0)\nprint('ready', flush=True)\n\
         data = b''\nwhile not data.endswith(b'q'):\n    data += os.read(0, 100)\nprint(data.hex(), flush=True)\n",
    );
    let session = stage.open(["python3", "-E", &script.to_string_lossy()]).await;
    until(&session, "ready").await;
    session.write(b"\x03\x04\x1a\x1c\x11\x13\r\n\x7f\x00\xff\x1b[Aq").await.expect("typed");
    until(&session, "03041a1c11130d0a7f00ff1b5b4171").await;
    assert_eq!(end(&session).await, Exit::Exited(0));
}
