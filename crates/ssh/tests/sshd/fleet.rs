//! Fleets: one command on many hosts, here on many ports.

use std::time::Duration;

use vetty_ssh::{Command, ExitPolicy, Fleet, FleetEvent, FleetOptions, Host, Outcome};

use crate::server::Server;

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

fn options(change: impl FnOnce(&mut FleetOptions)) -> FleetOptions {
    let mut options = FleetOptions::default();
    change(&mut options);
    options
}

#[tokio::test]
async fn all_hosts_run_and_each_is_told_from_start_to_end() {
    let servers: Vec<Server> = (0..4).map(|_| Server::start("")).collect();
    let fleet = Fleet::new(servers.iter().map(Server::target));
    let mut run =
        fleet.execute(&sh("cat; echo $SSH_CONNECTION"), options(|options| options.input = "in\n".into()));
    let mut started: Vec<Host> = Vec::new();
    let mut ended: Vec<Host> = Vec::new();
    let mut told = 0;
    while let Some(event) = run.next().await {
        match event {
            FleetEvent::Start(host) => started.push(host),
            FleetEvent::Output(host, _) => {
                assert!(started.contains(&host) && !ended.contains(&host));
                told += 1;
            }
            FleetEvent::End(host, outcome) => {
                let Outcome::Ended(output) = &*outcome else { panic!("{outcome:?}") };
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                let port = host.port.unwrap().to_string();
                assert!(text.starts_with("in\n") && text.trim_end().ends_with(&port), "{text}");
                ended.push(host);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(told >= 4 && started.len() == 4 && ended.len() == 4);
    assert!(run.summary(ExitPolicy::All).await.ok);
}

#[tokio::test]
async fn a_dead_host_is_an_outcome_and_delays_nobody() {
    let (first, second) = (Server::start(""), Server::start(""));
    // Takes connections and says nothing.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let mut dead = first.target();
    dead.host.port = Some(silent.local_addr().unwrap().port());
    let dead_host = dead.host.clone();
    let fleet = Fleet::new([dead, first.target(), second.target()]);
    let mut run = fleet
        .execute(&Command::new("true"), options(|options| options.timeout = Some(Duration::from_secs(20))));
    let mut order = Vec::new();
    while let Some(event) = run.next().await {
        if let FleetEvent::End(host, _) = event {
            order.push(host);
        }
    }
    assert_eq!(order.last(), Some(&dead_host));
    let summary = run.summary(ExitPolicy::Any).await;
    assert!(summary.ok && matches!(*summary.outcomes[&dead_host], Outcome::TimedOut));
    assert_eq!(summary.outcomes.values().filter(|outcome| outcome.success()).count(), 2);
}

#[tokio::test]
async fn the_first_failure_stops_the_rest_if_that_is_wanted() {
    let servers: Vec<Server> = (0..3).map(|_| Server::start("")).collect();
    let fleet = Fleet::new(servers.iter().map(Server::target));
    let failing = options(|options| (options.fail_fast, options.concurrency) = (true, 1));
    let summary = fleet.execute(&sh("exit 3"), failing).summary(ExitPolicy::First).await;
    assert!(!summary.ok);
    let hosts: Vec<Host> = fleet.hosts().cloned().collect();
    let Outcome::Ended(output) = &*summary.outcomes[&hosts[0]] else { panic!("{summary:?}") };
    assert_eq!(output.exit.code(), Some(3));
    assert!(hosts[1..].iter().all(|host| matches!(*summary.outcomes[host], Outcome::Skipped)));
    fleet.close().await;
}
