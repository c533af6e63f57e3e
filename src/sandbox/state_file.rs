//! `state/sandbox.json`: where other keyfob processes find the running sandbox.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    auth::Addresses,
    instance::{HEADER, Instance},
    server::Running,
};
use crate::{
    config::home::Home,
    disk,
    net::{
        http,
        policy::Policy,
        request::{HeaderValue, Method, Request},
    },
};

/// How long a sandbox may take to say that it is there.
const PATIENCE: Duration = Duration::from_millis(500);

/// The file, removed when it is dropped.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    instance: Instance,
}

#[derive(Deserialize, Serialize)]
struct Content {
    auth: String,
    api: String,
    instance: String,
}

impl StateFile {
    /// Writes the addresses; a file of a sandbox that ended without a word is replaced.
    pub(super) fn write(
        home: &Home,
        addresses: &Addresses,
        instance: &Instance,
    ) -> io::Result<Self> {
        let path = path(home);
        let folder = path.parent().unwrap_or(Path::new("."));
        disk::make_folder(folder)?;
        let content = Content {
            auth: addresses.auth.clone(),
            api: addresses.api.clone(),
            instance: instance.as_str().to_owned(),
        };
        // A named temporary file is 0600 from the start.
        let file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(file.as_file(), &content)?;
        file.persist(&path)?;
        Ok(Self {
            path,
            instance: instance.clone(),
        })
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        let ours =
            read(&self.path).is_some_and(|content| content.instance == self.instance.as_str());
        if ours {
            // What is left of it is known by its instance as nobody's.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The sandbox of the file, if the very one answers.
pub(super) fn running(home: &Home) -> Option<Running> {
    let content = read(&path(home))?;
    let request = Request {
        method: Method::Get,
        url: format!("{}/health", content.auth),
        headers: vec![(
            HEADER.to_owned(),
            HeaderValue::Plain(content.instance.clone()),
        )],
        body: None,
    };
    let policy = Policy {
        connect: PATIENCE,
        total: PATIENCE,
        ..Policy::default()
    };
    let response = http::send(&request, &policy).ok()?;
    let same = response.header(HEADER) == Some(content.instance.as_str());
    same.then_some(Running {
        auth: content.auth,
        api: content.api,
    })
}

fn read(path: &Path) -> Option<Content> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn path(home: &Home) -> PathBuf {
    home.data().join("state").join("sandbox.json")
}
