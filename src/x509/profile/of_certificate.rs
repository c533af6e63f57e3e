//! A profile read back from a certificate, so that the next one can say the same.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use der::Decode;
use x509_cert::ext::{
    Extension,
    pkix::{self, name::GeneralName},
};

use super::{ExtendedKeyUsage, KeyUsage, NetscapeCertType, Profile, Subject, SubjectAltName};
use crate::x509::{
    certificate::Certificate,
    details::{Details, DistinguishedName},
};

/// The bits of keyUsage in their order (RFC 5280 section 4.2.1.3).
const KEY_USAGES: [KeyUsage; 7] = [
    KeyUsage::DigitalSignature,
    KeyUsage::NonRepudiation,
    KeyUsage::KeyEncipherment,
    KeyUsage::DataEncipherment,
    KeyUsage::KeyAgreement,
    KeyUsage::KeyCertSign,
    KeyUsage::CrlSign,
];

const PURPOSES: [(&str, ExtendedKeyUsage); 5] = [
    ("1.3.6.1.5.5.7.3.1", ExtendedKeyUsage::ServerAuth),
    ("1.3.6.1.5.5.7.3.2", ExtendedKeyUsage::ClientAuth),
    ("1.3.6.1.5.5.7.3.3", ExtendedKeyUsage::CodeSigning),
    ("1.3.6.1.5.5.7.3.4", ExtendedKeyUsage::EmailProtection),
    ("1.3.6.1.5.5.7.3.8", ExtendedKeyUsage::TimeStamping),
];

const NETSCAPE_CERT_TYPES: [NetscapeCertType; 7] = [
    NetscapeCertType::Client,
    NetscapeCertType::Server,
    NetscapeCertType::Email,
    NetscapeCertType::ObjectSigning,
    NetscapeCertType::SslCa,
    NetscapeCertType::EmailCa,
    NetscapeCertType::ObjectSigningCa,
];

impl Profile {
    /// What `certificate` says, without a name, and what of it no profile can say, a few words
    /// each. Its days are the whole ones from its first to its last moment.
    pub fn of(certificate: &Certificate) -> (Self, Vec<String>) {
        let details = Details::of(certificate);
        let length = details.not_after.duration_since(details.not_before);
        let days = length.as_secs().div_euclid(86_400).max(1);
        let mut profile = Self {
            name: String::new(),
            description: String::new(),
            days: u16::try_from(days).unwrap_or(u16::MAX),
            ca: false,
            key_usage: Vec::new(),
            extended_key_usage: Vec::new(),
            netscape_cert_type: Vec::new(),
            subject_alt_name: SubjectAltName::default(),
            subject: Subject::default(),
        };
        let mut left_out = profile.take_subject(&details.subject);
        let parsed = certificate.parsed().ok();
        let extensions = parsed
            .as_ref()
            .and_then(|parsed| parsed.tbs_certificate().extensions());
        for (extension, said) in extensions.into_iter().flatten().zip(&details.extensions) {
            match profile.take(extension) {
                Ok(rest) => left_out.extend(rest.into_iter().map(|what| said.name.clone() + &what)),
                Err(_) => left_out.push(said.name.clone()),
            }
        }
        (profile, left_out)
    }

    /// Returns the attributes that no profile has.
    fn take_subject(&mut self, name: &DistinguishedName) -> Vec<String> {
        let mut left_out = Vec::new();
        for attribute in &name.attributes {
            let subject = &mut self.subject;
            let place = match attribute.name.as_str() {
                "C" => &mut subject.country,
                "ST" => &mut subject.state,
                "L" => &mut subject.locality,
                "O" => &mut subject.organization,
                "OU" => &mut subject.unit,
                "CN" => &mut subject.common_name,
                _ => {
                    left_out.push(format!("{}={}", attribute.name, attribute.value));
                    continue;
                }
            };
            if place.is_some() {
                left_out.push(format!("{}={}", attribute.name, attribute.value));
            } else {
                *place = Some(attribute.value.clone());
            }
        }
        left_out
    }

    /// Takes what an extension says; returns the parts that no profile can say, and fails where it
    /// can say nothing of it.
    fn take(&mut self, extension: &Extension) -> der::Result<Vec<String>> {
        let der = extension.extn_value.as_bytes();
        let mut rest = Vec::new();
        match extension.extn_id.to_string().as_str() {
            // Written anew with every certificate.
            "2.5.29.14" | "2.5.29.35" => {}
            "2.5.29.15" => {
                let bits = pkix::KeyUsage::from_der(der)?.0.bits();
                let has = |place: usize| bits & 1 << place != 0;
                let known = KEY_USAGES.iter().enumerate();
                self.key_usage = known
                    .filter(|(place, _)| has(*place))
                    .map(|(_, usage)| *usage)
                    .collect();
                for (place, name) in [(7, "encipherOnly"), (8, "decipherOnly")] {
                    if has(place) {
                        rest.push(format!(" {name}"));
                    }
                }
            }
            "2.5.29.17" => {
                for name in pkix::SubjectAltName::from_der(der)?.0 {
                    rest.extend(self.take_alternative(&name));
                }
            }
            "2.5.29.19" => {
                let constraints = pkix::BasicConstraints::from_der(der)?;
                self.ca = constraints.ca;
                rest.extend(
                    constraints
                        .path_len_constraint
                        .map(|length| format!(" pathLenConstraint {length}")),
                );
            }
            "2.5.29.37" => {
                for oid in pkix::ExtendedKeyUsage::from_der(der)?.0 {
                    let oid = oid.to_string();
                    match PURPOSES.iter().find(|(known, _)| *known == oid) {
                        Some((_, purpose)) => self.extended_key_usage.push(*purpose),
                        None => rest.push(format!(" {oid}")),
                    }
                }
            }
            "2.16.840.1.113730.1.1" => {
                let bits = der::asn1::BitString::from_der(der)?;
                let octet = bits.raw_bytes().first().copied().unwrap_or(0);
                self.netscape_cert_type = NETSCAPE_CERT_TYPES
                    .into_iter()
                    .filter(|one| octet & 0x80 >> (*one as u8) != 0)
                    .collect();
            }
            _ => return Err(der::Tag::Null.value_error().into()),
        }
        Ok(rest)
    }

    fn take_alternative(&mut self, name: &GeneralName) -> Option<String> {
        let names = &mut self.subject_alt_name;
        match name {
            GeneralName::DnsName(name) => names.dns.push(name.to_string()),
            GeneralName::IpAddress(octets) => match address(octets.as_bytes()) {
                Some(address) => names.ip.push(address),
                None => return Some(" address".to_owned()),
            },
            GeneralName::Rfc822Name(name) => names.email.push(name.to_string()),
            GeneralName::UniformResourceIdentifier(name) => names.uri.push(name.to_string()),
            GeneralName::DirectoryName(_) => return Some(" directoryName".to_owned()),
            GeneralName::EdiPartyName(_) => return Some(" ediPartyName".to_owned()),
            GeneralName::OtherName(_) => return Some(" otherName".to_owned()),
            GeneralName::RegisteredId(oid) => return Some(format!(" registeredID {oid}")),
        }
        None
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(|octets| IpAddr::V4(Ipv4Addr::from(octets)));
    let v6 = <[u8; 16]>::try_from(octets).map(|octets| IpAddr::V6(Ipv6Addr::from(octets)));
    v4.or(v6).ok()
}
