//! Panel 5: the clients, and the way of each from its key to an API's answer.

mod way;

use std::{collections::HashMap, path::Path};

pub use self::way::{ApiAnswer, Way};
use super::{
    effect::Subject,
    keys_panel::{Filter, filter::ranked_within},
    register_panel::Standing,
    scroll::Scroll,
    state::State,
    task::TaskId,
};
use crate::{
    config::settings::{ClientServer, ClientSettings},
    keystore::record::Record,
    oauth::{call::Call, client::Client, inquiry::Inquiry, key_place::KeyPlace, step::Step},
    registry::{book::SANDBOX, sandbox_client},
};

/// The panel.
#[derive(Debug, Default)]
pub struct ClientsPanel {
    /// The client under the cursor, of those that match the filter.
    pub scroll: Scroll,
    /// What is looked for among the clients.
    pub filter: Option<Filter>,
    pub part: Part,
    /// The step under the cursor.
    pub step: Scroll,
    /// How far what a step is made of is scrolled, with the client and the step: any other begins at
    /// its top.
    scrolled: Option<(String, usize, Scroll)>,
    /// By client.
    ways: HashMap<String, Way>,
    /// What waits for the passphrase, or for a word on its key.
    pub waiting: Option<Asked>,
}

/// Which part of the panel has the cursor.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Part {
    #[default]
    Clients,
    /// What a step is made of.
    Details,
    Steps,
}

/// Something that was asked for and confirmed where that is needed.
#[derive(Clone, Debug)]
pub enum Asked {
    Call {
        client: String,
        call: Box<Call>,
    },
    Exchange {
        client: String,
        /// The token that is exchanged, where it is not for the client itself.
        subject: Option<Subject>,
    },
    /// For keys to choose from and import: no client asks.
    Import(KeyPlace),
    /// About the access token at hand.
    Inquire {
        client: String,
        inquiry: Inquiry,
    },
    /// For keys to check a token with: no client asks.
    Keys(KeyPlace),
    Remove {
        client: String,
    },
}

/// A client in the list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    pub name: String,
    /// Unknown for the sandbox's own client as long as no key is registered there.
    pub settings: Option<ClientSettings>,
    pub place: Place,
}

/// Where a client is defined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// In a file that keyfob wrote.
    Added(String),
    /// By the sandbox.
    BuiltIn,
    /// In a file of the user's own.
    Own(String),
}

impl ClientsPanel {
    /// The way of a client.
    pub fn way(&self, name: &str) -> Option<&Way> {
        self.ways.get(name)
    }

    /// The way that a piece of work goes.
    pub fn way_of(&mut self, task: TaskId) -> Option<(&str, &mut Way)> {
        let mut ways = self.ways.iter_mut();
        ways.find(|(_, way)| way.under_way == Some(task))
            .map(|(name, way)| (name.as_str(), way))
    }

    /// The way of a client, to change it.
    pub fn way_mut(&mut self, name: &str) -> &mut Way {
        self.ways.entry(name.to_owned()).or_default()
    }

    pub fn ways(&self) -> impl Iterator<Item = &Way> {
        self.ways.values()
    }

    /// Scrolls what a step of a client is made of.
    pub fn scroll_details(&mut self, (client, step): (String, usize), scroll: Scroll) {
        self.scrolled = Some((client, step, scroll));
    }

    /// Forgets a client that is gone.
    pub fn forget(&mut self, name: &str) {
        self.ways.remove(name);
        self.part = Part::Clients;
    }

    /// Forgets every token; what is masked stays.
    pub fn forget_tokens(&mut self) {
        self.ways.values_mut().for_each(Way::forget_tokens);
    }
}

impl State {
    /// Every client: the sandbox's own first, unless a file has one of that name.
    pub fn clients(&self) -> Vec<Row> {
        let settings = &self.configuration.settings;
        let configured = settings.clients.iter().map(|(name, client)| {
            let file = settings.client_files.get(name).cloned().unwrap_or_default();
            Row {
                name: name.clone(),
                settings: Some(client.clone()),
                place: Place::of(file, name),
            }
        });
        let built_in = (!settings.clients.contains_key(SANDBOX)).then(|| Row {
            name: SANDBOX.to_owned(),
            settings: self.sandbox_client().map(|client| client.settings),
            place: Place::BuiltIn,
        });
        built_in.into_iter().chain(configured).collect()
    }

    /// The clients that match the filter, the best first; without one all of them.
    pub fn shown_clients(&self) -> Vec<Row> {
        let rows = self.clients();
        let filter = self.clients.filter.as_ref();
        let pattern = filter.map_or("", |filter| filter.line.text().trim());
        if pattern.is_empty() {
            return rows;
        }
        let found = ranked_within(pattern, rows.len(), |place| rows[place].columns());
        let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
        let found = found.into_iter();
        found
            .filter_map(|place| rows.get_mut(place)?.take())
            .collect()
    }

    /// The client under the cursor.
    pub fn client(&self) -> Option<Row> {
        self.shown_clients().into_iter().nth(self.clients.scroll.0)
    }

    /// The key of a client.
    pub fn client_key(&self, settings: &ClientSettings) -> Option<&Record> {
        self.key_called(settings.key.as_deref()?)
    }

    /// The key of the list with that `kid`.
    pub fn key_called(&self, kid: &str) -> Option<&Record> {
        let mut records = self.keys.records();
        records.find(|record| record.kid == kid).map(AsRef::as_ref)
    }

    /// The step under the cursor, where steps have it.
    pub fn step(&self) -> Option<&Step> {
        let row = self
            .client()
            .filter(|_| self.clients.part != Part::Clients)?;
        let way = self.clients.way(&row.name)?;
        way.steps.get(self.clients.step.0)
    }

    /// The step that panel 5 shows whole: that under the cursor, and while the clients have it the
    /// one that tells most.
    pub fn shown_step(&self) -> Option<&Step> {
        let (client, place) = self.shown_place()?;
        self.clients.way(&client)?.steps.get(place)
    }

    /// The client and the place among its steps of the step that is shown whole.
    pub fn shown_place(&self) -> Option<(String, usize)> {
        let row = self.client()?;
        let way = self.clients.way(&row.name)?;
        let place = match self.clients.part {
            Part::Details | Part::Steps => self.clients.step.0,
            Part::Clients => way.telling_step(),
        };
        Some((row.name, place))
    }

    /// How far what the step is made of that is shown whole is scrolled.
    pub fn details_scroll(&self) -> Scroll {
        let scrolled = self.clients.scrolled.as_ref();
        match (self.shown_place(), scrolled) {
            (Some((client, step)), Some((of, at, scroll))) if (&client, &step) == (of, at) => {
                *scroll
            }
            _ => Scroll::default(),
        }
    }

    /// The client of the key that was registered last at the sandbox that runs.
    fn sandbox_client(&self) -> Option<Client> {
        let running = &self.sandbox.at_hand.as_ref()?.running;
        let records = self.keys.records().map(AsRef::as_ref);
        let mut noted = sandbox_client::noted(records).into_iter();
        let found = noted.find(|(_, record)| {
            let standing = self.standing(record.thumbprint(), record, SANDBOX);
            standing.is_registered() || standing == Standing::UnderWay
        });
        let noted = found.map(|(registration, record)| (registration.id.as_str(), record));
        // What has just been registered is noted in a moment.
        let (id, record) = noted.or_else(|| {
            let mut seen = self.register.seen_at(SANDBOX);
            seen.find_map(|(thumbprint, id)| Some((id, self.keys.record(&thumbprint)?.as_ref())))
        })?;
        Some(sandbox_client::client(&running.auth, id, record))
    }
}

impl Row {
    /// What the filter looks in.
    fn columns(&self) -> Vec<String> {
        let mut columns = vec![self.name.clone()];
        if let Some(settings) = &self.settings {
            let (ClientServer::Issuer(url) | ClientServer::TokenUrl(url)) = &settings.server;
            columns.extend([url, &settings.client_id].map(Clone::clone));
            columns.extend(settings.key.clone());
        }
        columns
    }
}

impl Place {
    /// What keyfob adds lies in a file named after the client.
    fn of(file: String, name: &str) -> Self {
        let path = Path::new(&file);
        let added = format!("client-{name}.yaml");
        if path.ends_with(Path::new("config.d").join(added)) {
            Self::Added(file)
        } else {
            Self::Own(file)
        }
    }
}

impl Asked {
    /// Whose act it is.
    pub fn client(&self) -> Option<&str> {
        match self {
            Self::Call { client, .. }
            | Self::Exchange { client, .. }
            | Self::Inquire { client, .. }
            | Self::Remove { client } => Some(client),
            Self::Import(_) | Self::Keys(_) => None,
        }
    }
}
