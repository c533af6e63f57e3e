//! `n`: a new key.

use jiff::tz::TimeZone;

use super::{name_is_free, refuse};
use crate::{
    jose::algorithm::{Algorithm, KeyType},
    keystore::generate::Wanted,
    tui::app::{
        dialog::{FormDialog, FormKind},
        effect::Effect,
        form::{Field, Form, Standing},
        keys_panel::Row,
        panel::Panel,
        state::State,
    },
    x509::profile::Subject,
};

/// The fields, filled in.
pub(super) fn form(state: &State) -> Form {
    let defaults = &state.configuration.settings.defaults;
    let algorithms = Algorithm::ALL.iter().map(ToString::to_string).collect();
    let sizes = ["2048", "3072", "4096", "8192"].map(str::to_owned).to_vec();
    let mut profiles: Vec<String> = Vec::new();
    for profile in &state.configuration.profiles {
        if !profiles.contains(&profile.name) {
            profiles.push(profile.name.clone());
        }
    }
    profiles.push("none".to_owned());
    let form = Form::new(vec![
        Field::text("kid", &free_kid(state), "empty: the key's thumbprint"),
        Field::choice(
            "algorithm",
            algorithms,
            defaults.algorithm.name(),
            "←/→ or the first letter",
        ),
        Field::choice("size", sizes, &defaults.bits.to_string(), "bits"),
        Field::choice("certificate", profiles, &defaults.certificate, ""),
    ]);
    let mut dialog = FormDialog::new(FormKind::NewKey, form);
    describe(&mut dialog, state);
    settle(&mut dialog);
    dialog.form
}

/// Tells beside the profile what it is.
pub(super) fn describe(dialog: &mut FormDialog, state: &State) {
    let name = dialog.form.value("certificate").to_owned();
    let profile = state
        .configuration
        .profiles
        .iter()
        .find(|each| each.name == name);
    let hint = profile.map_or_else(
        || "no certificate".to_owned(),
        |profile| profile.description.clone(),
    );
    if let Some(field) = dialog
        .form
        .fields
        .iter_mut()
        .find(|field| field.label == "certificate")
    {
        field.hint = hint;
    }
}

/// `key-2026-11-23`, or the next that no key has.
fn free_kid(state: &State) -> String {
    let day = state.now.to_zoned_datetime(TimeZone::UTC).date();
    let name = format!("key-{day}");
    let taken = |name: &str| {
        state.keys.shown().any(|row| row.name() == name)
            || state.keys.records().any(|record| record.kid == name)
    };
    if !taken(&name) {
        return name;
    }
    let mut number = 2_u32;
    loop {
        let next = format!("{name}-{number}");
        if !taken(&next) {
            return next;
        }
        number += 1;
    }
}

/// The row is there at once; the key follows.
pub(super) fn accept(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    let kid = dialog.form.value("kid").to_owned();
    let kid = (!kid.is_empty()).then_some(kid);
    if let Some(kid) = &kid
        && let Err(reason) = name_is_free(state, kid)
    {
        return refuse(state, dialog, reason);
    }
    let Ok(alg) = dialog.form.value("algorithm").parse::<Algorithm>() else {
        return refuse(state, dialog, "choose an algorithm");
    };
    let bits = dialog.form.value("size").parse().unwrap_or(2048);
    let profile = dialog.form.value("certificate").to_owned();
    let profiles = &state.configuration.profiles;
    let profile = profiles.iter().find(|each| each.name == profile).cloned();
    let wanted = Wanted {
        kid: kid.clone(),
        alg,
        bits,
        profile,
        subject: Subject::default(),
    };
    if let Err(error) = wanted.check() {
        return refuse(state, dialog, error.to_string());
    }
    let label = alg.key_type().label(bits);
    let kid = kid.unwrap_or_else(|| "(thumbprint)".to_owned());
    let task = state
        .tasks
        .begin(format!("making {kid}, {label}"), state.now);
    state.keys.add(Row::Pending {
        task,
        kid,
        alg,
        label,
    });
    super::super::movement::selection_changed(state);
    super::super::focus(state, Panel::Keys);
    vec![Effect::Generate {
        task,
        wanted: Box::new(wanted),
    }]
}

/// Whether the size is asked: RSA has one.
pub(super) fn settle(dialog: &mut FormDialog) {
    let algorithm = dialog.form.value("algorithm").parse::<Algorithm>();
    let is_rsa = algorithm.is_ok_and(|alg| alg.key_type() == KeyType::Rsa);
    let standing = if is_rsa {
        Standing::Asked
    } else {
        Standing::Settled
    };
    dialog.form.set_standing("size", standing);
}
