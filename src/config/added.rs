//! What keyfob adds to the configuration: one file a thing in `config.d/`, in the schema of
//! `config.yaml`. A file that somebody else wrote, or changed since, is left alone.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde_yaml::{Mapping, Value};

use super::{
    home::Home,
    settings::{Settings, SettingsError},
};
use crate::disk::{self, Existing};

/// The longest name: it becomes the name of a file.
const LONGEST: usize = 100;

/// The first line of every file that keyfob adds.
const MARK: &str = "# keyfob wrote this file. Change it by hand, and keyfob leaves it alone.\n";

/// A section that things are added to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Section {
    Clients,
    Endpoints,
}

/// Why nothing was added, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum AddedError {
    /// The disk said no.
    #[error("cannot {what} {}: {error}", path.display())]
    Disk {
        what: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    /// A name that no file can carry.
    #[error(
        "{name:?} is no name for {section}: write 1 to 100 of A–Z a–z 0–9 . _ -, not beginning \
         with . or -"
    )]
    Name { section: Section, name: String },
    /// There is none, or it stands in a file of the user's own.
    #[error("{} holds no {name} that keyfob added: change it where it stands", path.display())]
    NotAdded { name: String, path: PathBuf },
    /// Somebody changed the file since keyfob wrote it.
    #[error("{} was changed by hand: change it there, or remove it", .0.display())]
    NotOurs(PathBuf),
    /// It cannot be read back.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A file of that name is there.
    #[error("there is {} already: choose another name, or remove it", .0.display())]
    Taken(PathBuf),
}

/// Adds `entry` as `name`, if all files together can be read with it. Returns the file.
pub fn add(
    home: &Home,
    section: Section,
    name: &str,
    entry: &Mapping,
) -> Result<PathBuf, AddedError> {
    let path = path(home, section, name)?;
    let text = rendered(section, name, entry);
    Settings::load_with(home, &path.display().to_string(), &text)?;
    ensure_folder(path.parent().unwrap_or(Path::new(".")))?;
    match disk::write(&path, text.as_bytes(), Existing::Refuse) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(AddedError::Taken(path)),
        written => written.map_err(failed("write", &path)).map(|()| path),
    }
}

/// Puts `entry` in the place of what keyfob added as `name`. Returns the file.
pub fn replace(
    home: &Home,
    section: Section,
    name: &str,
    entry: &Mapping,
) -> Result<PathBuf, AddedError> {
    let path = path(home, section, name)?;
    check_ours(&path, section, name)?;
    let text = rendered(section, name, entry);
    Settings::load_with(home, &path.display().to_string(), &text)?;
    disk::write(&path, text.as_bytes(), Existing::Replace).map_err(failed("write", &path))?;
    Ok(path)
}

/// Takes away what keyfob added as `name`. Returns the file that was.
pub fn remove(home: &Home, section: Section, name: &str) -> Result<PathBuf, AddedError> {
    let path = path(home, section, name)?;
    check_ours(&path, section, name)?;
    disk::remove(&path).map_err(failed("remove", &path))?;
    Ok(path)
}

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Endpoints => "endpoints",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Clients => "client",
            Self::Endpoints => "endpoint",
        }
    }
}

/// `a client`, `an endpoint`.
impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clients => "a client",
            Self::Endpoints => "an endpoint",
        })
    }
}

/// `config.d/endpoint-NAME.yaml`
fn path(home: &Home, section: Section, name: &str) -> Result<PathBuf, AddedError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !(1..=LONGEST).contains(&name.len())
        || !name.bytes().all(allowed)
        || name.starts_with(['.', '-'])
    {
        return Err(AddedError::Name {
            section,
            name: name.chars().take(40).collect(),
        });
    }
    let file = format!("{}-{name}.yaml", section.prefix());
    Ok(home.config().join("config.d").join(file))
}

fn rendered(section: Section, name: &str, entry: &Mapping) -> String {
    let text = |text: &str| Value::String(text.to_owned());
    let one = |name: &str, value: Value| Mapping::from_iter([(text(name), value)]);
    let entries = one(name, Value::Mapping(entry.clone()));
    body(&one(section.name(), Value::Mapping(entries)))
}

fn body(document: &Mapping) -> String {
    // A mapping of texts, numbers and truth values is always YAML.
    let yaml = serde_yaml::to_string(document).unwrap_or_default();
    format!("{MARK}{yaml}")
}

/// A file is ours as long as it is to the letter what keyfob would write.
fn check_ours(path: &Path, section: Section, name: &str) -> Result<(), AddedError> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(AddedError::NotAdded {
                name: name.to_owned(),
                path: path.parent().unwrap_or(path).to_owned(),
            });
        }
        read => read.map_err(failed("read", path))?,
    };
    let holds_it = |document: &Mapping| {
        let section = document.get(section.name()).and_then(Value::as_mapping);
        section.is_some_and(|entries| entries.len() == 1 && entries.contains_key(name))
    };
    match serde_yaml::from_str::<Mapping>(&text) {
        Ok(document) if holds_it(&document) && body(&document) == text => Ok(()),
        _ => Err(AddedError::NotOurs(path.to_owned())),
    }
}

fn ensure_folder(folder: &Path) -> Result<(), AddedError> {
    disk::make_folder(folder).map_err(failed("create", folder))
}

fn failed(what: &'static str, path: &Path) -> impl Fn(io::Error) -> AddedError {
    let path = path.to_owned();
    move |error| AddedError::Disk {
        what,
        path: path.clone(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, os::unix::fs::MetadataExt, time::Duration};

    use tempfile::TempDir;

    use super::*;
    use crate::{
        config::settings::{
            AssertionHeader, Audience, Binding, ClientAuth, ClientServer, ClientSettings,
            EndpointSettings, Grant, SecretSource,
        },
        jose::algorithm::Algorithm,
    };

    fn home() -> (TempDir, Home) {
        let folder = TempDir::new().unwrap();
        let home = Home::at(&folder.path().join("home"));
        (folder, home)
    }

    fn endpoint(url: &str) -> EndpointSettings {
        EndpointSettings {
            preset: "gooddata".to_owned(),
            url: url.to_owned(),
            token: Some(SecretSource::Sealed("endpoint-acme".to_owned())),
            ca_file: Some("/etc/ca: of #1.pem".into()),
            allow_http: true,
            timeout: Some(Duration::from_secs(90)),
            scope: Some("read: 'all'".to_owned()),
            values: BTreeMap::from([("app".to_owned(), "0012".to_owned())]),
        }
    }

    #[test]
    fn what_is_added_is_read_back_as_it_was_from_a_file_that_nobody_else_reads() {
        let (_folder, home) = home();
        for source in [
            SecretSource::Sealed("true".to_owned()),
            SecretSource::Env("A_TOKEN".to_owned()),
            SecretSource::Command(vec!["pass".to_owned(), "show".to_owned(), "1".to_owned()]),
        ] {
            let mut settings = endpoint("https://acme.example");
            settings.token = Some(source);
            let path = add(&home, Section::Endpoints, "acme", &settings.to_yaml()).unwrap();
            assert!(path.ends_with("config.d/endpoint-acme.yaml"));
            assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
            let read = Settings::load(&home).unwrap();
            assert_eq!(read.endpoints["acme"], settings);
            assert_eq!(read.endpoint_files["acme"], path.display().to_string());
            remove(&home, Section::Endpoints, "acme").unwrap();
            assert_eq!(Settings::load(&home).unwrap(), Settings::default());
        }
    }

    #[test]
    fn a_file_that_somebody_changed_is_neither_overwritten_nor_removed() {
        let (_folder, home) = home();
        let entry = endpoint("https://acme.example").to_yaml();
        let path = add(&home, Section::Endpoints, "acme", &entry).unwrap();
        for changed in [
            format!("{}# mine\n", fs::read_to_string(&path).unwrap()),
            "endpoints:\n  acme: {preset: gooddata, url: https://acme.example}\n".to_owned(),
        ] {
            fs::write(&path, &changed).unwrap();
            let expected = format!(
                "{} was changed by hand: change it there, or remove it",
                path.display()
            );
            for refused in [
                replace(&home, Section::Endpoints, "acme", &entry),
                remove(&home, Section::Endpoints, "acme"),
            ] {
                assert_eq!(refused.unwrap_err().to_string(), expected);
            }
            let again = add(&home, Section::Endpoints, "acme", &entry).unwrap_err();
            assert!(matches!(again, AddedError::Taken(_)), "{again}");
            assert_eq!(fs::read_to_string(&path).unwrap(), changed);
        }
    }

    #[test]
    fn a_name_of_another_file_is_refused_with_that_file() {
        let (_folder, home) = home();
        fs::create_dir_all(home.config()).unwrap();
        let own = home.config().join("config.yaml");
        let yaml = "endpoints:\n  acme: {preset: gooddata, url: https://acme.example}\n";
        fs::write(&own, yaml).unwrap();
        let entry = endpoint("https://acme.example").to_yaml();
        let taken = add(&home, Section::Endpoints, "acme", &entry).unwrap_err();
        assert!(
            taken
                .to_string()
                .contains(&format!("acme is defined in {} too", own.display())),
            "{taken}"
        );
        let unknown = remove(&home, Section::Endpoints, "acme").unwrap_err();
        assert!(matches!(unknown, AddedError::NotAdded { .. }), "{unknown}");
    }

    #[test]
    fn what_cannot_be_read_back_is_not_written() {
        let (_folder, home) = home();
        let mut wrong = endpoint("http://acme.example");
        wrong.allow_http = false;
        assert!(add(&home, Section::Endpoints, "acme", &wrong.to_yaml()).is_err());
        assert!(!home.config().join("config.d").exists());
        for name in ["", "../x", ".x", "-x", "a b", "a/b", &"a".repeat(101)] {
            let entry = endpoint("https://acme.example").to_yaml();
            assert!(
                matches!(
                    add(&home, Section::Endpoints, name, &entry),
                    Err(AddedError::Name { .. })
                ),
                "{name}"
            );
        }
    }

    #[test]
    fn a_client_is_read_back_as_it_was() {
        let (_folder, home) = home();
        let issuer = ClientServer::Issuer("https://idp.example".to_owned());
        let url = ClientServer::TokenUrl("https://idp.example/token".to_owned());
        let claims = serde_json::json!({"n": 5, "f": 0.5, "t": "true", "a": [{"b": null}]});
        let full = ClientSettings {
            algorithm: Some(Algorithm::Ps256),
            audience: Audience::Text("5".to_owned()),
            lifetime: Duration::from_secs(300),
            scope: Some("read".to_owned()),
            resource: Some("https://api.example/".to_owned()),
            request_audience: Some("api: #1".to_owned()),
            extra: BTreeMap::from([("scopes".to_owned(), "openid".to_owned())]),
            header: vec![AssertionHeader::X5tS256],
            claims: claims.as_object().unwrap().clone(),
            auth: ClientAuth::ClientSecretBasic,
            secret: Some(SecretSource::Sealed("true".to_owned())),
            grant: Grant::JwtBearer,
            subject: Some("8".to_owned()),
            bind: Some(Binding::Dpop),
            dpop_key: Some("no".to_owned()),
            ca_file: Some("/ca.pem".into()),
            allow_http: true,
            ..ClientSettings::new(url, "7", "k")
        };
        for client in [ClientSettings::new(issuer, "b", "k"), full] {
            add(&home, Section::Clients, "b", &client.to_yaml()).unwrap();
            assert_eq!(Settings::load(&home).unwrap().clients["b"], client);
            remove(&home, Section::Clients, "b").unwrap();
        }
    }

    #[test]
    fn a_change_takes_the_place_of_what_was_added() {
        let (_folder, home) = home();
        let before = endpoint("https://acme.example").to_yaml();
        add(&home, Section::Endpoints, "acme", &before).unwrap();
        let after = endpoint("https://acme.test");
        replace(&home, Section::Endpoints, "acme", &after.to_yaml()).unwrap();
        let read = Settings::load(&home).unwrap();
        assert_eq!(read.endpoints["acme"], after);
    }
}
