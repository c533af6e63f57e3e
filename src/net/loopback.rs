//! Names that stay on this machine, wherever the name server says that they lead.

use std::{error::Error, fmt, net::IpAddr};

use ureq::{
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};

/// Finds a host as the system does, and refuses one that leads anywhere but to loopback. What it
/// returns is what is connected to: nobody is asked a second time.
#[derive(Debug, Default)]
pub(super) struct LoopbackResolver(DefaultResolver);

/// A name of this machine that leads to another one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct LeadsAway(pub(super) IpAddr);

impl Resolver for LoopbackResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        match leads_away(found.iter().map(std::net::SocketAddr::ip)) {
            Some(away) => Err(ureq::Error::Other(Box::new(away))),
            None => Ok(found),
        }
    }
}

impl fmt::Display for LeadsAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it leads to {}", self.0)
    }
}

impl Error for LeadsAway {}

/// The first address of another machine.
fn leads_away(addresses: impl IntoIterator<Item = IpAddr>) -> Option<LeadsAway> {
    let mut addresses = addresses.into_iter();
    addresses
        .find(|address| !address.to_canonical().is_loopback())
        .map(LeadsAway)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_of_another_machine_is_one_too_many() {
        for (addresses, expected) in [
            (&["127.0.0.1", "::1"][..], None),
            (&["127.9.9.9", "::ffff:127.0.0.1"], None),
            (&["127.0.0.1", "192.0.2.7", "192.0.2.8"], Some("192.0.2.7")),
            (&["0.0.0.0"], Some("0.0.0.0")),
            (&["::"], Some("::")),
            (&["::ffff:192.0.2.7"], Some("::ffff:192.0.2.7")),
        ] {
            let addresses = addresses.iter().map(|text| text.parse().unwrap());
            let expected = expected.map(|text| LeadsAway(text.parse().unwrap()));
            assert_eq!(leads_away(addresses), expected);
        }
    }
}
