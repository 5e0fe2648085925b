//! What a row of the corpus finds on disk.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::row::Row;

/// Programs that rows run and a machine may lack. Those that it has come first.
const STAND_INS: [&str; 5] = ["awk", "git", "make", "node", "python3"];

/// Fresh copies of everything, removed by its drop.
pub struct Fixture {
    places: [(&'static str, String); 3],
    programs: PathBuf,
    _directory: tempfile::TempDir,
}

impl Fixture {
    pub fn new() -> Fixture {
        // Paths stand in command lines, so TMPDIR's spelling would count.
        let directory = tempfile::tempdir_in("/tmp").unwrap();
        let base = fs::canonicalize(directory.path()).unwrap();
        let [ws, out, evil, programs] = ["ws", "out", "evil", "programs"].map(|name| base.join(name));
        for path in [
            "ws/sub",
            "ws/victim",
            "ws/victim2",
            "ws/evilcwd",
            "ws/pre",
            "ws-evil",
            "out",
            "evil",
            "programs",
        ] {
            fs::create_dir_all(base.join(path)).unwrap();
        }
        for (path, text) in [
            ("ws/afile", "x\n"),
            ("ws/app.js", "console.log('APP')\n"),
            ("ws/pre/hello.py", "print('HELLO')\n"),
            ("ws/prog.awk", "BEGIN { print \"AWK\" }\n"),
            ("ws/script.py", "print('SCRIPT')\n"),
            ("ws/evil.mk", "all:\n\t@echo MADE\n"),
            ("ws/secret-in-ws.txt", "x\n"),
            ("ws-evil/f", "x\n"),
            ("out/secret.txt", "secret\n"),
        ] {
            fs::write(base.join(path), text).unwrap();
        }
        executable(&ws.join("evilcwd/git"), "#!/bin/sh\necho PWNED\n");
        executable(&evil.join("git"), "#!/bin/sh\necho PWNED\n");
        executable(&ws.join("tool"), "#!/bin/sh\necho TOOL\n");
        executable(&out.join("tool"), "#!/bin/sh\necho TOOL\n");
        executable(&ws.join("noshebang"), "echo PWNED\n");
        for name in STAND_INS {
            executable(&programs.join(name), "#!/bin/sh\necho \"$0 $*\"\n");
        }
        let rm = ["/bin/rm", "/usr/bin/rm"].map(Path::new).into_iter().find(|rm| rm.exists()).unwrap();
        fs::copy(rm, ws.join("hard-rm")).unwrap();
        for (link, target) in [("link-out", out.as_path()), ("race", &out), ("link-rm", rm)] {
            symlink(target, ws.join(link)).unwrap();
        }
        let text = |path: PathBuf| path.into_os_string().into_string().unwrap();
        Fixture {
            places: [("${WS}", text(ws)), ("${OUT}", text(out)), ("${EVIL}", text(evil))],
            programs,
            _directory: directory,
        }
    }

    /// The row with its placeholders replaced.
    pub fn filled(&self, row: &Row) -> Row {
        row.filled(&self.places)
    }

    /// Where programs are looked up: as by default, and then here.
    pub fn search_path(&self) -> Vec<String> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let elements = std::env::split_paths(&path).chain([self.programs.clone()]);
        elements.filter_map(|element| element.into_os_string().into_string().ok()).collect()
    }
}

fn executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
