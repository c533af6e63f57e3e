//! What a TLS client shows a server that asks who it is (RFC 8446 section 4.4.2).

use std::{fmt, sync::Arc};

use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};
use ureq::tls::{Certificate, ClientCert, PrivateKey as TlsKey};

use super::error::NetError;
use crate::jose::key::PrivateKey;

/// A certificate with its chain, and the key that proves it; only the TLS stack is given the key.
#[derive(Clone)]
pub struct Identity {
    /// DER, leaf first.
    chain: Arc<[Vec<u8>]>,
    key: PrivateKey,
}

impl Identity {
    /// `chain` is DER, leaf first. A key that TLS does not sign with, and one that is another than
    /// the leaf's, is refused here: no handshake would get through.
    pub fn new(chain: Vec<Vec<u8>>, key: &PrivateKey) -> Result<Self, NetError> {
        let wrong = |error: rustls::Error| NetError::Identity {
            why: error.to_string(),
        };
        let unusable = |why: &'static str| NetError::Identity {
            why: why.to_owned(),
        };
        let certificates = chain.iter().cloned().map(CertificateDer::from).collect();
        // The TLS stack takes the key as DER, and keeps it for as long as a connection lives.
        let der = PrivateKeyDer::try_from(key.pkcs8_der().expose().as_slice()).map_err(unusable)?;
        let provider = aws_lc_rs::default_provider();
        CertifiedKey::from_der(certificates, der.clone_key(), &provider).map_err(wrong)?;
        Ok(Self {
            chain: chain.into(),
            key: key.clone(),
        })
    }

    /// As the HTTP client takes it.
    pub(super) fn for_tls(&self) -> Result<ClientCert, NetError> {
        let pem = self.key.pkcs8_pem();
        let key =
            TlsKey::from_pem(pem.expose().as_bytes()).map_err(|error| NetError::Identity {
                why: error.to_string(),
            })?;
        let chain = self.chain.iter();
        let chain: Vec<Certificate<'static>> = chain
            .map(|der| Certificate::from_der(der).to_owned())
            .collect();
        Ok(ClientCert::new_with_certs(&chain, key))
    }
}

/// One certificate, one key: the chain says whose it is.
impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.chain == other.chain
    }
}

impl Eq for Identity {}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity of {} certificates", self.chain.len())
    }
}
