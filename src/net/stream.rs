//! An answer that is read piece by piece.

use std::{io::Read as _, time::Instant};

use ureq::BodyReader;

use super::{
    error::NetError,
    http::{Patience, agent, allowed, explained, open},
    policy::Policy,
    request::{Request, Response},
    url::Url,
};

/// An answer whose body is still coming, however long it is.
pub struct Stream {
    head: Response,
    reader: BodyReader<'static>,
    url: Url,
    policy: Policy,
}

impl Stream {
    /// Sends `request` once and reads the answer's head. A redirect is an answer like any other; the
    /// policy's time counts for the head and for each piece.
    pub fn open(request: &Request, policy: &Policy) -> Result<Self, NetError> {
        let url = allowed(request, policy)?;
        let started = Instant::now();
        let agent = agent(&url, policy, Patience::ForEachPiece)?;
        let (mut head, body) = open(&agent, request, &url, policy)?;
        head.elapsed = started.elapsed();
        Ok(Self {
            head,
            reader: body.into_reader(),
            url,
            policy: policy.clone(),
        })
    }

    /// Status, headers and the time until they came; its body is empty.
    pub fn head(&self) -> &Response {
        &self.head
    }

    /// Reads the next piece into `buffer`; 0 at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, NetError> {
        self.reader
            .read(buffer)
            .map_err(|error| explained(error.into(), &self.url, &self.policy))
    }
}
