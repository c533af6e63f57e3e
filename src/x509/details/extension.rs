//! Extensions in words (RFC 5280 section 4.2).

use std::{
    fmt::Display,
    net::{Ipv4Addr, Ipv6Addr},
};

use der::{
    AnyRef, Decode,
    asn1::{BitString, Ia5String, Null, ObjectIdentifier, OctetString},
};
use x509_cert::ext::{
    self,
    pkix::{
        AuthorityKeyIdentifier, BasicConstraints, NameConstraints, PolicyConstraints,
        SubjectKeyIdentifier,
        certpolicy::PolicyInformation,
        constraints::name::GeneralSubtree,
        crl::dp::DistributionPoint,
        name::{DistributionPointName, GeneralName, GeneralNames},
    },
};

use super::{hex, name::DistinguishedName};

/// Whether those who do not know an extension must refuse the certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Criticality {
    /// They must.
    Critical,
    /// They may pass over it.
    NonCritical,
}

/// One extension.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Extension {
    /// Its name in RFC 5280 or wherever it was defined, or its OID.
    pub name: String,
    /// Its OID.
    pub oid: String,
    /// Whether it is critical.
    pub critical: Criticality,
    /// What it says, a line each; the DER in hexadecimal where it is not known or not readable.
    pub meaning: Vec<String>,
}

type Read = fn(&[u8]) -> der::Result<Vec<String>>;

/// OID, name, and what reads it.
const TABLE: [(&str, &str, Read); 23] = [
    ("2.5.29.9", "subjectDirectoryAttributes", bytes),
    ("2.5.29.14", "subjectKeyIdentifier", subject_key_identifier),
    ("2.5.29.15", "keyUsage", key_usage),
    ("2.5.29.16", "privateKeyUsagePeriod", bytes),
    ("2.5.29.17", "subjectAltName", alternative_names),
    ("2.5.29.18", "issuerAltName", alternative_names),
    ("2.5.29.19", "basicConstraints", basic_constraints),
    ("2.5.29.30", "nameConstraints", name_constraints),
    ("2.5.29.31", "cRLDistributionPoints", distribution_points),
    ("2.5.29.32", "certificatePolicies", policies),
    ("2.5.29.33", "policyMappings", bytes),
    (
        "2.5.29.35",
        "authorityKeyIdentifier",
        authority_key_identifier,
    ),
    ("2.5.29.36", "policyConstraints", policy_constraints),
    ("2.5.29.37", "extendedKeyUsage", extended_key_usage),
    ("2.5.29.46", "freshestCRL", distribution_points),
    ("2.5.29.54", "inhibitAnyPolicy", inhibit_any_policy),
    (
        "1.3.6.1.5.5.7.1.1",
        "authorityInfoAccess",
        information_access,
    ),
    (
        "1.3.6.1.5.5.7.1.11",
        "subjectInfoAccess",
        information_access,
    ),
    ("1.3.6.1.5.5.7.1.24", "tlsFeature", bytes),
    ("1.3.6.1.5.5.7.48.1.5", "ocspNoCheck", no_check),
    (
        "1.3.6.1.4.1.11129.2.4.2",
        "signedCertificateTimestampList",
        bytes,
    ),
    ("2.16.840.1.113730.1.1", "nsCertType", netscape_cert_type),
    ("2.16.840.1.113730.1.13", "nsComment", comment),
];

/// The bits of keyUsage (RFC 5280 section 4.2.1.3) in their order.
const KEY_USAGES: [(&str, &str); 9] = [
    ("digitalSignature", "signs data, tokens among it"),
    ("nonRepudiation", "signs what its holder cannot take back"),
    ("keyEncipherment", "encrypts keys"),
    ("dataEncipherment", "encrypts data"),
    ("keyAgreement", "agrees on keys"),
    ("keyCertSign", "signs certificates"),
    ("cRLSign", "signs revocation lists"),
    ("encipherOnly", "agrees on keys to encrypt with only"),
    ("decipherOnly", "agrees on keys to decrypt with only"),
];

/// The bits of nsCertType in their order; the fifth is reserved.
const NETSCAPE_CERT_TYPES: [(&str, &str); 8] = [
    ("client", "an SSL client"),
    ("server", "an SSL server"),
    ("email", "signs and encrypts mail"),
    ("objsign", "signs programs"),
    ("reserved", "nothing yet"),
    ("sslCA", "issues for SSL"),
    ("emailCA", "issues for mail"),
    ("objCA", "issues for signers of programs"),
];

const PURPOSES: [(&str, &str, &str); 10] = [
    ("1.3.6.1.5.5.7.3.1", "serverAuth", "a TLS server"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth", "a TLS client"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning", "signs programs"),
    (
        "1.3.6.1.5.5.7.3.4",
        "emailProtection",
        "signs and encrypts mail",
    ),
    ("1.3.6.1.5.5.7.3.8", "timeStamping", "signs times"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning", "answers for revocation"),
    ("2.5.29.37.0", "anyExtendedKeyUsage", "any purpose"),
    (
        "1.3.6.1.4.1.311.10.3.4",
        "msEFS",
        "encrypts files on Windows",
    ),
    (
        "1.3.6.1.4.1.311.20.2.2",
        "msSmartcardLogin",
        "logs in with a smart card",
    ),
    (
        "1.3.6.1.4.1.311.10.3.12",
        "msDocumentSigning",
        "signs documents",
    ),
];

impl Extension {
    pub(super) fn of(extension: &ext::Extension) -> Self {
        let oid = extension.extn_id.to_string();
        let content = extension.extn_value.as_bytes();
        let known = TABLE.iter().find(|row| row.0 == oid);
        let meaning = match known {
            Some((_, _, read)) => {
                read(content).unwrap_or_else(|_| vec![format!("not readable: {}", hex(content))])
            }
            None => vec![hex(content)],
        };
        Self {
            name: known.map_or_else(|| oid.clone(), |row| row.1.to_owned()),
            oid,
            critical: if extension.critical {
                Criticality::Critical
            } else {
                Criticality::NonCritical
            },
            meaning,
        }
    }
}

fn bytes(content: &[u8]) -> der::Result<Vec<String>> {
    AnyRef::from_der(content)?;
    Ok(vec![hex(content)])
}

fn subject_key_identifier(content: &[u8]) -> der::Result<Vec<String>> {
    let identifier = SubjectKeyIdentifier::from_der(content)?;
    Ok(vec![hex(identifier.0.as_bytes())])
}

fn authority_key_identifier(content: &[u8]) -> der::Result<Vec<String>> {
    let identifier = AuthorityKeyIdentifier::from_der(content)?;
    let mut lines = Vec::new();
    if let Some(key) = identifier.key_identifier {
        lines.push(format!("key {}", hex(key.as_bytes())));
    }
    for name in identifier.authority_cert_issuer.iter().flatten() {
        lines.push(format!("issuer {}", general_name(name)));
    }
    if let Some(serial) = identifier.authority_cert_serial_number {
        lines.push(format!("serial {}", hex(serial.as_bytes())));
    }
    Ok(lines)
}

fn key_usage(content: &[u8]) -> der::Result<Vec<String>> {
    named_bits(content, &KEY_USAGES)
}

fn netscape_cert_type(content: &[u8]) -> der::Result<Vec<String>> {
    named_bits(content, &NETSCAPE_CERT_TYPES)
}

fn named_bits(content: &[u8], names: &[(&str, &str)]) -> der::Result<Vec<String>> {
    let bits = BitString::from_der(content)?;
    let set = bits.bits().enumerate().filter(|(_, bit)| *bit);
    Ok(set
        .map(|(position, _)| match names.get(position) {
            Some((name, words)) => format!("{name}: {words}"),
            None => format!("bit {position}"),
        })
        .collect())
}

fn extended_key_usage(content: &[u8]) -> der::Result<Vec<String>> {
    let purposes = Vec::<ObjectIdentifier>::from_der(content)?;
    Ok(purposes
        .iter()
        .map(|purpose| {
            let oid = purpose.to_string();
            match PURPOSES.iter().find(|row| row.0 == oid) {
                Some((_, name, words)) => format!("{name}: {words}"),
                None => oid,
            }
        })
        .collect())
}

fn basic_constraints(content: &[u8]) -> der::Result<Vec<String>> {
    let constraints = BasicConstraints::from_der(content)?;
    let length = constraints.path_len_constraint;
    Ok(vec![match (constraints.ca, length) {
        (true, None) => "may act as a CA, with any number of CAs below it".to_owned(),
        (true, Some(0)) => "may act as a CA, with no CA below it".to_owned(),
        (true, Some(length)) => format!("may act as a CA, with at most {length} CAs below it"),
        (false, _) => "issues no certificates".to_owned(),
    }])
}

fn name_constraints(content: &[u8]) -> der::Result<Vec<String>> {
    let constraints = NameConstraints::from_der(content)?;
    let lines = |word: &str, subtrees: Option<Vec<GeneralSubtree>>| -> Vec<String> {
        let subtrees = subtrees.unwrap_or_default();
        subtrees
            .iter()
            .map(|subtree| format!("{word} {}", general_name(&subtree.base)))
            .collect()
    };
    let mut all = lines("only below", constraints.permitted_subtrees);
    all.extend(lines("never below", constraints.excluded_subtrees));
    Ok(all)
}

fn alternative_names(content: &[u8]) -> der::Result<Vec<String>> {
    let names = GeneralNames::from_der(content)?;
    Ok(names.iter().map(general_name).collect())
}

fn distribution_points(content: &[u8]) -> der::Result<Vec<String>> {
    let mut lines = Vec::new();
    for point in Vec::<DistributionPoint>::from_der(content)? {
        match point.distribution_point {
            Some(DistributionPointName::FullName(names)) => {
                lines.extend(names.iter().map(general_name));
            }
            Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => {
                lines.push("a name relative to the list's issuer".to_owned());
            }
            None => {}
        }
        for issuer in point.crl_issuer.iter().flatten() {
            lines.push(format!("issued by {}", general_name(issuer)));
        }
    }
    Ok(lines)
}

fn policies(content: &[u8]) -> der::Result<Vec<String>> {
    let mut lines = Vec::new();
    for policy in Vec::<PolicyInformation>::from_der(content)? {
        let oid = policy.policy_identifier.to_string();
        lines.push(match oid.as_str() {
            "2.5.29.32.0" => "any policy".to_owned(),
            "2.23.140.1.2.1" => format!("{oid}: the domain was validated"),
            "2.23.140.1.2.2" => format!("{oid}: the organization was validated"),
            "2.23.140.1.2.3" => format!("{oid}: the person was validated"),
            "2.23.140.1.1" => format!("{oid}: extended validation"),
            _ => oid,
        });
        for qualifier in policy.policy_qualifiers.iter().flatten() {
            let statement = qualifier
                .qualifier
                .as_ref()
                .and_then(|any| any.decode_as::<Ia5String>().ok());
            if let Some(statement) = statement {
                lines.push(format!("practice statement {statement}"));
            }
        }
    }
    Ok(lines)
}

fn policy_constraints(content: &[u8]) -> der::Result<Vec<String>> {
    let constraints = PolicyConstraints::from_der(content)?;
    let line = |word: &str, skip: u32| format!("{word} after {skip} certificates");
    let explicit = constraints.require_explicit_policy;
    let mapping = constraints.inhibit_policy_mapping;
    Ok(explicit
        .map(|skip| line("a policy is required", skip))
        .into_iter()
        .chain(mapping.map(|skip| line("policies are mapped no more", skip)))
        .collect())
}

fn inhibit_any_policy(content: &[u8]) -> der::Result<Vec<String>> {
    let skip = u32::from_der(content)?;
    Ok(vec![format!(
        "\"any policy\" counts no more after {skip} certificates"
    )])
}

fn information_access(content: &[u8]) -> der::Result<Vec<String>> {
    let all = Vec::<x509_cert::ext::pkix::AccessDescription>::from_der(content)?;
    Ok(all
        .iter()
        .map(|access| {
            let oid = access.access_method.to_string();
            let what: &dyn Display = match oid.as_str() {
                "1.3.6.1.5.5.7.48.1" => &"OCSP at",
                "1.3.6.1.5.5.7.48.2" => &"the issuer's certificate at",
                "1.3.6.1.5.5.7.48.3" => &"time stamps at",
                "1.3.6.1.5.5.7.48.5" => &"the CA's certificates at",
                _ => &oid,
            };
            format!("{what} {}", general_name(&access.access_location))
        })
        .collect())
}

fn no_check(content: &[u8]) -> der::Result<Vec<String>> {
    Null::from_der(content)?;
    Ok(vec![
        "revocation of the answering key is not asked for".to_owned(),
    ])
}

fn comment(content: &[u8]) -> der::Result<Vec<String>> {
    Ok(vec![Ia5String::from_der(content)?.to_string()])
}

fn general_name(name: &GeneralName) -> String {
    match name {
        GeneralName::DirectoryName(name) => format!("dirName {}", DistinguishedName::of(name).text),
        GeneralName::DnsName(name) => format!("DNS {name}"),
        GeneralName::EdiPartyName(_) => "an EDI party".to_owned(),
        GeneralName::IpAddress(address) => format!("IP {}", ip(address)),
        GeneralName::OtherName(other) => format!("otherName {}", other.type_id),
        GeneralName::RegisteredId(oid) => format!("registered ID {oid}"),
        GeneralName::Rfc822Name(mail) => format!("email {mail}"),
        GeneralName::UniformResourceIdentifier(uri) => format!("URI {uri}"),
    }
}

/// An address, or in a name constraint an address and its mask.
fn ip(address: &OctetString) -> String {
    let bytes = address.as_bytes();
    let v4 = |part: &[u8]| <[u8; 4]>::try_from(part).map(Ipv4Addr::from);
    let v6 = |part: &[u8]| <[u8; 16]>::try_from(part).map(Ipv6Addr::from);
    if let Ok(address) = v4(bytes) {
        return address.to_string();
    }
    if let Ok(address) = v6(bytes) {
        return address.to_string();
    }
    let (address, mask) = bytes.split_at(bytes.len() / 2);
    match (v4(address), v4(mask), v6(address), v6(mask)) {
        (Ok(address), Ok(mask), _, _) => format!("{address}/{mask}"),
        (_, _, Ok(address), Ok(mask)) => format!("{address}/{mask}"),
        _ => hex(bytes),
    }
}
