//! Who else can write what keyfob acts on.

use std::{fmt, fs, io, os::unix::fs::MetadataExt, path::Path};

/// Somebody else can write there: what is open, and the command that mends it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exposure(String);

/// What is looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    File,
    Folder,
}

/// The mode bit of a folder in which each may remove only what is his.
const STICKY: u32 = 0o1000;
/// The mode bits by which group and others write.
const WRITE: u32 = 0o022;

impl Exposure {
    /// Of a file of the configuration. Its folder counts too, for who writes there can put another
    /// file in its place, and so does the folder that a link leads to.
    pub(super) fn of_file(path: &Path) -> Option<Self> {
        let real = fs::canonicalize(path).ok();
        let folders = [Some(path), real.as_deref()].map(|path| path.and_then(Path::parent));
        of(path, Kind::File).or_else(|| {
            let mut folders = folders.into_iter().flatten();
            folders.find_map(|folder| of(folder, Kind::Folder))
        })
    }

    /// Of a program. Its folder is the user's own choice: whoever writes there runs there anyway.
    pub(super) fn of_program(path: &Path) -> Option<Self> {
        of(path, Kind::File)
    }
}

/// `can be written by others: chmod go-w '/etc/x'`.
impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn of(path: &Path, kind: Kind) -> Option<Exposure> {
    let path = if path == Path::new("") {
        Path::new(".")
    } else {
        path
    };
    match path.metadata() {
        Ok(there) => judged(path, there.uid(), there.mode(), kind),
        // What is not there yet is written by nobody.
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let path = path.display();
            Some(Exposure(format!(
                "cannot be looked at ({error}): ls -l '{path}'"
            )))
        }
    }
}

fn judged(path: &Path, owner: u32, mode: u32, kind: Kind) -> Option<Exposure> {
    let is_ours = owner == 0 || owner == rustix::process::geteuid().as_raw();
    let is_open = mode & WRITE != 0 && (kind == Kind::File || mode & STICKY == 0);
    let shown = path.display();
    let words = match (kind, is_ours, is_open) {
        (_, true, false) => return None,
        (Kind::File, false, _) => format!("belongs to another user: chown $(id -u) '{shown}'"),
        (Kind::Folder, false, _) => {
            format!("lies in a folder of another user: chown $(id -u) '{shown}'")
        }
        (Kind::File, true, true) => format!("can be written by others: chmod go-w '{shown}'"),
        (Kind::Folder, true, true) => {
            format!("lies in a folder that others can write: chmod go-w '{shown}'")
        }
    };
    Some(Exposure(words))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn only_we_and_root_may_write() {
        let us = rustix::process::geteuid().as_raw();
        let other = us + 4711;
        let words = |owner, mode, kind| {
            let exposure = judged(Path::new("/x"), owner, mode, kind);
            exposure.map(|exposure| exposure.to_string())
        };
        for (owner, mode, kind, expected) in [
            (us, 0o600, Kind::File, None),
            (0, 0o755, Kind::File, None),
            (us, 0o755, Kind::Folder, None),
            (0, 0o1777, Kind::Folder, None),
            (
                us,
                0o620,
                Kind::File,
                Some("can be written by others: chmod go-w '/x'"),
            ),
            (
                us,
                0o602,
                Kind::File,
                Some("can be written by others: chmod go-w '/x'"),
            ),
            // Only in a folder does the bit keep others away.
            (
                us,
                0o1602,
                Kind::File,
                Some("can be written by others: chmod go-w '/x'"),
            ),
            (
                us,
                0o775,
                Kind::Folder,
                Some("lies in a folder that others can write: chmod go-w '/x'"),
            ),
            (
                other,
                0o600,
                Kind::File,
                Some("belongs to another user: chown $(id -u) '/x'"),
            ),
            (
                other,
                0o1755,
                Kind::Folder,
                Some("lies in a folder of another user: chown $(id -u) '/x'"),
            ),
        ] {
            assert_eq!(words(owner, mode, kind).as_deref(), expected, "{mode:o}");
        }
    }

    #[test]
    fn the_folder_of_a_file_counts_and_the_one_that_a_link_leads_to() {
        let folder = TempDir::new().unwrap();
        let [near, far] = ["near", "far"].map(|name| folder.path().join(name));
        for folder in [&near, &far] {
            fs::create_dir(folder).unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::write(far.join("c.yaml"), "").unwrap();
        let link = near.join("c.yaml");
        symlink(far.join("c.yaml"), &link).unwrap();
        assert_eq!(Exposure::of_file(&link), None);
        for open in [&near, &far] {
            fs::set_permissions(open, fs::Permissions::from_mode(0o775)).unwrap();
            let shown = open.canonicalize().unwrap();
            let expected = format!(
                "lies in a folder that others can write: chmod go-w '{}'",
                shown.display()
            );
            assert_eq!(Exposure::of_file(&link).unwrap().to_string(), expected);
            assert_eq!(Exposure::of_program(&link), None);
            fs::set_permissions(open, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
}
