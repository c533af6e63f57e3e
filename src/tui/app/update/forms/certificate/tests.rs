use crate::{
    tui::{
        app::{
            dialog::{Dialog, MenuKind},
            effect::Effect,
            key::Key,
            panel::Panel,
            state::State,
        },
        fixture::{press, problem, select, state, text},
    },
    x509::profile::{ExtendedKeyUsage, KeyUsage, Profile, Subject},
};

/// `C` on a key, and the act of that place.
fn act(state: &mut State, kid: &str, place: usize) {
    select(state, kid);
    state.focus = Panel::Certificate;
    press(state, &[Key::Char('C')]);
    for _ in 0..place {
        press(state, &[Key::Down]);
    }
    press(state, &[Key::Enter]);
}

#[test]
fn a_key_with_a_certificate_has_every_act_and_one_without_none_to_renew() {
    for (kid, acts) in [
        ("edge", &["new", "renew", "request", "import"][..]),
        ("partner-ec", &["new", "request", "import"]),
    ] {
        let mut state = state(120, 36);
        select(&mut state, kid);
        state.focus = Panel::Certificate;
        press(&mut state, &[Key::Char('C')]);
        let Some(Dialog::Menu(menu)) = &state.dialog else {
            panic!("no menu")
        };
        assert_eq!(menu.kind, MenuKind::Certificate);
        let offered: Vec<&str> = menu.rows.iter().map(|row| row.text.as_str()).collect();
        assert_eq!(offered, acts);
    }
}

#[test]
fn a_new_certificate_says_what_is_typed_and_the_rest_of_its_profile() {
    let mut state = state(120, 36);
    act(&mut state, "partner-ec", 0);
    press(&mut state, &[Key::Down]);
    text(&mut state, "Acme signer");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::IssueCertificate { order, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(order.record.kid, "partner-ec");
    assert_eq!(order.wanted.profile.name, "minimal");
    assert_eq!(
        order.wanted.subject.common_name.as_deref(),
        Some("Acme signer")
    );
    assert_eq!(order.wanted.serial, None);
}

#[test]
fn every_field_of_the_profile_can_be_overridden() {
    let mut state = state(120, 36);
    act(&mut state, "partner-ec", 0);
    let fields = [
        ("unit", "Signers"),
        ("names", "dns:a.example"),
        ("key usage", "keyCertSign, cRLSign"),
        ("purposes", "clientAuth"),
        ("netscape", "none"),
        ("days", "7"),
        ("serial", "0x1ab"),
    ];
    for (label, value) in fields {
        focus(&mut state, label);
        text(&mut state, value);
    }
    focus(&mut state, "CA");
    let effects = press(&mut state, &[Key::Right, Key::Enter]);
    let [Effect::IssueCertificate { order, .. }] = &effects[..] else {
        panic!("{effects:?} {:?}", problem(&state))
    };
    let subject = Subject {
        unit: Some("Signers".to_owned()),
        ..Subject::default()
    };
    assert_eq!(order.wanted.subject, subject);
    assert_eq!(order.wanted.serial, Some("01ab".parse().unwrap()));
    let expected = Profile {
        days: 7,
        ca: true,
        key_usage: vec![KeyUsage::KeyCertSign, KeyUsage::CrlSign],
        extended_key_usage: vec![ExtendedKeyUsage::ClientAuth],
        netscape_cert_type: Vec::new(),
        subject_alt_name: "dns:a.example".parse().unwrap(),
        ..Profile::named("minimal", &[]).unwrap()
    };
    assert_eq!(order.wanted.profile, expected);
}

#[test]
fn an_unknown_use_is_refused_beside_it() {
    let mut state = state(120, 36);
    act(&mut state, "partner-ec", 0);
    focus(&mut state, "purposes");
    text(&mut state, "clientAut");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let told = problem(&state).unwrap();
    assert!(
        told.starts_with("purposes: unknown variant `clientAut`"),
        "{told}"
    );
}

fn focus(state: &mut State, label: &str) {
    let Some(Dialog::Form(dialog)) = &mut state.dialog else {
        panic!("no form")
    };
    dialog.form.focus_on(label);
}

#[test]
fn a_field_that_says_nothing_is_refused_beside_it() {
    let mut state = state(120, 36);
    act(&mut state, "partner-ec", 0);
    focus(&mut state, "days");
    text(&mut state, "soon");
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let told = problem(&state).unwrap();
    assert!(told.contains("soon") || told.contains("day"), "{told}");
}

#[test]
fn a_renewal_is_one_question() {
    let mut state = state(120, 36);
    act(&mut state, "edge", 1);
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::IssueCertificate { order, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(order.record.kid, "edge");
    assert_eq!(order.wanted.profile.days, 12);
}

#[test]
fn a_request_goes_to_the_clipboard_where_no_file_is_wanted() {
    let mut state = state(120, 36);
    act(&mut state, "partner-ec", 1);
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::RequestCertificate { order, file, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(order.record.kid, "partner-ec");
    assert!(file.is_none());
}

#[test]
fn what_a_ca_sent_is_taken_from_the_file_that_is_named() {
    let mut state = state(120, 36);
    act(&mut state, "partner-ec", 2);
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    assert!(problem(&state).is_some());
    text(&mut state, "leaf.pem");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::ImportCertificate { record, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(record.kid, "partner-ec");
}
