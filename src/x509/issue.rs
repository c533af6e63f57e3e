//! Issues self-signed certificates, and requests for others to sign, with rcgen and our own keys.

mod rcgen_key;

use aws_lc_rs::{digest, rand::SecureRandom};
use der::pem::LineEnding;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyUsagePurpose, SanType, SerialNumber,
};
use time::OffsetDateTime;

use self::rcgen_key::RcgenKey;
use super::{
    certificate::{Certificate, CertificateError},
    profile::{ExtendedKeyUsage, KeyUsage, NetscapeCertType, Profile, Subject},
    serial::Serial,
};
use crate::jose::key::{PrivateKey, PublicKey, Signer};

/// nsCertType.
const NETSCAPE_CERT_TYPE: [u64; 7] = [2, 16, 840, 1, 113_730, 1, 1];

/// A self-signed certificate for `key` by `profile`, valid from `now` for the profile's days.
/// `subject` wins over the profile's attributes; `{kid}` in them becomes `kid`.
pub fn self_signed(
    key: &PrivateKey,
    kid: &str,
    profile: &Profile,
    subject: &Subject,
    now: Timestamp,
    serial: impl Into<Serial>,
    rng: &dyn SecureRandom,
) -> Result<Certificate, CertificateError> {
    let mut params = params(kid, profile, subject)?;
    let end = now
        .checked_add(SignedDuration::from_hours(24 * i64::from(profile.days)))
        .map_err(|_| CertificateError::Time)?;
    params.not_before = calendar(now)?;
    params.not_after = calendar(end)?;
    params.serial_number = Some(SerialNumber::from_slice(serial.into().octets()));
    params.key_identifier_method = KeyIdMethod::PreSpecified(key_identifier(key.public()));
    let issued = params
        .self_signed(&RcgenKey::new(key, rng))
        .map_err(|error| CertificateError::Issue(error.to_string()))?;
    Certificate::from_der(issued.der())
}

/// A certification request for `key` (PKCS#10, RFC 2986) as PEM: subject and extensions as
/// [`self_signed`] would write them, signed by the key as proof that it is there.
pub fn request(
    key: &PrivateKey,
    kid: &str,
    profile: &Profile,
    subject: &Subject,
    rng: &dyn SecureRandom,
) -> Result<String, CertificateError> {
    let failed = |error: String| CertificateError::Issue(error);
    let request = params(kid, profile, subject)?
        .serialize_request(&RcgenKey::new(key, rng))
        .map_err(|error| failed(error.to_string()))?;
    pem_rfc7468::encode_string("CERTIFICATE REQUEST", LineEnding::LF, request.der())
        .map_err(|error| failed(error.to_string()))
}

/// What a certificate and a request for one have in common.
fn params(
    kid: &str,
    profile: &Profile,
    subject: &Subject,
) -> Result<CertificateParams, CertificateError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = name(&subject.or(&profile.subject), kid);
    params.subject_alt_names = alternatives(profile)?;
    params.is_ca = if profile.ca {
        IsCa::Ca(BasicConstraints::Unconstrained)
    } else {
        IsCa::ExplicitNoCa
    };
    params.key_usages = profile.key_usage.iter().map(Into::into).collect();
    params.extended_key_usages = profile.extended_key_usage.iter().map(Into::into).collect();
    params.custom_extensions = netscape(&profile.netscape_cert_type).into_iter().collect();
    Ok(params)
}

fn calendar(at: Timestamp) -> Result<OffsetDateTime, CertificateError> {
    OffsetDateTime::from_unix_timestamp(at.as_second()).map_err(|_| CertificateError::Time)
}

fn name(subject: &Subject, kid: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for (attribute, value) in [
        (DnType::CountryName, &subject.country),
        (DnType::StateOrProvinceName, &subject.state),
        (DnType::LocalityName, &subject.locality),
        (DnType::OrganizationName, &subject.organization),
        (DnType::OrganizationalUnitName, &subject.unit),
        (DnType::CommonName, &subject.common_name),
    ] {
        let Some(value) = value.as_deref().filter(|value| !value.is_empty()) else {
            continue;
        };
        let value = value.replace("{kid}", kid);
        // countryName is a PrintableString (RFC 5280 appendix A.1).
        let country = matches!(attribute, DnType::CountryName)
            .then(|| rcgen::string::PrintableString::try_from(value.as_str()).ok())
            .flatten();
        match country {
            Some(country) => name.push(attribute, DnValue::PrintableString(country)),
            None => name.push(attribute, value),
        }
    }
    name
}

fn alternatives(profile: &Profile) -> Result<Vec<SanType>, CertificateError> {
    let wrong = |text: &str| CertificateError::Issue(format!("{text:?} is no ASCII text"));
    let alternatives = &profile.subject_alt_name;
    let mut all = Vec::new();
    for uri in &alternatives.uri {
        all.push(SanType::URI(
            uri.as_str().try_into().map_err(|_| wrong(uri))?,
        ));
    }
    for dns in &alternatives.dns {
        all.push(SanType::DnsName(
            dns.as_str().try_into().map_err(|_| wrong(dns))?,
        ));
    }
    for email in &alternatives.email {
        all.push(SanType::Rfc822Name(
            email.as_str().try_into().map_err(|_| wrong(email))?,
        ));
    }
    all.extend(alternatives.ip.iter().map(|ip| SanType::IpAddress(*ip)));
    Ok(all)
}

/// The BIT STRING of nsCertType, its unused bits counted.
fn netscape(types: &[NetscapeCertType]) -> Option<CustomExtension> {
    let last = types.iter().map(|one| *one as u8).max()?;
    let bits = types
        .iter()
        .fold(0_u8, |bits, one| bits | 0x80 >> (*one as u8));
    let content = vec![0x03, 0x02, 7 - last, bits];
    Some(CustomExtension::from_oid_content(
        &NETSCAPE_CERT_TYPE,
        content,
    ))
}

/// SHA-1 of the key's bits (RFC 5280 section 4.2.1.2, method 1).
fn key_identifier(key: &PublicKey) -> Vec<u8> {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &key.raw())
        .as_ref()
        .to_vec()
}

impl From<&KeyUsage> for KeyUsagePurpose {
    fn from(usage: &KeyUsage) -> Self {
        match usage {
            KeyUsage::DigitalSignature => Self::DigitalSignature,
            KeyUsage::NonRepudiation => Self::ContentCommitment,
            KeyUsage::KeyEncipherment => Self::KeyEncipherment,
            KeyUsage::DataEncipherment => Self::DataEncipherment,
            KeyUsage::KeyAgreement => Self::KeyAgreement,
            KeyUsage::KeyCertSign => Self::KeyCertSign,
            KeyUsage::CrlSign => Self::CrlSign,
        }
    }
}

impl From<&ExtendedKeyUsage> for ExtendedKeyUsagePurpose {
    fn from(purpose: &ExtendedKeyUsage) -> Self {
        match purpose {
            ExtendedKeyUsage::ServerAuth => Self::ServerAuth,
            ExtendedKeyUsage::ClientAuth => Self::ClientAuth,
            ExtendedKeyUsage::CodeSigning => Self::CodeSigning,
            ExtendedKeyUsage::EmailProtection => Self::EmailProtection,
            ExtendedKeyUsage::TimeStamping => Self::TimeStamping,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;

    use super::*;
    use crate::{
        jose::pem::fixture,
        x509::bag::Bag,
        x509::{chain, validity::Validity},
    };

    fn issued(pem: &str, profile: &str) -> Certificate {
        let key = fixture::private(pem);
        let profile = Profile::named(profile, &[]).unwrap();
        let now = Timestamp::from_second(1_763_906_400).unwrap();
        let rng = SystemRandom::new();
        self_signed(
            &key,
            "k",
            &profile,
            &Subject::default(),
            now,
            [0xff; 16],
            &rng,
        )
        .unwrap()
    }

    #[test]
    fn every_key_gets_a_certificate_of_its_own_by_every_profile() {
        let keys = [
            fixture::RSA2048,
            fixture::P256,
            fixture::P384,
            fixture::P521,
            fixture::ED25519,
        ];
        for pem in keys {
            let public = fixture::private(pem).public().clone();
            for profile in ["minimal", "gooddata", "client-auth", "server", "ca"] {
                let certificate = issued(pem, profile);
                assert!(chain::belongs(&certificate, &public));
                let again = Certificate::all_from_pem(&certificate.pem()).unwrap();
                assert_eq!(again, std::slice::from_ref(&certificate));
                assert_eq!(Bag::new(&again).chain_of(&public), again);
            }
        }
    }

    #[test]
    fn a_certificate_reads_back_as_the_profile_it_was_made_by() {
        for name in ["minimal", "gooddata", "client-auth", "server", "ca"] {
            let profile = Profile::named(name, &[]).unwrap();
            let (read, left_out) = Profile::of(&issued(fixture::P256, name));
            let subject = Subject {
                common_name: Some("k".to_owned()),
                ..profile.subject.clone()
            };
            let mut expected = Profile {
                name: String::new(),
                description: String::new(),
                subject,
                ..profile
            };
            // Bits have no other order than their own.
            expected.key_usage.sort_by_key(|usage| *usage as u8);
            assert_eq!((read, left_out), (expected, Vec::new()));
        }
    }

    #[test]
    fn it_is_valid_from_now_for_the_profiles_days() {
        let certificate = issued(fixture::P256, "minimal");
        assert_eq!(certificate.not_before().to_string(), "2025-11-23T14:00:00Z");
        assert_eq!(certificate.not_after().to_string(), "2026-11-23T14:00:00Z");
        let at = |text: &str| Validity::of(&certificate, text.parse().unwrap());
        assert_eq!(at("2025-11-23T13:59:59Z"), Validity::NotYet);
        assert_eq!(at("2025-11-23T14:00:00Z"), Validity::Good { days: 365 });
        assert_eq!(at("2026-11-20T14:00:00Z"), Validity::EndsSoon { days: 3 });
        assert_eq!(at("2026-11-23T14:00:01Z"), Validity::Expired);
        let mut der = certificate.der().to_vec();
        let begin = der
            .windows(13)
            .position(|at| at == b"251123140000Z")
            .unwrap();
        der[begin..begin + 2].copy_from_slice(b"27");
        let backwards = Certificate::from_der(&der).unwrap();
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        assert_eq!(Validity::of(&backwards, now), Validity::Never);
        let left = Validity::left(&certificate, "2026-05-25T02:00:00Z".parse().unwrap());
        assert_eq!(left, 500);
    }

    #[test]
    fn an_unknown_profile_names_those_there_are() {
        assert_eq!(
            Profile::named("x", &[]).unwrap_err().to_string(),
            "no certificate profile x: there are minimal, gooddata, client-auth, server, ca"
        );
    }

    #[test]
    fn an_unknown_field_of_a_profile_is_named_with_its_place() {
        let error = Profile::parse("mine.yaml", "name: a\nday: 1\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("mine.yaml: unknown field `day`"),
            "{error}"
        );
        assert!(error.ends_with("at line 2 column 1"), "{error}");
    }
}
