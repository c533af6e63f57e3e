//! Panel 5: clients and calls as they are filled in.

use super::*;

#[test]
fn a_client_is_added_that_begins_like_another() {
    let mut state = with_clients();
    let known = &mut state.configuration.settings.clients;
    let own = known.get_mut("own").unwrap();
    own.scope = Some("read".to_owned());
    own.extra.insert("scopes".to_owned(), "openid".to_owned());
    let expected = own.clone();
    press(&mut state, &[Key::Down, Key::Char('D')]);
    assert!(press(&mut state, &[Key::Enter]).is_empty());
    let asked = "name: write what the client is called here";
    assert_eq!(problem(&state), Some(asked));
    text(&mut state, "other");
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::SaveClient { order, .. }] = &effects[..] else {
        panic!("{effects:?} {:?}", problem(&state))
    };
    assert_eq!(
        (order.name.as_str(), &order.settings, order.saving),
        ("other", &expected, Saving::Add)
    );
}

#[test]
fn the_cursor_goes_to_the_field_that_the_problem_names() {
    let mut state = with_clients();
    press(&mut state, &[Key::Char('a')]);
    for (fields, expected) in [
        (&["new"][..], "issuer"),
        (&["https://idp.example"][..], "client_id"),
        (&["id", "nobody"][..], "key"),
    ] {
        fill(&mut state, fields);
        press(&mut state, &[Key::Enter]);
        let Some(Dialog::Form(dialog)) = &state.dialog else {
            panic!()
        };
        let form = &dialog.form;
        let focused = &form.fields[form.focus()].label;
        assert_eq!(focused, expected, "{:?}", problem(&state));
    }
}

#[test]
fn a_client_is_added_and_changed_where_it_can_work() {
    let mut state = with_clients();
    press(&mut state, &[Key::Char('a')]);
    for (fields, expected) in [
        (&["new"][..], "issuer: write it, or token_url"),
        (
            &["", "ftp://x"],
            "the URL must begin with https:// (or http://)",
        ),
    ] {
        fill(&mut state, fields);
        assert!(press(&mut state, &[Key::Enter]).is_empty());
        assert_eq!(problem(&state), Some(expected));
        let Some(Dialog::Form(form)) = &mut state.dialog else {
            panic!()
        };
        form.form.set_text("issuer", "");
        form.form.focus_on("name");
    }
    fill(&mut state, &["", "https://idp.example", "", "id"]);
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::SaveClient { task, order }] = &effects[..] else {
        panic!("{effects:?} {:?}", problem(&state))
    };
    let (task, order) = (*task, order.clone());
    let issuer = ClientServer::Issuer("https://idp.example".to_owned());
    assert_eq!(
        (order.name.as_str(), &order.settings, order.saving),
        (
            "new",
            &ClientSettings::new(issuer, "id", "edge"),
            Saving::Add
        )
    );
    let refused = Err("the disk is full".to_owned());
    done(
        &mut state,
        task,
        Outcome::ClientSaved("new".to_owned(), refused),
    );
    assert_eq!(problem(&state), Some("the disk is full"));

    press(&mut state, &[Key::Esc, Key::Char('E')]);
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::SaveClient { task, order }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(order.saving, Saving::Replace);
    assert_eq!(
        order.settings,
        state.configuration.settings.clients["added"]
    );
    let mut settings = order.settings.clone();
    settings.scope = Some("read".to_owned());
    let file = "/c/config.d/client-new.yaml".to_owned();
    let saved = Box::new(SavedClient {
        settings: settings.clone(),
        file,
    });
    let saved = Outcome::ClientSaved("new".to_owned(), Ok(saved));
    let effects = done(&mut state, *task, saved);
    assert!(matches!(effects[..], [Effect::LoadConfiguration]));
    assert!(state.dialog.is_none());
    // It is there at once, under the cursor.
    let row = state.client().unwrap();
    assert_eq!(
        (row.name.as_str(), row.settings),
        ("new", Some(settings.clone()))
    );
}

#[test]
fn what_stands_in_a_file_of_the_user_is_changed_there() {
    let mut state = with_clients();
    for key in [Key::Char('E'), Key::Char('d')] {
        press(&mut state, &[Key::Char('G'), key]);
        assert!(state.dialog.is_none());
        let toast = state.toast.take().unwrap();
        assert_eq!(toast.text, "own stands in /c/config.yaml: change it there");
        press(&mut state, &[Key::Char('g'), key]);
        assert!(state.dialog.is_none());
    }
    press(&mut state, &[Key::Down, Key::Char('d')]);
    let effects = press(&mut state, &[Key::Enter]);
    let [Effect::RemoveClient { task, name }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(name, "added");
    let removed = Outcome::ClientRemoved("added".to_owned(), Ok(()));
    let effects = done(&mut state, *task, removed);
    assert!(matches!(effects[..], [Effect::LoadConfiguration]));
    let names: Vec<String> = state.clients().into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["sandbox", "own"]);
}

#[test]
fn a_call_that_would_give_the_token_away_is_refused_in_the_form() {
    let mut state = with_clients();
    press(&mut state, &[Key::Char('C'), Key::Ctrl('u')]);
    text(&mut state, "http://api.example/");
    press(&mut state, &[Key::Enter]);
    let told = problem(&state).unwrap();
    assert!(told.contains("over plain http"), "{told}");
    press(&mut state, &[Key::Esc, Key::Char('C')]);
    let Some(Dialog::Form(form)) = &state.dialog else {
        panic!()
    };
    assert_eq!(form.kind, FormKind::Call("added".to_owned()));
    assert_eq!(form.form.value("URL"), "http://api.example/");
}

/// Types into one field after the other.
fn fill(state: &mut State, fields: &[&str]) {
    for field in fields {
        text(state, field);
        press(state, &[Key::Tab]);
    }
}

#[test]
fn the_body_of_a_file_is_shown_before_it_is_sent() {
    let mut state = with_clients();
    press(&mut state, &[Key::Char('C')]);
    text(&mut state, "api.example/v1");
    press(&mut state, &[Key::Up]);
    text(&mut state, "@body.json");
    for (result, told) in [
        (
            Err("body.json: no such file".to_owned()),
            Some("body: body.json: no such file"),
        ),
        (Ok("{}".to_owned()), None),
    ] {
        let effects = press(&mut state, &[Key::Enter]);
        let [Effect::ReadBody { task, path }] = &effects[..] else {
            panic!("{effects:?}")
        };
        assert_eq!(path.to_str(), Some("body.json"));
        done(&mut state, *task, Outcome::Body(result));
        assert_eq!(problem(&state), told);
    }
    let Some(Dialog::Confirm(confirm)) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    let lines: Vec<String> = confirm.body.iter().map(Rich::plain).collect();
    assert_eq!(
        lines[..5],
        [
            "POST https://api.example/v1",
            "Content-Type: application/json",
            "Authorization: Bearer ••••",
            "",
            "{}"
        ]
    );
}
