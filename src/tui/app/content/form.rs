//! The title and the first words of a form.

use crate::{
    jose::{template::Source, thumbprint::Thumbprint},
    keystore::certify::Basis,
    tui::app::{
        dialog::{FormKind, OfEndpoint},
        rich::{Rich, Role},
        state::State,
    },
    x509::details::Details,
};

/// What stands above the fields.
pub fn words(kind: &FormKind, state: &State) -> (String, Vec<Rich>) {
    let dim = |text: &str| Rich::new(Role::Dim, text);
    let called = |thumbprint: &Thumbprint| {
        let record = state.keys.record(thumbprint);
        record.map_or_else(String::new, |record| record.kid.clone())
    };
    let bare = |title: String| (title, Vec::new());
    match kind {
        FormKind::FirstStart | FormKind::NoPassphrase => (
            "A passphrase for your keys".to_owned(),
            vec![
                dim("keyfob keeps private keys sealed on this disk. Choose a passphrase;"),
                dim("empty means none."),
            ],
        ),
        FormKind::NewHere(..) => (
            "This key is new here".to_owned(),
            vec![
                dim("Its file came into the keystore from elsewhere: keyfob did not write it."),
                dim("⏎ uses it, and does not ask again."),
            ],
        ),
        FormKind::NotActive { status, .. } => (
            format!("This key is {status}"),
            vec![
                dim(&format!("It is {}.", status.meaning())),
                dim("⏎ signs with it all the same, and does not ask again in this run."),
            ],
        ),
        FormKind::Refused(reasons, _) => {
            let reasons = reasons.iter();
            let bad = |text: &String| Rich::new(Role::Bad, &format!("✗ {text}"));
            let mut words: Vec<Rich> = reasons.map(bad).collect();
            words.push(dim("⏎ signs it all the same."));
            ("The service refuses such a token".to_owned(), words)
        }
        FormKind::Tags { keys, more, .. } => {
            let title = match keys.as_slice() {
                [one] => format!("Tags of {}", one.kid),
                several => format!("Tags of {} keys", several.len()),
            };
            let words = more.then(|| dim("The tags that not all of them have stay as they are."));
            (title, words.into_iter().collect())
        }
        FormKind::Call(client) => bare(format!("Call a URL as {client}")),
        FormKind::TokenExchange(client) => (
            format!("Exchange a token as {client}"),
            vec![dim(
                "The client proves itself, and asks for a token in exchange for this one (RFC 8693).",
            )],
        ),
        FormKind::Client(None) => bare("New client".to_owned()),
        FormKind::ClientLike(name) => bare(format!("New client like {name}")),
        FormKind::Client(Some(name)) => bare(format!("The client {name}")),
        FormKind::Template(name) => (name.clone(), rules(name, state)),
        FormKind::Unlock(_) => bare("Unlock the keys".to_owned()),
        FormKind::NewKey => bare("New key".to_owned()),
        FormKind::Endpoint(of) => bare(match of {
            OfEndpoint::Known(name) => format!("The endpoint {name}"),
            OfEndpoint::Like(name) => format!("An endpoint like {name}"),
            OfEndpoint::New(preset) => format!("An endpoint of the preset {preset}"),
        }),
        FormKind::RemoveEndpoint(name, kids) => {
            let mut lines = vec![dim("⏎ removes it from the configuration; nothing is sent.")];
            if !kids.is_empty() {
                let kids = kids.join(", ");
                let text = format!(
                    "! Noted as registered there: {kids}. They stay there, and are not known any \
                     more."
                );
                lines.push(Rich::new(Role::Care, &text));
            }
            (format!("Remove the endpoint {name}"), lines)
        }
        FormKind::Rename(name) => bare(format!("Rename {name}")),
        FormKind::Import => bare("Import keys and certificates".to_owned()),
        FormKind::Sealed => bare("It is sealed".to_owned()),
        FormKind::Expectations => bare("What the token is held against".to_owned()),
        FormKind::Export(key) => bare(format!("Export {}", called(key))),
        FormKind::ExportMarked(keys) => {
            bare(format!("Export the public halves of {} keys", keys.len()))
        }
        FormKind::Certificate(key) => bare(format!("A new certificate for {}", called(key))),
        FormKind::CertificateRequest(key) => {
            bare(format!("A certificate request for {}", called(key)))
        }
        FormKind::ImportCertificate(key) => (
            format!("The certificate of {} from a CA", called(key)),
            vec![dim(
                "The certificate, with or without its chain, in any order.",
            )],
        ),
        FormKind::RenewCertificate(key) => (
            format!("Renew the certificate of {}", called(key)),
            renewal(key, state),
        ),
    }
}

/// What the service of a template accepts, and where that is written.
fn rules(name: &str, state: &State) -> Vec<Rich> {
    let Some(template) = state.template(name) else {
        return vec![Rich::new(
            Role::Care,
            "! there is no such template any more",
        )];
    };
    let mut lines = vec![Rich::new(Role::Text, &template.description)];
    for (label, rule, source) in [
        (
            "algorithms ",
            template.algorithm_names(),
            &template.algorithms.source,
        ),
        ("lives ", template.lives(), &template.lifetime.source),
    ] {
        let line = Rich::new(Role::Dim, label).and(Role::Text, &rule);
        lines.push(match (rule.as_str(), source) {
            ("any", _) => line,
            (_, Source::NotConfirmed) => line.and(Role::Care, "  ! not confirmed"),
            (_, Source::Confirmed(address)) => line.and(Role::Dim, &format!("  {address}")),
        });
    }
    let record = state.keys.selected().map(|(_, record)| record);
    if let Some(record) = record.filter(|key| !template.accepts(key.alg, &key.public)) {
        let text = format!("! not {}, which {} signs with", record.alg, record.kid);
        lines.push(Rich::new(Role::Care, &text));
    }
    lines
}

/// What a renewed certificate will say.
fn renewal(thumbprint: &Thumbprint, state: &State) -> Vec<Rich> {
    let Some(record) = state.keys.record(thumbprint) else {
        return Vec::new();
    };
    let (Some(leaf), Some(basis)) = (
        record.leaf(),
        Basis::of(record, &state.configuration.profiles),
    ) else {
        return vec![Rich::new(Role::Care, "! there is none to renew")];
    };
    let subject = Details::of(leaf).subject.text;
    let by = match &basis.remembered {
        Some(name) => format!("the profile {name}"),
        None => "the old certificate".to_owned(),
    };
    let mut lines = vec![Rich::new(
        Role::Text,
        &format!("{subject}, {} days from now, by {by}.", basis.profile.days),
    )];
    if let Some(name) = record
        .profile
        .as_ref()
        .filter(|_| basis.remembered.is_none())
    {
        let text = format!("! there is no profile {name} any more");
        lines.push(Rich::new(Role::Care, &text));
    }
    if !basis.left_out.is_empty() {
        let text = format!("! it cannot say: {}", basis.left_out.join(", "));
        lines.push(Rich::new(Role::Care, &text));
    }
    let places: Vec<&str> = record
        .registrations
        .iter()
        .map(|place| place.endpoint.as_str())
        .collect();
    if !places.is_empty() {
        let text = format!("Registered with the old one: {}.", places.join(", "));
        lines.push(Rich::new(Role::Text, &text));
    }
    lines.push(Rich::new(Role::Dim, "⏎ renews it."));
    lines
}
