//! Certificates of TLS servers, good ones and bad ones, made anew for each test.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    ConfigBuilder, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme,
    WantsVerifier,
    client::danger::HandshakeSignatureValid,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    Expired,
    None,
    NotYetValid,
    /// Nobody issued it but itself.
    SelfSigned,
    WrongHost,
}

/// Whose certificates a server takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Clients {
    /// Those that its own authority issued; nobody without one is spoken to.
    Issued,
    /// Anybody's, and nobody's: what becomes of it, the answer says.
    Unknown,
}

/// A certification authority of one test.
pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = named("the authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        Self {
            pem: params.self_signed(&key).unwrap().pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Its own certificate: what a `ca_file` holds.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A client's key and its certificate, both PEM.
    pub(crate) fn client(&self, name: &str) -> String {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = named(name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        (params.not_before, params.not_after) =
            (date_time_ymd(2020, 1, 1), date_time_ymd(2100, 1, 1));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        key.serialize_pem() + &certificate.pem()
    }

    /// How a server for `localhost` answers a handshake.
    pub(crate) fn server(&self, flaw: Flaw) -> Arc<ServerConfig> {
        let (chain, key) = self.identity(flaw);
        let config = builder().with_no_client_auth();
        Arc::new(config.with_single_cert(chain, key).unwrap())
    }

    /// How one answers that asks its clients who they are.
    pub(crate) fn asking(&self, clients: Clients) -> Arc<ServerConfig> {
        let verifier: Arc<dyn ClientCertVerifier> = match clients {
            Clients::Issued => {
                let mut roots = RootCertStore::empty();
                let der = CertificateDer::from_pem_slice(self.pem.as_bytes());
                roots.add(der.unwrap()).unwrap();
                let provider = Arc::new(aws_lc_rs::default_provider());
                let built = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
                built.build().unwrap()
            }
            Clients::Unknown => Arc::new(Curious),
        };
        let (chain, key) = self.identity(Flaw::None);
        let config = builder().with_client_cert_verifier(verifier);
        Arc::new(config.with_single_cert(chain, key).unwrap())
    }

    fn identity(&self, flaw: Flaw) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let name = match flaw {
            Flaw::WrongHost => "elsewhere.example",
            _ => "localhost",
        };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name = named(name);
        (params.not_before, params.not_after) = match flaw {
            Flaw::Expired => (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1)),
            Flaw::NotYetValid => (date_time_ymd(2090, 1, 1), date_time_ymd(2100, 1, 1)),
            _ => (date_time_ymd(2020, 1, 1), date_time_ymd(2100, 1, 1)),
        };
        let key = KeyPair::generate().unwrap();
        let certificate = match flaw {
            Flaw::SelfSigned => params.self_signed(&key),
            _ => params.signed_by(&key, &self.issuer),
        };
        let chain: Vec<CertificateDer<'static>> = vec![certificate.unwrap().der().clone()];
        (chain, PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }
}

fn builder() -> ConfigBuilder<ServerConfig, WantsVerifier> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
}

/// Asks for a certificate, takes any or none, and has its key proved.
#[derive(Debug)]
struct Curious;

impl ClientCertVerifier for Curious {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[rustls::DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = aws_lc_rs::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = aws_lc_rs::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let known = aws_lc_rs::default_provider().signature_verification_algorithms;
        known.supported_schemes()
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}
