//! `C`: the next certificate of the selected key.

use std::{fmt::Display, ops::ControlFlow, path::PathBuf, str::FromStr, sync::Arc};

use super::{came_back, fail, file_stem, not_written, private_half, refuse, send};
use crate::{
    clipboard::Sensitivity,
    jose::thumbprint::Thumbprint,
    keystore::{
        certify::{self, Basis, Wanted},
        export::Existing,
        record::Record,
    },
    registry::answer::State as KeyState,
    secret::Secret,
    tui::app::{
        activity::Severity,
        content,
        dialog::{Consent, FormDialog},
        effect::{CertificateOrder, Effect, Source},
        form::{Field, Form, Standing},
        msg::{Certified, NotWritten, Requested},
        state::State,
        task::TaskId,
    },
    x509::{
        profile::{Profile, Subject, SubjectAltName, list::List, rules},
        serial::Serial,
    },
};

/// The profile's name where the certificate there is says everything.
const AS_IS: &str = "as it is";
/// What stands where nothing takes the place of what the profile says.
const PROFILES: &str = "as the profile";
const CLIPBOARD: &str = "clipboard";
const FILE: &str = "file";

/// The fields of a new certificate; what is left empty is the profile's.
pub(super) fn form(state: &State, thumbprint: &Thumbprint) -> Form {
    let Some(record) = state.keys.record(thumbprint) else {
        return Form::new(Vec::new());
    };
    let mut fields = subject_fields(profiles(state), &usual(state, record));
    fields.push(Field::text("days", "", ""));
    fields.push(Field::text(
        "serial",
        "",
        "hexadecimal; empty: a random one",
    ));
    fields.extend(use_fields());
    let mut form = Form::new(fields);
    settle(&mut form, state, record);
    form
}

/// The fields of a request.
pub(super) fn request_form(state: &State, thumbprint: &Thumbprint) -> Form {
    let Some(record) = state.keys.record(thumbprint) else {
        return Form::new(Vec::new());
    };
    let mut names = profiles(state);
    let chosen = if record.leaf().is_some() {
        names.insert(0, AS_IS.to_owned());
        AS_IS.to_owned()
    } else {
        usual(state, record)
    };
    let mut fields = subject_fields(names, &chosen);
    fields.extend(use_fields());
    let places = [CLIPBOARD, FILE].map(str::to_owned).to_vec();
    fields.push(Field::choice("to", places, CLIPBOARD, ""));
    let kid = file_stem(&record.kid);
    fields.push(Field::path("file", &format!("{kid}.csr"), "Tab completes"));
    let mut form = Form::new(fields);
    settle(&mut form, state, record);
    form
}

/// Tells beside the empty fields what they mean with the profile that is chosen.
pub(super) fn settle(form: &mut Form, state: &State, record: &Record) {
    let standing = if form.value("to") == FILE {
        Standing::Asked
    } else {
        Standing::Settled
    };
    form.set_standing("file", standing);
    let Some((profile, _)) = profile(form, state, record) else {
        return;
    };
    form.set_hint("profile", profile.description.clone());
    let own = |value: &Option<String>| match value {
        Some(value) => format!("empty: {}", value.replace("{kid}", &record.kid)),
        None => "empty: none".to_owned(),
    };
    let subject = &profile.subject;
    let common_name = match &subject.common_name {
        None => format!("empty: {}", record.kid),
        given => own(given),
    };
    form.set_hint("common name", common_name);
    form.set_hint("organization", own(&subject.organization));
    form.set_hint("unit", own(&subject.unit));
    form.set_hint("country", own(&subject.country));
    form.set_hint("state", own(&subject.state));
    form.set_hint("locality", own(&subject.locality));
    form.set_hint("days", format!("empty: {}", profile.days));
    let names = &profile.subject_alt_name;
    let count = names.dns.len() + names.ip.len() + names.uri.len() + names.email.len();
    let names = match count {
        0 => "dns:…, ip:…, uri:…, email:…".to_owned(),
        count => format!("empty: the {count} there; dns:…, ip:…, uri:…"),
    };
    form.set_hint("names", names);
    let uses = |count: usize, example: &str| match count {
        0 => format!("empty: none; {example},…"),
        count => format!("empty: the {count} there; none; {example},…"),
    };
    let ca = if profile.ca { "yes" } else { "no" };
    form.set_hint("CA", format!("may issue certificates; the profile: {ca}"));
    form.set_hint(
        "key usage",
        uses(profile.key_usage.len(), "digitalSignature"),
    );
    form.set_hint(
        "purposes",
        uses(profile.extended_key_usage.len(), "clientAuth"),
    );
    form.set_hint("netscape", uses(profile.netscape_cert_type.len(), "client"));
}

/// `Enter` under a new certificate.
pub(super) fn issue(state: &mut State, dialog: FormDialog, record: &Arc<Record>) -> Vec<Effect> {
    let wanted = match wanted(&dialog.form, state, record) {
        Ok((wanted, _)) => wanted,
        Err((label, reason)) => {
            let mut dialog = dialog;
            dialog.form.focus_on(label);
            return refuse(state, dialog, reason);
        }
    };
    if dialog.consent == Consent::NotAsked
        && let Err(error) = certify::check_made_here(record, "⏎ once more gives that one up")
    {
        let mut dialog = dialog;
        dialog.consent = Consent::Asked;
        return refuse(state, dialog, error.to_string());
    }
    make(state, dialog, record, wanted, Vec::new())
}

/// `Enter` under the question whether to renew.
pub(super) fn renew(state: &mut State, dialog: FormDialog, record: &Arc<Record>) -> Vec<Effect> {
    let remedy = "C asks there with a request (CSR), and imports the answer";
    if let Err(error) = certify::check_self_signed(record, remedy) {
        return refuse(state, dialog, error.to_string());
    }
    let Some(basis) = Basis::of(record, &state.configuration.profiles) else {
        return refuse(state, dialog, "there is no certificate to renew");
    };
    let wanted = Wanted {
        profile: basis.profile,
        subject: Subject::default(),
        serial: None,
    };
    make(state, dialog, record, wanted, basis.left_out)
}

fn make(
    state: &mut State,
    dialog: FormDialog,
    record: &Arc<Record>,
    wanted: Wanted,
    left_out: Vec<String>,
) -> Vec<Effect> {
    let dialog = match private_half(state, dialog, record) {
        ControlFlow::Continue(dialog) => dialog,
        ControlFlow::Break(effects) => return effects,
    };
    let task = send(state, dialog, format!("a certificate for {}", record.kid));
    let order = Box::new(CertificateOrder {
        record: Arc::clone(record),
        wanted,
        left_out,
    });
    vec![Effect::IssueCertificate { task, order }]
}

/// `Enter` under a request.
pub(super) fn request(state: &mut State, dialog: FormDialog, record: &Arc<Record>) -> Vec<Effect> {
    let (wanted, left_out) = match wanted(&dialog.form, state, record) {
        Ok(wanted) => wanted,
        Err((label, reason)) => {
            let mut dialog = dialog;
            dialog.form.focus_on(label);
            return refuse(state, dialog, reason);
        }
    };
    let path = dialog.form.value("file").to_owned();
    let is_file = dialog.form.value("to") == FILE;
    if is_file && path.is_empty() {
        return refuse(state, dialog, "name a file");
    }
    let existing = match dialog.consent {
        Consent::Asked => Existing::Replace,
        Consent::NotAsked => Existing::Refuse,
    };
    let dialog = match private_half(state, dialog, record) {
        ControlFlow::Continue(dialog) => dialog,
        ControlFlow::Break(effects) => return effects,
    };
    let task = send(state, dialog, format!("a request for {}", record.kid));
    let order = Box::new(CertificateOrder {
        record: Arc::clone(record),
        wanted,
        left_out,
    });
    vec![Effect::RequestCertificate {
        task,
        order,
        file: is_file.then(|| (PathBuf::from(path), existing)),
    }]
}

/// `Enter` under a certificate that a CA signed.
pub(super) fn import(state: &mut State, dialog: FormDialog, record: &Arc<Record>) -> Vec<Effect> {
    let file = dialog.form.value("file").to_owned();
    if file.is_empty() {
        return refuse(
            state,
            dialog,
            "name a file, or paste the certificates' text",
        );
    }
    let source = Source::File(PathBuf::from(&file));
    take(state, dialog, record, source)
}

/// Takes a certificate from a file or a paste.
pub(in crate::tui::app::update) fn take(
    state: &mut State,
    dialog: FormDialog,
    record: &Arc<Record>,
    source: Source,
) -> Vec<Effect> {
    let task = send(state, dialog, format!("a certificate for {}", record.kid));
    vec![Effect::ImportCertificate {
        task,
        record: Arc::clone(record),
        source,
    }]
}

/// A key has another certificate: what it is, and which registrations differ now.
pub(in crate::tui::app::update) fn certified(
    state: &mut State,
    task: TaskId,
    result: Result<Box<Certified>, String>,
) {
    let certified = match result {
        Ok(certified) => certified,
        Err(reason) => return fail(state, task, reason, Consent::NotAsked),
    };
    drop(came_back(state, task));
    let (new, old) = (&certified.new, &certified.old);
    state.keys.put(new, None);
    state.token.key_changed(new);
    let endpoints = &state.configuration.endpoints;
    let drift: Vec<(String, Option<Vec<String>>)> = new
        .registrations
        .iter()
        .map(|place| {
            let what = endpoints.differences(&place.endpoint, &new.jwk(), &old.jwk());
            (place.endpoint.clone(), what.ok())
        })
        .collect();
    for ((endpoint, what), place) in drift.iter().zip(&new.registrations) {
        if let Some(what) = what.clone().filter(|what| !what.is_empty()) {
            let id = place.id.clone();
            let differs = KeyState::Differs { id, what };
            let thumbprint = new.thumbprint();
            state
                .register
                .saw(thumbprint, endpoint, Ok(differs), state.now);
        }
    }
    let body = content::certificate::news(&certified, &drift, state);
    let what = format!("{} has a new certificate", new.kid);
    state
        .activity
        .add(state.now, Severity::Good, what.clone(), &[]);
    state.say(Severity::Good, format!("✓ {what}"));
    if !certified.notes.is_empty() || !drift.is_empty() {
        let title = format!("The new certificate of {}", new.kid);
        super::super::text::show(state, &title, body, None);
    }
}

/// A request was made: into the file, or onto the clipboard.
pub(in crate::tui::app::update) fn requested(
    state: &mut State,
    task: TaskId,
    result: Result<Requested, NotWritten>,
) -> Vec<Effect> {
    let requested = match result {
        Ok(requested) => requested,
        Err(problem) => {
            not_written(state, task, problem);
            return Vec::new();
        }
    };
    drop(came_back(state, task));
    let mut what = match &requested.file {
        Some(file) => format!("wrote {file}"),
        None => format!("made a request for {}", requested.kid),
    };
    if !requested.left_out.is_empty() {
        what.push_str("; it cannot say ");
        what.push_str(&requested.left_out.join(", "));
    }
    state
        .activity
        .add(state.now, Severity::Good, what.clone(), &[]);
    state.say(Severity::Good, format!("✓ {what}"));
    match requested.file {
        Some(_) => Vec::new(),
        None => vec![Effect::Copy {
            what: "request".to_owned(),
            text: Secret::new(requested.pem),
            sensitivity: Sensitivity::Public,
        }],
    }
}

/// What the fields say, and what of the certificate there is the new one cannot; else the field that
/// is wrong, and how.
fn wanted(
    form: &Form,
    state: &State,
    record: &Record,
) -> Result<(Wanted, Vec<String>), (&'static str, String)> {
    let (mut profile, left_out) =
        profile(form, state, record).ok_or(("profile", "choose a profile".to_owned()))?;
    let given = |label| Some(form.value(label).to_owned()).filter(|text| !text.is_empty());
    if let Some(days) = given("days") {
        let days = days.parse::<u16>().ok().filter(|days| *days > 0);
        profile.days = days.ok_or(("days", "days: 1 to 65535".to_owned()))?;
    }
    if let Some(names) = given("names") {
        profile.subject_alt_name = alt_names(&names).map_err(|reason| ("names", reason))?;
    }
    match form.value("CA") {
        "yes" => profile.ca = true,
        "no" => profile.ca = false,
        _ => {}
    }
    if let Some(List(usages)) = listed(form, "key usage")? {
        profile.key_usage = usages;
    }
    if let Some(List(purposes)) = listed(form, "purposes")? {
        profile.extended_key_usage = purposes;
    }
    if let Some(List(types)) = listed(form, "netscape")? {
        profile.netscape_cert_type = types;
    }
    let serial = given("serial")
        .map(|text| text.parse::<Serial>())
        .transpose()
        .map_err(|reason| ("serial", reason.to_owned()))?;
    let by = |label, rule: fn(&str) -> Result<String, String>| {
        let text = given(label).map(|text| rule(&text)).transpose();
        text.map_err(|reason| (label, format!("{label}: {reason}")))
    };
    let subject = Subject {
        country: by("country", rules::country)?,
        state: by("state", rules::long_attribute)?,
        locality: by("locality", rules::long_attribute)?,
        organization: by("organization", rules::short_attribute)?,
        unit: by("unit", rules::short_attribute)?,
        common_name: by("common name", rules::short_attribute)?,
    };
    let wanted = Wanted {
        profile,
        subject,
        serial,
    };
    Ok((wanted, left_out))
}

/// The values of a field, where it has any.
fn listed<T: FromStr<Err: Display>>(
    form: &Form,
    label: &'static str,
) -> Result<Option<List<T>>, (&'static str, String)> {
    match form.value(label) {
        "" => Ok(None),
        text => match text.parse() {
            Ok(list) => Ok(Some(list)),
            Err(error) => Err((label, format!("{label}: {error}"))),
        },
    }
}

/// `dns:a.example, ip:192.0.2.1`.
fn alt_names(text: &str) -> Result<SubjectAltName, String> {
    let mut all = SubjectAltName::default();
    let names = text.split([',', ' ']).filter(|name| !name.is_empty());
    for name in names {
        let name = name
            .parse::<SubjectAltName>()
            .map_err(|reason| format!("{name}: {reason}"))?;
        all.extend([name]);
    }
    Ok(all)
}

/// The profile that is chosen, and what of the certificate there is it cannot say.
fn profile(form: &Form, state: &State, record: &Record) -> Option<(Profile, Vec<String>)> {
    let profiles = &state.configuration.profiles;
    let name = form.value("profile");
    if name == AS_IS {
        let basis = Basis::of(record, profiles)?;
        return Some((basis.profile, basis.left_out));
    }
    let found = profiles.iter().find(|profile| profile.name == name)?;
    Some((found.clone(), Vec::new()))
}

/// The name of the profile that is likeliest.
fn usual(state: &State, record: &Record) -> String {
    let own = &state.configuration.profiles;
    let configured = &state.configuration.settings.defaults.certificate;
    certify::remembered(record, own)
        .or_else(|| certify::configured(configured, own).ok())
        .map_or_else(String::new, |profile| profile.name)
}

/// The names of the profiles, the user's own first, each once.
fn profiles(state: &State) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for profile in &state.configuration.profiles {
        if !names.contains(&profile.name) {
            names.push(profile.name.clone());
        }
    }
    names
}

fn subject_fields(profiles: Vec<String>, chosen: &str) -> Vec<Field> {
    let mut fields = vec![Field::choice("profile", profiles, chosen, "")];
    let labels = [
        "common name",
        "organization",
        "unit",
        "country",
        "state",
        "locality",
        "names",
    ];
    fields.extend(labels.map(|label| Field::text(label, "", "")));
    fields
}

fn use_fields() -> Vec<Field> {
    let ca = [PROFILES, "yes", "no"].map(str::to_owned).to_vec();
    let mut fields = vec![Field::choice("CA", ca, PROFILES, "")];
    let uses = ["key usage", "purposes", "netscape"];
    fields.extend(uses.map(|label| Field::text(label, "", "")));
    fields
}

#[cfg(test)]
mod tests;
