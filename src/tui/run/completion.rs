//! What a path that is being typed may go on with, as shells complete it.

use std::{
    fs,
    path::{MAIN_SEPARATOR, Path, PathBuf},
};

use crate::tui::app::{dialog::Completions, msg::Completion};

/// How many names are shown.
const SHOWN: usize = 24;

/// The names in the folder of `typed` that begin as its last part does. Hidden ones are shown where
/// that begins with a dot; names that nobody can type are not.
pub(super) fn of(typed: &str) -> Completion {
    let (folder, start) = match typed.rfind(MAIN_SEPARATOR) {
        Some(place) => typed.split_at(place + 1),
        None if typed == "~" => ("~/", ""),
        None => ("", typed),
    };
    let read = if folder.is_empty() { "." } else { folder };
    let entries = fs::read_dir(expanded(Path::new(read)))
        .into_iter()
        .flatten();
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_meant = name.starts_with(start)
                && (start.starts_with('.') || !name.starts_with('.'))
                && !name.chars().any(char::is_control);
            // A link to a folder goes on like one.
            let is_folder = is_meant && fs::metadata(entry.path()).is_ok_and(|at| at.is_dir());
            is_meant.then(|| if is_folder { format!("{name}/") } else { name })
        })
        .collect();
    names.sort_unstable();
    let alike = names
        .iter()
        .skip(1)
        .fold(names.first().cloned(), |alike, name| {
            alike.map(|alike| common(&alike, name).to_owned())
        });
    let path = format!("{folder}{}", alike.as_deref().unwrap_or(start));
    let count = names.len();
    names.truncate(SHOWN);
    Completion {
        typed: typed.to_owned(),
        completions: Completions {
            path: path.clone(),
            names: if count > 1 { names } else { Vec::new() },
            count,
        },
        path,
    }
}

/// `~/` as shells have it.
pub(super) fn expanded(path: &Path) -> PathBuf {
    match path.strip_prefix("~") {
        Ok(rest) => directories::BaseDirs::new()
            .map_or_else(|| path.to_owned(), |folders| folders.home_dir().join(rest)),
        Err(_) => path.to_owned(),
    }
}

/// What two names begin with alike.
fn common<'a>(one: &'a str, other: &str) -> &'a str {
    let pairs = one.char_indices().zip(other.chars());
    let end = pairs
        .take_while(|((_, mine), theirs)| mine == theirs)
        .map(|((place, mine), _)| place + mine.len_utf8())
        .last();
    &one[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn folder(names: &[&str]) -> (TempDir, String) {
        let folder = TempDir::new().unwrap();
        for name in names {
            match name.strip_suffix('/') {
                Some(name) => fs::create_dir(folder.path().join(name)).unwrap(),
                None => fs::write(folder.path().join(name), "").unwrap(),
            }
        }
        let path = format!("{}/", folder.path().display());
        (folder, path)
    }

    fn completed(path: &str, start: &str) -> (String, Vec<String>) {
        let completion = of(&format!("{path}{start}"));
        let rest = completion.path.strip_prefix(path).unwrap().to_owned();
        (rest, completion.completions.names)
    }

    #[test]
    fn a_path_goes_on_as_far_as_all_names_do() {
        let (_folder, path) = folder(&["key.pem", "keys/", "kéy", "other", ".hidden", "a\u{1b}b"]);
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            completed(&path, "ke"),
            ("key".to_owned(), names(&["key.pem", "keys/"]))
        );
        assert_eq!(completed(&path, "keys"), ("keys/".to_owned(), names(&[])));
        assert_eq!(completed(&path, "k").0, "k");
        assert_eq!(completed(&path, ".h"), (".hidden".to_owned(), names(&[])));
        assert_eq!(completed(&path, "x"), ("x".to_owned(), names(&[])));
        assert_eq!(
            completed(&path, "").1,
            names(&["key.pem", "keys/", "kéy", "other"])
        );
    }

    #[test]
    fn a_folder_that_is_not_there_offers_nothing() {
        let completion = of("/nonexistent/x");
        assert_eq!(
            (completion.path.as_str(), completion.completions.count),
            ("/nonexistent/x", 0)
        );
    }
}
