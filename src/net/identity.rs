//! What a TLS client shows a server that asks who it is (RFC 8446 section 4.4.2).

use std::{fmt, sync::Arc};

use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use ureq::tls::{Certificate, ClientCert, PrivateKey as TlsKey};

use super::error::NetError;
use crate::secret::Secret;

/// A certificate with its chain, and the key that proves it; only the TLS stack is given the key.
#[derive(Clone)]
pub struct Identity {
    /// DER, leaf first.
    chain: Arc<[Vec<u8>]>,
    /// PKCS#8 in PEM.
    key: Secret<String>,
}

impl Identity {
    /// `chain` is DER, leaf first, and `key` PKCS#8 in PEM. A key that TLS does not sign with, and one that is another than
    /// the leaf's, is refused here: no handshake would get through.
    pub fn new(chain: Vec<Vec<u8>>, key: Secret<String>) -> Result<Self, NetError> {
        let unusable = |why: String| NetError::Identity { why };
        let certificates = chain.iter().cloned().map(CertificateDer::from).collect();
        // The TLS stack keeps the key for as long as a connection lives.
        let der = PrivateKeyDer::from_pem_slice(key.expose().as_bytes());
        let der = der.map_err(|error| unusable(error.to_string()))?;
        let provider = aws_lc_rs::default_provider();
        CertifiedKey::from_der(certificates, der, &provider)
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            chain: chain.into(),
            key,
        })
    }

    /// As the HTTP client takes it.
    pub(super) fn for_tls(&self) -> Result<ClientCert, NetError> {
        let key =
            TlsKey::from_pem(self.key.expose().as_bytes()).map_err(|error| NetError::Identity {
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
