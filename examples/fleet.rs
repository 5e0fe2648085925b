//! One command on all hosts of a range: progress while it runs, a table at the end.
//!
//! Usage: fleet HOSTS PROGRAM [ARGUMENT...], for example: fleet 'deploy@web[01-20].example' uptime

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use vetty_ssh::{Command, Configuration, ExitPolicy, Fleet, FleetEvent, FleetOptions, Host, Outcome, Target};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [hosts, program, rest @ ..] = &arguments[..] else {
        println!("usage: fleet HOSTS PROGRAM [ARGUMENT...]");
        return Ok(());
    };

    // What the user's configuration says of each host; without ssh, what is written.
    let configuration = Configuration::of_user();
    let mut targets = Vec::new();
    for host in Host::range(hosts)? {
        targets.push(match &configuration {
            Some(configuration) => configuration.target(&host).await?,
            None => Target::new(host),
        });
    }
    let count = targets.len();
    let fleet = Fleet::new(targets);

    let mut options = FleetOptions::default();
    options.timeout = Some(Duration::from_secs(60));
    let begin = Instant::now();
    let mut run = fleet.execute(&Command::new(program).args(rest), options);
    let (mut running, mut done) = (0, 0);
    while let Some(event) = run.next().await {
        match event {
            FleetEvent::Start(_) => running += 1,
            FleetEvent::End(..) => (running, done) = (running - 1, done + 1),
            _ => continue,
        }
        if std::io::stderr().is_terminal() {
            eprint!("\r{done} of {count} done, {running} running, {} s ", begin.elapsed().as_secs());
            std::io::stderr().flush()?;
        }
    }
    eprintln!();

    let summary = run.summary(ExitPolicy::All).await;
    let width = summary.outcomes.keys().map(|host| host.to_string().len()).max().unwrap_or(0);
    for (host, outcome) in &summary.outcomes {
        let told = match &**outcome {
            Outcome::Ended(output) => {
                let text = String::from_utf8_lossy(&output.stdout);
                format!("{}  {}", output.exit, text.lines().next().unwrap_or_default().escape_debug())
            }
            Outcome::Failed(error) => error.to_string(),
            Outcome::TimedOut => "no answer in time".to_owned(),
            _ => "not started".to_owned(),
        };
        println!("{:width$}  {told}", host.to_string());
    }
    fleet.close().await;
    match summary.ok {
        true => Ok(()),
        false => Err("not all hosts did it".into()),
    }
}
