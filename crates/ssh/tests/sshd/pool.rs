//! Pools: sharing, growing, shrinking to what a server gives, and dialling again.

use std::time::Duration;

use vetty_ssh::{Command, Dials, Exit, Overflow, Pool};

use crate::server::{Server, runs, until};

fn sleeper() -> Command {
    Command::new("sleep").arg("1000")
}

#[tokio::test]
async fn commands_share_a_connection_until_it_is_full() {
    let server = Server::start("");
    let pool = Pool::with(server.target(), 4, Dials::default());
    assert_eq!(pool.connections(), 0);
    let mut children = Vec::new();
    for _ in 0..4 {
        children.push(pool.spawn(&sleeper()).await.unwrap());
    }
    assert_eq!(pool.connections(), 1);
    children.push(pool.spawn(&sleeper()).await.unwrap());
    assert_eq!(pool.connections(), 2);
    for child in children {
        child.close(Duration::ZERO).await.unwrap();
    }
    // The places are given back.
    let calls: Vec<_> = (0..8).map(|_| pool.clone()).collect();
    let mut running = tokio::task::JoinSet::new();
    for pool in calls {
        running.spawn(async move { pool.execute(&Command::new("true"), "").await.unwrap().exit });
    }
    while let Some(exit) = running.join_next().await {
        assert_eq!(exit.unwrap(), Exit::Exited(0));
    }
    assert_eq!(pool.connections(), 2);
}

#[tokio::test]
async fn a_server_that_opens_fewer_channels_gets_more_connections_and_no_error() {
    let server = Server::start("MaxSessions 3");
    let pool = Pool::with(server.target(), 8, Dials::at_once(1));
    let mut children = Vec::new();
    for _ in 0..7 {
        children.push(pool.spawn(&sleeper()).await.unwrap());
    }
    assert_eq!(pool.connections(), 3);
    for child in children {
        let pid = child.id().unwrap();
        // No channel is left beside: a connection is made for the moment.
        child.close(Duration::ZERO).await.unwrap();
        assert!(!runs(pid));
    }
}

#[tokio::test]
async fn a_lost_connection_is_reported_with_what_it_carried_and_dialled_again() {
    let server = Server::start("");
    let pool = Pool::new(server.target());
    let mut losses = pool.losses();
    let children = [pool.spawn(&sleeper()).await.unwrap(), pool.spawn(&sleeper()).await.unwrap()];
    server.signal_sessions("KILL");
    let loss = losses.recv().await.unwrap();
    assert_eq!((loss.running, loss.host), (2, format!("127.0.0.1:{}", server.port)));
    for child in &children {
        assert!(matches!(child.wait().await.exit, Exit::Lost(_)));
    }
    assert_eq!(pool.execute(&Command::new("true"), "").await.unwrap().exit, Exit::Exited(0));
    assert_eq!(pool.connections(), 1);
}

#[tokio::test]
async fn who_may_stall_has_a_connection_of_its_own_that_ends_with_it() {
    let server = Server::start("");
    let pool = Pool::new(server.target());
    pool.execute(&Command::new("true"), "").await.unwrap();
    let served = server.sessions().len();
    let child = pool.spawn(&Command::new("yes").overflow(Overflow::Wait)).await.unwrap();
    assert_eq!(pool.connections(), 1);
    // Its connection stands still, unread; the other does not.
    for _ in 0..5 {
        assert_eq!(pool.execute(&Command::new("true"), "").await.unwrap().exit, Exit::Exited(0));
    }
    child.close(Duration::ZERO).await.unwrap();
    until("its connection is closed", || server.sessions().len() <= served).await;
}
