//! Panel 4: the members of a header that are filled from the key and its certificate.

use serde_json::Value;

use crate::{
    jose::{claims::JsonObject, header::HeaderMember},
    keystore::record::Record,
    tui::app::{
        activity::Severity,
        dialog::{Dialog, Menu, MenuKind, MenuRow},
        effect::Effect,
        state::State,
        token_panel::{Draft, Mode, Part},
    },
};

/// A member that is there or not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Toggle {
    Cty,
    Filled(HeaderMember),
    Typ,
}

/// In the order of the menu.
const TOGGLES: [Toggle; 6] = [
    Toggle::Typ,
    Toggle::Filled(HeaderMember::Kid),
    Toggle::Filled(HeaderMember::X5t),
    Toggle::Filled(HeaderMember::X5tS256),
    Toggle::Filled(HeaderMember::X5c),
    Toggle::Cty,
];

/// `h`: which members the header has.
pub(in crate::tui::app::update) fn menu(state: &mut State) -> Vec<Effect> {
    let Some((_, _, draft)) = state.draft() else {
        state.say(Severity::Care, "no key to mint with: n makes one");
        return Vec::new();
    };
    match draft.parsed(Part::Header) {
        Ok(header) => {
            let menu = Menu::new(MenuKind::Header, rows(&header));
            state.dialog = Some(Dialog::Menu(menu));
        }
        Err(problem) => state.say(Severity::Bad, problem.to_string()),
    }
    Vec::new()
}

/// Puts the member of a row into the header, or takes it away; the menu stays.
pub(in crate::tui::app::update) fn toggled(state: &mut State, mut menu: Menu) -> Vec<Effect> {
    let toggle = menu.chosen().and_then(|place| TOGGLES.get(place));
    if let (Some(toggle), Some((thumbprint, record, mut draft))) = (toggle, state.draft()) {
        match change(*toggle, &record, &draft, state) {
            Ok(header) => {
                menu.rows = rows(&header);
                draft.replace_header(&header);
                state.token.keep(thumbprint, draft);
                // What is written is no longer what was signed.
                state.token.minted.remove(&thumbprint);
                state.token.mode = Mode::Mint;
            }
            Err(reason) => state.say(Severity::Care, reason),
        }
    }
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// The header with `toggle` the other way.
fn change(
    toggle: Toggle,
    record: &Record,
    draft: &Draft,
    state: &State,
) -> Result<JsonObject, String> {
    let header = draft.parsed(Part::Header);
    let header = header.map_err(|problem| problem.to_string())?;
    if header.members().contains_key(toggle.name()) {
        return Ok(header.without(toggle.name()));
    }
    let value = match toggle {
        Toggle::Cty => Value::from("JWT"),
        Toggle::Filled(member) => member
            .filled(&record.header_source())
            .map_err(|error| error.to_string())?,
        Toggle::Typ => {
            let template = state.template_for(draft);
            template.map_or("JWT", |template| &template.typ).into()
        }
    };
    Ok(header.with(toggle.name(), &value))
}

impl Toggle {
    fn name(self) -> &'static str {
        match self {
            Self::Cty => "cty",
            Self::Filled(member) => member.name(),
            Self::Typ => "typ",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Cty => "what the token holds: JWT in a nested one",
            Self::Filled(HeaderMember::Jwk) => "the public key itself",
            Self::Filled(HeaderMember::Kid) => "the key's name",
            Self::Filled(HeaderMember::X5t) => "SHA-1 of the key's certificate",
            Self::Filled(HeaderMember::X5tS256) => "SHA-256 of the key's certificate",
            Self::Filled(HeaderMember::X5c) => "the certificate with its chain",
            Self::Typ => "the kind of token, as the template says it",
        }
    }
}

fn rows(header: &JsonObject) -> Vec<MenuRow> {
    let row = |toggle: Toggle| MenuRow {
        text: toggle.name().to_owned(),
        detail: toggle.meaning().to_owned(),
        key: if header.members().contains_key(toggle.name()) {
            "✓".to_owned()
        } else {
            " ".to_owned()
        },
    };
    TOGGLES.map(row).into()
}
