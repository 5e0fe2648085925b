//! SSH configuration: what `ssh -G` says is applied, or refused.

use std::fs;
use std::path::PathBuf;

use vetty_ssh::auth::{AgentChoice, Identity};
use vetty_ssh::{Configuration, Connection, Error, Host, HostKeys};

use crate::server::{Server, user};

fn configured(server: &Server, text: &str) -> Configuration {
    let file = server.path("ssh_config");
    fs::write(&file, text).unwrap();
    Configuration::with(ssh(), Some(file))
}

fn ssh() -> PathBuf {
    PathBuf::from(crate::server::run("sh", &["-c", "command -v ssh"]).trim())
}

/// The lines that lead to a server.
fn lines(server: &Server) -> String {
    let folder = server.folder.path().display();
    format!(
        " HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile {folder}/user\n IdentityAgent none\n \
         UserKnownHostsFile {folder}/known_hosts\n GlobalKnownHostsFile none\n",
        server.port,
        user(),
    )
}

#[tokio::test]
async fn an_alias_leads_to_its_host_by_its_hops() {
    let (hop, server) = (Server::start(""), Server::start(""));
    let text = format!("Host web\n ProxyJump gate\n{}Host gate\n{}", lines(&server), lines(&hop));
    let target = configured(&server, &text).target(&"web".parse().unwrap()).await.unwrap();
    assert_eq!(target.host, server.host());
    assert_eq!(target.jump.iter().map(|hop| hop.host.clone()).collect::<Vec<_>>(), [hop.host()]);
    assert!(matches!(&target.login.identities[..], [Identity::File(path)] if *path == server.path("user")));
    Connection::dial(&target).await.unwrap();
}

#[tokio::test]
async fn what_the_configuration_says_of_trust_and_keys_is_applied() {
    let server = Server::start("");
    let text = "Host *\n StrictHostKeyChecking accept-new\n HostKeyAlias Other\n IdentitiesOnly yes\n ConnectTimeout 7\n \
                IdentityAgent /run/%n/%r-%p\n User me\n ServerAliveInterval 9\n";
    let configuration = configured(&server, text);
    let host: Host = "web:2222".parse().unwrap();
    let target = configuration.target(&host).await.unwrap();
    assert_eq!((target.host_keys, target.known_as.as_deref()), (HostKeys::AcceptNew, Some("other")));
    assert!(target.login.only_identities);
    assert_eq!(target.login.agent, AgentChoice::Path("/run/web/me-2222".into()));
    assert_eq!((target.limits.connect.as_secs(), target.limits.keepalive.as_secs()), (7, 9));
    // The file is read again when it has changed.
    let file = server.path("ssh_config");
    fs::write(&file, "Host *\n User you\n").unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    fs::File::options().write(true).open(&file).unwrap().set_modified(later).unwrap();
    assert_eq!(configuration.target(&host).await.unwrap().host.user.as_deref(), Some("you"));
}

#[tokio::test]
async fn what_is_not_applied_is_refused_by_its_name() {
    let server = Server::start("");
    for (line, named) in [
        ("ProxyCommand nc %h %p", "proxycommand"),
        ("StrictHostKeyChecking no", "StrictHostKeyChecking"),
        ("Ciphers aes256-ctr", "ciphers"),
        ("HostKeyAlgorithms ssh-ed25519", "hostkeyalgorithms"),
        ("RevokedHostKeys /etc/revoked", "revokedhostkeys"),
        ("KnownHostsCommand /bin/echo", "knownhostscommand"),
        ("PubkeyAuthentication no", "pubkeyauthentication"),
        ("BindAddress 127.0.0.2", "bindaddress"),
        ("AddressFamily inet6", "addressfamily"),
        ("PKCS11Provider /x", "pkcs11provider"),
        ("RemoteCommand true", "remotecommand"),
        ("CheckHostIP yes", "checkhostip"),
        ("RekeyLimit 1M", "rekeylimit"),
        ("PreferredAuthentications password", "preferredauthentications"),
        ("IdentityFile ${HOME}/x", "HOME"),
    ] {
        let configuration = configured(&server, &format!("Host *\n {line}\n"));
        match configuration.target(&"web".parse().unwrap()).await {
            Err(Error::Configuration { keyword, .. }) => {
                assert!(keyword.contains(named), "{line}: {keyword}")
            }
            // What `ssh` expands by itself is a path like any other.
            Ok(_) if named == "HOME" => {}
            other => panic!("{line}: {other:?}"),
        }
    }
    let harmless =
        "Host *\n ForwardAgent yes\n SendEnv LANG\n GSSAPIAuthentication yes\n HashKnownHosts yes\n";
    configured(&server, harmless).target(&"web".parse().unwrap()).await.unwrap();
    let looped = "Host a\n ProxyJump b\nHost b\n ProxyJump a\n";
    let error = configured(&server, looped).target(&"a".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::Configuration { .. }), "{error}");
    let error = configured(&server, "Nonsense\n").target(&"a".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("Nonsense") || error.to_string().contains("nonsense"), "{error}");
}
