//! Why a child could not be started, told with phase, number and path; and nothing is left behind.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::Resource;
use vetty_process::{Command, Phase, Size, SpawnError, Stdio};

use crate::host::{descriptors, is_childless, limit, new_descriptors, set_limit, sh, text_of, warm_up};

/// Spawns what cannot be spawned, and looks at what is left. Only in a process of its own.
#[track_caller]
fn refused(command: impl Fn() -> Command) -> SpawnError {
    warm_up();
    // One runtime before, during and after: its descriptors are not the question.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let before = descriptors();
    let mut last = None;
    for _ in 0..3 {
        let piped = command().stdin(Stdio::Pipe).stdout(Stdio::Pipe).stderr(Stdio::Pipe);
        last = Some(runtime.block_on(piped.spawn()).expect_err("cannot be started"));
        assert!(is_childless(), "a process is left");
        assert_eq!(new_descriptors(&before), [], "a descriptor is left");
    }
    last.expect("tried")
}

#[track_caller]
fn assert_says(error: &SpawnError, phase: Phase, code: &str, path: Option<&Path>) {
    assert_eq!((error.phase(), error.code().as_str(), error.path()), (phase, code, path), "{error}");
    let text = error.to_string();
    assert!(text.starts_with("Process execution failed: "), "{text}");
    assert!(
        text.contains(phase.as_str()) && path.is_none_or(|path| text.contains(&path.display().to_string())),
        "{text}"
    );
}

fn file(folder: &tempfile::TempDir, content: &str, mode: u32) -> std::path::PathBuf {
    let path = folder.path().join("program");
    fs::write(&path, content).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("own file");
    path
}

alone! {
    fn an_absent_program_is_enoent() {
        let error = refused(|| Command::new("/nowhere/program"));
        assert_says(&error, Phase::Exec, "ENOENT", Some(Path::new("/nowhere/program")));
    }
}

alone! {
    fn a_script_whose_interpreter_is_absent_is_enoent() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = file(&folder, "#!/nowhere/interpreter\n", 0o755);
        assert_says(&refused(|| Command::new(&path)), Phase::Exec, "ENOENT", Some(&path));
    }
}

alone! {
    fn a_file_without_permission_is_eacces() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = file(&folder, "#!/bin/sh\n", 0o644);
        assert_says(&refused(|| Command::new(&path)), Phase::Exec, "EACCES", Some(&path));
    }
}

alone! {
    fn a_directory_is_eacces() {
        assert_says(&refused(|| Command::new("/tmp")), Phase::Exec, "EACCES", Some(Path::new("/tmp")));
    }
}

alone! {
    fn text_without_an_interpreter_is_enoexec_and_no_shell_gets_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let proof = folder.path().join("a shell ran it");
        let path = file(&folder, &format!("touch '{}'\n", proof.display()), 0o755);
        assert_says(&refused(|| Command::new(&path)), Phase::Exec, "ENOEXEC", Some(&path));
        assert!(!proof.exists());
    }
}

alone! {
    fn too_long_an_argument_is_e2big() {
        let error = refused(|| Command::new("/bin/true").arg("x".repeat(200 * 1024)));
        assert_says(&error, Phase::Exec, "E2BIG", Some(Path::new("/bin/true")));
    }
}

alone! {
    fn a_nul_in_any_word_is_refused_before_there_is_a_process() {
        let nul = || OsString::from_vec(b"a\0b".to_vec());
        let refusals: [fn(OsString) -> Command; 4] = [
            |word| Command::new("/bin/true").arg(word),
            |word| Command::new("/bin/true").env(word, "value"),
            |word| Command::new("/bin/true").env("NAME", word),
            |word| Command::new(word),
        ];
        for refusal in refusals {
            let error = refused(|| refusal(nul()));
            assert_eq!((error.phase(), error.code()), (Phase::Exec, "EINVAL".to_owned()), "{error}");
        }
    }
}

alone! {
    fn an_absent_directory_is_enoent() {
        let error = refused(|| Command::new("/bin/true").directory("/nowhere/at all"));
        assert_says(&error, Phase::Chdir, "ENOENT", Some(Path::new("/nowhere/at all")));
    }
}

alone! {
    fn a_file_as_directory_is_enotdir() {
        let error = refused(|| Command::new("/bin/true").directory("/etc/passwd"));
        assert_says(&error, Phase::Chdir, "ENOTDIR", Some(Path::new("/etc/passwd")));
    }
}

alone! {
    fn what_was_opened_as_directory_must_be_one() {
        let open = || fs::File::open("/etc/passwd").expect("opened");
        let error = refused(|| Command::new("/bin/true").open_directory(open(), "/etc/passwd"));
        assert_says(&error, Phase::Chdir, "ENOTDIR", Some(Path::new("/etc/passwd")));
    }
}

alone! {
    fn a_directory_that_was_removed_after_it_was_opened_is_entered_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let gone = folder.path().join("gone");
        fs::create_dir(&gone).expect("created");
        let handle = fs::File::open(&gone).expect("opened");
        fs::remove_dir(&gone).expect("removed");
        // The kernel lets one stand in a removed directory; the program finds out by itself.
        assert_eq!(text_of(sh("ls -A . | wc -l").open_directory(handle, &gone)), "0\n");
    }
}

/// From here on this process is nobody.
fn give_up_privileges() {
    warm_up();
    // SAFETY: integers only; libc changes all threads. The dumpable flag gives /proc/self back to us.
    unsafe {
        assert_eq!(libc::setgroups(0, std::ptr::null()), 0);
        assert_eq!(libc::setresgid(65534, 65534, 65534), 0);
        assert_eq!(libc::setresuid(65534, 65534, 65534), 0);
        assert_eq!(libc::prctl(libc::PR_SET_DUMPABLE, 1), 0);
    }
}

alone! {
    fn another_user_is_refused_to_a_host_without_privilege() {
        if !crate::identity::can_change_users() {
            return;
        }
        give_up_privileges();
        let error = refused(|| Command::new("/bin/true").uid(Some(1)));
        assert_says(&error, Phase::Groups, "EPERM", None);
    }
}

alone! {
    fn a_directory_that_the_host_may_not_enter_is_eacces() {
        if !crate::identity::can_change_users() {
            return;
        }
        let folder = tempfile::tempdir_in("/tmp").expect("a folder");
        let closed = folder.path().join("closed");
        fs::create_dir(&closed).expect("created");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("own folder");
        for path in [folder.path(), &closed] {
            // Who is nobody from here on has to remove them.
            std::os::unix::fs::chown(path, Some(65534), Some(65534)).expect("root gives them away");
        }
        give_up_privileges();
        let error = refused(|| Command::new("/bin/true").directory(&closed));
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("own folder");
        assert_says(&error, Phase::Chdir, "EACCES", Some(&closed));
    }
}

alone! {
    fn a_directory_is_entered_with_the_rights_of_the_childs_user() {
        if !crate::identity::can_change_users() {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("own folder");
        let error = refused(|| Command::new("/bin/true").directory(folder.path()).uid(Some(65534)).gid(Some(65534)));
        assert_says(&error, Phase::Chdir, "EACCES", Some(folder.path()));
    }
}

alone! {
    fn a_host_without_free_descriptors_hears_emfile_before_there_is_a_process() {
        hears_emfile(|command| command.stdin(Stdio::Pipe).stdout(Stdio::Pipe).stderr(Stdio::Pipe));
    }
}

alone! {
    fn a_host_without_free_descriptors_for_a_terminal_hears_emfile_as_well() {
        hears_emfile(|command| command.pty(Size::default()));
    }
}

fn hears_emfile(streams: impl Fn(Command) -> Command) {
    warm_up();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let marker = tempfile::tempdir().expect("a folder");
    let proof = marker.path().join("ran");
    // No gap below the highest one, so that the limit says how many are free.
    let filler: Vec<fs::File> = (0..300).map(|_| fs::File::open("/dev/null").expect("opened")).collect();
    let before = descriptors();
    let highest = before.iter().filter_map(|(name, _)| name.parse::<u64>().ok()).max().expect("some");
    let hard = limit(Resource::Nofile).min(4096);
    let mut refusals = 0;
    // From no free descriptor to as many as are needed, one by one: whichever is lacking, it is said in time.
    for free in 0..24 {
        set_limit(Resource::Nofile, highest + 1 + free, hard);
        let result = runtime.block_on(async {
            let child = streams(sh("touch \"$1\"").arg(&proof)).spawn().await?;
            child.exited().await;
            child.reap();
            Ok::<(), SpawnError>(())
        });
        set_limit(Resource::Nofile, hard, hard);
        match result {
            Ok(()) => fs::remove_file(&proof).expect("it ran"),
            Err(error) => {
                refusals += 1;
                assert_eq!(error.code(), "EMFILE", "with {free} free: {error}");
                assert!(!proof.exists(), "with {free} free it ran, and failed: {error}");
            }
        }
        assert!(is_childless(), "with {free} free");
        assert_eq!(new_descriptors(&before), [], "with {free} free");
    }
    assert!((1..24).contains(&refusals), "{refusals}");
    drop(filler);
}

alone! {
    fn a_host_that_may_have_no_more_processes_hears_eagain() {
        if !crate::identity::can_change_users() {
            return;
        }
        give_up_privileges();
        set_limit(Resource::Nproc, 0, 0);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let before = descriptors();
        let error = runtime.block_on(Command::new("/bin/true").stdout(Stdio::Pipe).spawn()).expect_err("no process");
        assert_eq!(error.code(), "EAGAIN", "{error}");
        assert_eq!(error.phase(), Phase::Clone);
        assert!(is_childless());
        assert_eq!(new_descriptors(&before), []);
    }
}
