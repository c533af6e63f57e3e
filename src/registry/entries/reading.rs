//! Reading keys: one by its id, or all of them page by page.

use std::collections::HashSet;

use serde_json::{Value, value::RawValue};

use super::{
    super::{
        answer::RemoteKey,
        error::RegistryError,
        preset::{Expectation, List, Read, Until},
        talk::raw,
    },
    Conversation,
};
use crate::net::request::{Request, Response};

/// The most pages that are read of one list: a service that never ends one is left alone.
const MOST_PAGES: u32 = 1_000;

impl<'a> Conversation<'a> {
    pub(super) fn keys(&mut self) -> Result<Vec<RemoteKey>, RegistryError> {
        let Some(list) = &self.entries.list else {
            return Err(self.talk.endpoint.cannot("list its keys"));
        };
        let mut keys: Vec<RemoteKey> = Vec::new();
        let mut seen = HashSet::new();
        let before = self.talk.exchanges.len();
        let first = list.pages.as_ref().map_or(0, |pages| pages.first);
        self.first(list);
        let mut request = self.talk.request(&list.request);
        for page in (first..).take(MOST_PAGES as usize) {
            let response = self.talk.send(request)?;
            let mut on_page = self.page(list, &response)?;
            // A service that takes no page number answers the same page for ever.
            on_page.retain(|found| seen.insert(found.id.clone()));
            if on_page.is_empty() {
                break;
            }
            keys.extend(on_page);
            // Pages are told one by one: what was read is not kept.
            self.talk.exchanges.truncate(before);
            match self.next_page(list, &response, page + 1) {
                Some(next) => request = next,
                None => break,
            }
        }
        if list.key.is_none() {
            return keys.into_iter().map(|found| self.whole(found)).collect();
        }
        Ok(keys)
    }

    /// A key of a list that shows no keys, read.
    pub(super) fn whole(&mut self, found: RemoteKey) -> Result<RemoteKey, RegistryError> {
        match self.read(&found.id)? {
            Some(whole) => Ok(whole),
            None => Ok(found),
        }
    }

    /// Fills in what the first page is asked for with.
    pub(super) fn first(&mut self, list: &List) {
        let first = list.pages.as_ref().map_or(0, |pages| pages.first);
        self.talk.filling.set_text("page", &first.to_string());
        self.talk.filling.set_text("cursor", "");
    }

    pub(super) fn next_page(
        &mut self,
        list: &List,
        response: &Response,
        page: u32,
    ) -> Option<Request> {
        let pages = list.pages.as_ref()?;
        match pages.until {
            Until::Empty => self.talk.filling.set_text("page", &page.to_string()),
            Until::NoCursor => {
                let at = pages.cursor.as_ref()?;
                let cursor = at
                    .text(raw(response)?)
                    .filter(|cursor| !cursor.is_empty())?;
                self.talk.filling.set_text("cursor", &cursor);
            }
            Until::NoLink => {
                let url = response.next_link(&self.talk.endpoint.url)?;
                return Some(Request {
                    url,
                    ..self.talk.request(&list.request)
                });
            }
        }
        Some(self.talk.request(&list.request))
    }

    /// The keys on a page of the list.
    pub(super) fn page(
        &mut self,
        list: &List,
        response: &Response,
    ) -> Result<Vec<RemoteKey>, RegistryError> {
        if !list.success.contains(&response.status) {
            return Err(self.talk.refused(response));
        }
        let document = raw(response);
        let items = document.and_then(|document| {
            // A list without entries may leave out the array.
            let is_empty = document.get().trim() == "{}";
            list.items
                .items(document)
                .or_else(|| is_empty.then(Vec::new))
        });
        let Some(items) = items else {
            return Err(self.talk.unreadable(response));
        };
        let ours = self.talk.ours;
        let found = |item| {
            let id = list.id.text(item).unwrap_or_default();
            let remote = match &list.key {
                Some(place) => place.read(id, item, ours),
                None => RemoteKey {
                    id,
                    jwk: Err("its list shows no keys".to_owned()),
                    claimed: None,
                    unmet: Vec::new(),
                },
            };
            RemoteKey {
                unmet: unmet(&list.expect, item),
                ..remote
            }
        };
        Ok(items.into_iter().map(found).collect())
    }

    /// How a key is read, where the endpoint says where.
    pub(super) fn reads(&self) -> Option<&'a Read> {
        let read = self.entries.read.as_ref()?;
        let path = read.request.path.as_ref();
        let is_said = path.is_none_or(|path| {
            let mut holes = path.holes();
            !path.is_one_hole() || holes.any(|name| self.talk.filling.has(name))
        });
        is_said.then_some(read)
    }

    /// The key `id`, read by itself or looked for in the list.
    pub(super) fn read(&mut self, id: &str) -> Result<Option<RemoteKey>, RegistryError> {
        self.talk.filling.set_text("id", id);
        let Some(read) = self.reads() else {
            if self.entries.list.is_none() {
                return Err(self.talk.endpoint.cannot("read a key back"));
            }
            let keys = self.keys()?;
            let found = keys.into_iter().find(|found| found.id == id);
            return Ok(found);
        };
        let response = self.talk.send(self.talk.request(&read.request))?;
        if self.entries.absent.statuses.contains(&response.status) {
            return Ok(None);
        }
        if !read.success.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        let Some(answer) = raw(&response) else {
            return Err(self.talk.unreadable(&response));
        };
        let mut found = RemoteKey {
            unmet: unmet(&read.expect, answer),
            ..read.key.read(id.to_owned(), answer, self.talk.ours)
        };
        self.confirm(&mut found)?;
        Ok(Some(found))
    }

    /// Asks whether the key is in use, where a further request says so.
    pub(super) fn confirm(&mut self, found: &mut RemoteKey) -> Result<(), RegistryError> {
        let Some(confirm) = self
            .entries
            .read
            .as_ref()
            .and_then(|read| read.confirm.as_ref())
        else {
            return Ok(());
        };
        if found.unmet.contains(&confirm.name) {
            return Ok(());
        }
        let response = self.talk.send(self.talk.request(&confirm.request))?;
        if !confirm.success.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        let items = raw(&response).and_then(|answer| confirm.items.items(answer));
        let in_use = items.unwrap_or_default().into_iter();
        let mut ids = in_use.filter_map(|item| confirm.id.text(item));
        if !ids.any(|id| id == found.id) {
            found.unmet.push(confirm.name.clone());
        }
        Ok(())
    }
}

/// What is not as it has to be for a key to be in use.
fn unmet(expected: &[Expectation], answer: &RawValue) -> Vec<String> {
    let is_met = |each: &&Expectation| match each.at.find(answer) {
        None => true,
        Some(found) => {
            serde_json::from_str::<Value>(found.get()).is_ok_and(|found| found == each.is)
        }
    };
    let unmet = expected.iter().filter(|each| !is_met(each));
    unmet.map(|each| each.name.clone()).collect()
}
