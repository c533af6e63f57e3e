//! Issues self-signed certificates with rcgen and our own keys.

use aws_lc_rs::{digest, rand::SecureRandom};
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyUsagePurpose, PublicKeyData, SanType,
    SerialNumber, SignatureAlgorithm, SigningKey,
};
use time::OffsetDateTime;

use super::{
    certificate::{Certificate, CertificateError},
    profile::{ExtendedKeyUsage, KeyUsage, NetscapeCertType, Profile, Subject},
};
use crate::jose::{
    algorithm::{Algorithm, KeyType},
    key::{PrivateKey, PublicKey, Signer},
};

/// nsCertType.
const NETSCAPE_CERT_TYPE: [u64; 7] = [2, 16, 840, 1, 113_730, 1, 1];

/// A self-signed certificate for `key` by `profile`, valid from `now` for the profile's days.
/// `subject` wins over the profile's attributes; `{kid}` in them becomes `kid`. `serial` is made
/// positive (RFC 5280 section 4.1.2.2).
pub fn self_signed(
    key: &PrivateKey,
    kid: &str,
    profile: &Profile,
    subject: &Subject,
    now: Timestamp,
    mut serial: [u8; 16],
    rng: &dyn SecureRandom,
) -> Result<Certificate, CertificateError> {
    serial[0] = serial[0] & 0x7f | 0x40;
    let mut params = CertificateParams::default();
    let end = now
        .checked_add(SignedDuration::from_hours(24 * i64::from(profile.days)))
        .map_err(|_| CertificateError::Time)?;
    params.not_before = calendar(now)?;
    params.not_after = calendar(end)?;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
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
    let public = key.public();
    params.key_identifier_method = KeyIdMethod::PreSpecified(key_identifier(public));
    let signer = RcgenKey {
        key,
        der: public.raw(),
        rng,
    };
    let issued = params
        .self_signed(&signer)
        .map_err(|error| CertificateError::Issue(error.to_string()))?;
    Certificate::from_der(issued.der())
}

/// Our key as rcgen wants it.
struct RcgenKey<'a> {
    key: &'a PrivateKey,
    der: Vec<u8>,
    rng: &'a dyn SecureRandom,
}

impl PublicKeyData for RcgenKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.der
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.key.public().key_type() {
            KeyType::Rsa => &rcgen::PKCS_RSA_SHA256,
            KeyType::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            KeyType::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            KeyType::P521 => &rcgen::PKCS_ECDSA_P521_SHA512,
            KeyType::Ed25519 => &rcgen::PKCS_ED25519,
        }
    }
}

impl SigningKey for RcgenKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let key_type = self.key.public().key_type();
        let algorithm = match key_type {
            // PS keys have a plain rsaEncryption certificate too.
            KeyType::Rsa => Algorithm::Rs256,
            other => other.default_algorithm(),
        };
        let signature = self
            .key
            .sign(algorithm, message, self.rng)
            .map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(match key_type {
            KeyType::Rsa | KeyType::Ed25519 => signature,
            KeyType::P256 | KeyType::P384 | KeyType::P521 => ecdsa_der(&signature),
        })
    }
}

/// `r || s` as the `ECDSA-Sig-Value` of RFC 3279 section 2.2.3.
fn ecdsa_der(fixed: &[u8]) -> Vec<u8> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    let body = [der_integer(r), der_integer(s)].concat();
    der_value(0x30, &body)
}

fn der_integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let mut digits = number[zeros.min(number.len().saturating_sub(1))..].to_vec();
    if digits.first().is_some_and(|&first| first >= 0x80) {
        digits.insert(0, 0);
    }
    der_value(0x02, &digits)
}

/// A DER value of fewer than 256 octets, which two coordinates of 66 octets never reach.
fn der_value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let head = if length < 0x80 {
        vec![tag, length]
    } else {
        vec![tag, 0x81, length]
    };
    [head.as_slice(), content].concat()
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
            for profile in ["minimal", "gooddata"] {
                let certificate = issued(pem, profile);
                assert!(chain::belongs(&certificate, &public));
                let again = Certificate::all_from_pem(&certificate.pem()).unwrap();
                assert_eq!(again, std::slice::from_ref(&certificate));
                assert_eq!(chain::ordered(&public, &again), again);
            }
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
        let left = Validity::left(&certificate, "2026-05-25T02:00:00Z".parse().unwrap());
        assert_eq!(left, 500);
    }

    #[test]
    fn an_unknown_profile_names_those_there_are() {
        assert_eq!(
            Profile::named("x", &[]).unwrap_err().to_string(),
            "no certificate profile x: there are minimal, gooddata"
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

    #[test]
    fn an_ecdsa_signature_becomes_minimal_der() {
        assert_eq!(
            ecdsa_der(&[0, 1, 0x80, 0]),
            [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]
        );
    }
}
