//! Short commands beside a child, on a channel of their own: how its process group is reached.
//!
//! SSH has a request for signals, but servers answer it to nobody, and OpenSSH ignores it where the user is root. So the
//! group is signalled by `kill`, which reports. Where the connection has no further channel, another connection is made for
//! that moment; the request is what is left where that fails too.

use russh::{ChannelMsg, Sig};
use vetty_process::Signal;

use crate::connection::Connection;
use crate::error::{Error, Phase};

/// The most text of a short command that is kept.
const MAX_TEXT: usize = 4096;

/// Runs a line and gives its exit code and its output.
async fn run(connection: &Connection, line: String) -> Result<(Option<u32>, String), Error> {
    match run_on(connection, line.clone()).await {
        Err(Error::ChannelRefused { .. }) => {}
        done => return done,
    }
    let another = Box::pin(Connection::dial(connection.target())).await?;
    let done = run_on(&another, line).await;
    another.close().await;
    done
}

async fn run_on(connection: &Connection, line: String) -> Result<(Option<u32>, String), Error> {
    let mut channel = connection.session().await?;
    let talk = async {
        channel.exec(true, line).await?;
        let (mut code, mut text) = (None, Vec::new());
        while let Some(message) = channel.wait().await {
            match message {
                ChannelMsg::Data { data } if text.len() < MAX_TEXT => text.extend_from_slice(&data),
                ChannelMsg::ExitStatus { exit_status } => code = Some(exit_status),
                ChannelMsg::Failure | ChannelMsg::Close => break,
                _ => {}
            }
        }
        Ok((code, String::from_utf8_lossy(&text).into_owned()))
    };
    let limit = connection.target().limits.channel;
    connection.limited(Phase::Channel, limit, talk).await?.map_err(|error| connection.channel_error(error))
}

/// Sends a signal to the group, or to its leader alone if the group has another number. Whether anybody got it.
pub(super) async fn signal_group(connection: &Connection, group: u32, signal: Signal) -> Result<bool, Error> {
    let name = signal.name();
    let name = name.trim_start_matches("SIG");
    let line = format!("kill -s {name} -- -{group} 2>/dev/null || kill -s {name} {group} 2>/dev/null");
    Ok(run(connection, line).await?.0 == Some(0))
}

/// Kills what is left of the group, and of the session that it leads where `ps` can tell, until nothing is. How many
/// processes that were.
pub(super) async fn sweep(connection: &Connection, group: u32) -> Result<usize, Error> {
    // A process forks while others are killed: hence the rounds. Zombies are gone; who is not reaped is not counted.
    let line = format!(
        "n=0; for round in 1 2 3 4 5; do \
           found=$(ps -A -o pid= -o pgid= -o sess= -o stat= 2>/dev/null | while read -r pid pgid sess stat; do \
             case $stat in Z*) continue;; esac; \
             if [ \"$pgid\" = {group} ] || [ \"$sess\" = {group} ]; then echo $pid; fi; done); \
           kill -s KILL -- -{group} 2>/dev/null; \
           [ -n \"$found\" ] || break; \
           for pid in $found; do kill -s KILL $pid 2>/dev/null && n=$((n+1)); done; \
         done; echo $n"
    );
    let (_, text) = run(connection, line).await?;
    // Start-up files of the shell may print before.
    Ok(text.split_whitespace().next_back().and_then(|count| count.parse().ok()).unwrap_or(0))
}

/// A signal as the protocol names it, if it does.
pub(super) fn requested(signal: Signal) -> Sig {
    let name = signal.name();
    match name.trim_start_matches("SIG") {
        "ABRT" => Sig::ABRT,
        "ALRM" => Sig::ALRM,
        "FPE" => Sig::FPE,
        "HUP" => Sig::HUP,
        "ILL" => Sig::ILL,
        "INT" => Sig::INT,
        "KILL" => Sig::KILL,
        "PIPE" => Sig::PIPE,
        "QUIT" => Sig::QUIT,
        "SEGV" => Sig::SEGV,
        "TERM" => Sig::TERM,
        "USR1" => Sig::USR1,
        other => Sig::Custom(other.to_owned()),
    }
}

/// A signal that the server named. `None` for a name that this platform does not have.
pub(super) fn reported(signal: &Sig) -> Option<Signal> {
    let name = match signal {
        Sig::ABRT => "ABRT",
        Sig::ALRM => "ALRM",
        Sig::FPE => "FPE",
        Sig::HUP => "HUP",
        Sig::ILL => "ILL",
        Sig::INT => "INT",
        Sig::KILL => "KILL",
        Sig::PIPE => "PIPE",
        Sig::QUIT => "QUIT",
        Sig::SEGV => "SEGV",
        Sig::TERM => "TERM",
        Sig::USR1 => "USR1",
        Sig::Custom(name) => name,
    };
    format!("SIG{name}").parse().ok()
}
