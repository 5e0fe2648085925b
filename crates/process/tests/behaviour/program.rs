//! What is executed: path, argv, environment, directory.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;

use vetty_process::{Command, Exit};

use crate::host::{output, run, sh, text_of};

fn words(list: &[&[u8]]) -> Vec<OsString> {
    list.iter().map(|word| OsString::from_vec(word.to_vec())).collect()
}

#[test]
fn argv_arrives_byte_for_byte() {
    let odd: [&[u8]; 8] = [
        b"",
        b" a  b ",
        b"\xff\xfe\x80",
        b"$HOME `id` *",
        b"--",
        b"'\"\\",
        "\u{1F980}".as_bytes(),
        b"\n\t\x01",
    ];
    let mut argv = words(&[b"sh", b"-c", b"cat /proc/$$/cmdline", b"sh"]);
    argv.extend(words(&odd));
    let command = Command::new("/bin/sh").argv(argv.clone()).env("PATH", "/bin:/usr/bin");
    let (seen, _) = run(output(command)).expect("spawns");
    let sent: Vec<u8> = argv.into_iter().flat_map(|word| [word.into_vec(), vec![0]].concat()).collect();
    assert_eq!(seen, sent);
}

#[test]
fn argv0_may_differ_from_the_path() {
    let command = Command::new("/bin/sh").argv(["another name", "-c", "echo \"$0\""]);
    assert_eq!(text_of(command), "another name\n");
}

#[test]
fn the_path_is_executed_and_nothing_is_looked_up() {
    let error = run(output(Command::new("true").env("PATH", "/bin"))).expect_err("there is no ./true");
    assert_eq!(error.code(), "ENOENT");
}

#[test]
fn the_environment_is_the_given_one_and_nothing_else() {
    let odd = OsString::from_vec(b"\xff = \n".to_vec());
    let command = Command::new("/usr/bin/env").arg("-0").env("B", "2").env("A", "").env("ODD", odd.clone());
    let (seen, _) = run(output(command)).expect("spawns");
    let mut seen: Vec<&[u8]> = seen.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()).collect();
    seen.sort();
    let odd = [b"ODD=".to_vec(), odd.into_vec()].concat();
    assert_eq!(seen, [b"A=".as_slice(), b"B=2", odd.as_slice()]);
}

#[test]
fn without_variables_the_environment_is_empty() {
    assert_eq!(text_of(Command::new("/usr/bin/env")), "");
}

#[test]
fn a_directory_named_by_path_is_entered() {
    let folder = tempfile::tempdir().expect("a folder");
    let real = folder.path().canonicalize().expect("it exists");
    assert_eq!(text_of(Command::new("/bin/pwd").directory(folder.path())), format!("{}\n", real.display()));
}

#[test]
fn the_directory_that_was_opened_is_entered_though_its_name_was_given_to_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let (checked, moved) = (folder.path().join("checked"), folder.path().join("moved"));
    fs::create_dir(&checked).expect("created");
    fs::write(checked.join("here"), "the checked one").expect("written");
    let handle = File::open(&checked).expect("opened");
    fs::rename(&checked, &moved).expect("renamed");
    fs::create_dir(&checked).expect("created");
    fs::write(checked.join("here"), "an impostor").expect("written");
    assert_eq!(text_of(sh("cat here").open_directory(handle, &checked)), "the checked one");
}

#[test]
fn a_directory_that_can_be_entered_but_not_listed_is_entered() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o111)).expect("own folder");
    let result = run(output(Command::new("/bin/true").directory(folder.path())));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("own folder");
    assert_eq!(result.expect("spawns").1, Exit::Exited(0));
}

#[test]
fn a_long_argv_arrives_whole() {
    let count = 20_000;
    let command = sh("echo $#").argv(
        ["sh", "-c", "echo $#", "sh"]
            .map(OsString::from)
            .into_iter()
            .chain((0..count).map(|n| n.to_string().into())),
    );
    assert_eq!(text_of(command), format!("{count}\n"));
}
