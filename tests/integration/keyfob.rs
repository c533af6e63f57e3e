//! Runs the binary in a keystore of its own.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A folder with a keystore without a passphrase.
pub(crate) struct Keyfob {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Keyfob {
    /// A keystore without a passphrase.
    pub(crate) fn new() -> Self {
        let keyfob = Self::empty();
        assert_eq!(keyfob.run(["init", "--no-passphrase"]).code, 0);
        keyfob
    }

    /// No keystore yet.
    pub(crate) fn empty() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file 0600 beside the keystore.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ended {
        self.run_with(arguments, "")
    }

    /// Runs with `input` on stdin.
    pub(crate) fn run_with<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: &str,
    ) -> Ended {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads no stdin closes it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn command(&self) -> Command {
        self.wrapped(env!("CARGO_BIN_EXE_keyfob"))
    }

    /// Another program in the place of the binary: one that runs it.
    pub(crate) fn wrapped(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("KEYFOB_HOME", self.home())
            .env("NO_PROXY", "*")
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.folder.path());
        command
    }

    /// The only key file there is.
    pub(crate) fn key_file(&self) -> PathBuf {
        let files: Vec<PathBuf> = fs::read_dir(self.home().join("keys"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        let [file] = files.as_slice() else {
            panic!("{files:?}")
        };
        file.clone()
    }
}

/// Content of a test vector that is text.
pub(crate) fn vector(name: &str) -> String {
    String::from_utf8(binary_vector(name)).unwrap()
}

/// Content of a test vector.
pub(crate) fn binary_vector(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    fs::read(path).unwrap()
}
