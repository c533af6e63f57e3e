//! What can be done, each thing once: dispatch, footer, help, palette and README read this table.

use super::{key::Key, panel::Panel};

/// Something a person can ask for with a key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    Accept,
    AddClient,
    AddEndpoint,
    Adopt,
    Back,
    Bottom,
    Call,
    Certificate,
    ClearLog,
    Columns,
    Compare,
    Copy,
    CopyMenu,
    Decode,
    Delete,
    Details,
    Down,
    DuplicateClient,
    Edit,
    EditClient,
    EditEndpoint,
    EditThisToken,
    EndpointsKeys,
    Exchange,
    ExchangeToken,
    Expect,
    Export,
    Faults,
    Filter,
    Focus(Panel),
    Fold,
    FoldDecoded,
    Found,
    Header,
    Help,
    Import,
    Leave,
    Left,
    Lock,
    Mark,
    Matrix,
    Mint,
    MintEdited,
    Mouse,
    NewKey,
    NextField,
    NextPanel,
    PageDown,
    PageUp,
    Palette,
    Paste,
    PreviousField,
    PreviousPanel,
    Quit,
    Redo,
    Redraw,
    Refresh,
    Register,
    RegisterHere,
    RemoveClient,
    IntrospectToken,
    RevokeToken,
    Rename,
    Right,
    Rotate,
    RotateSandbox,
    RunExchange,
    Sort,
    StartStop,
    Status,
    Step,
    Steps,
    Suspend,
    Tags,
    Template,
    Theme,
    Top,
    Trash,
    Undo,
    UndoEdit,
    Unregister,
    Up,
    Why,
    Wrap,
    Zoom,
}

/// Where a key means an action.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Context {
    /// Outside text.
    Everywhere,
    Keys,
    Certificate,
    Register,
    Token,
    /// Panel 4 while it decodes.
    Decode,
    Clients,
    /// The part of panel 5 that shows a client's steps.
    Steps,
    Sandbox,
    Activity,
    Editor,
    Dialog,
}

/// An action's keys, names and place.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub action: Action,
    pub context: Context,
    /// The first is the one that is shown.
    pub keys: &'static [Key],
    /// What the configuration's `keys:` calls it.
    pub name: &'static str,
    /// One or two words for the footer.
    pub label: &'static str,
    /// One line for help, palette and README.
    pub description: &'static str,
    /// Its place in the footer, lowest first; none: never there.
    pub rank: Option<u8>,
}

impl Context {
    /// Every context, in the order of the help.
    pub const ALL: [Self; 12] = [
        Self::Everywhere,
        Self::Keys,
        Self::Certificate,
        Self::Register,
        Self::Token,
        Self::Decode,
        Self::Clients,
        Self::Steps,
        Self::Sandbox,
        Self::Activity,
        Self::Editor,
        Self::Dialog,
    ];

    /// Its title in help and README.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere outside text",
            Self::Keys => "1 Keys",
            Self::Certificate => "2 Certificate",
            Self::Register => "3 Register",
            Self::Token => "4 Token",
            Self::Decode => "4 Token, decode",
            Self::Clients => "5 Clients",
            Self::Steps => "5 Clients, steps",
            Self::Sandbox => "6 Sandbox",
            Self::Activity => "7 Activity",
            Self::Editor => "editor",
            Self::Dialog => "dialogs",
        }
    }

    /// Where a key is looked up that means nothing in this context.
    pub fn outer(self) -> Option<Self> {
        match self {
            Self::Everywhere | Self::Editor | Self::Dialog => None,
            Self::Decode => Some(Self::Token),
            Self::Steps => Some(Self::Clients),
            _ => Some(Self::Everywhere),
        }
    }
}

/// The bindings of a context.
pub fn of(context: Context) -> impl Iterator<Item = &'static Binding> {
    TABLE
        .iter()
        .filter(move |binding| binding.context == context)
}

macro_rules! table {
    ($($context:ident: $action:expr, [$($key:expr),+], $name:literal, $label:literal, $description:literal, $rank:expr;)*) => {
        /// Every action.
        pub const TABLE: &[Binding] = &[$(Binding {
            action: $action,
            context: Context::$context,
            keys: &[$($key),+],
            name: $name,
            label: $label,
            description: $description,
            rank: $rank,
        }),*];
    };
}

use Action as A;
use Key::{Char, Ctrl, F};

table! {
    Everywhere: A::NewKey, [Char('n')], "new-key", "new", "make a key with its certificate", Some(10);
    Everywhere: A::Import, [Char('i')], "import", "import", "import keys from a file or a paste", Some(16);
    Everywhere: A::Register, [Char('r')], "register", "register", "register the selected key at an endpoint", Some(11);
    Everywhere: A::Mint, [Char('m')], "mint", "mint", "mint a token with the selected key", Some(12);
    Everywhere: A::Copy, [Char('y')], "copy", "copy", "copy the panel's main thing", Some(13);
    Everywhere: A::CopyMenu, [Char('Y')], "copy-menu", "copy…", "choose what to copy", None;
    Everywhere: A::Filter, [Char('/')], "filter", "filter", "show the keys or clients that match, or search the decoded token", Some(30);
    Everywhere: A::Palette, [Char(':')], "palette", "palette", "find an action by name", Some(31);
    Everywhere: A::Help, [Char('?'), F(1)], "help", "help", "every key", None;
    Everywhere: A::Zoom, [Char('z')], "zoom", "zoom", "give the panel the whole screen, and back", Some(32);
    Everywhere: A::Focus(Panel::Keys), [Char('1')], "keys", "keys", "go to the keys", None;
    Everywhere: A::Focus(Panel::Certificate), [Char('2')], "certificate", "certificate", "go to the certificate", None;
    Everywhere: A::Focus(Panel::Register), [Char('3')], "registrations", "register", "go to the registrations", None;
    Everywhere: A::Focus(Panel::Token), [Char('4')], "token", "token", "go to the token", None;
    Everywhere: A::Focus(Panel::Clients), [Char('5')], "clients", "clients", "go to the clients", None;
    Everywhere: A::Focus(Panel::Sandbox), [Char('6')], "sandbox", "sandbox", "go to the sandbox", Some(33);
    Everywhere: A::Focus(Panel::Activity), [Char('7')], "activity", "activity", "go to what was done", None;
    Everywhere: A::NextPanel, [Key::Tab], "next-panel", "next", "go to the next panel", None;
    Everywhere: A::PreviousPanel, [Key::BackTab], "previous-panel", "previous", "go to the panel before", None;
    Everywhere: A::Up, [Char('k'), Key::Up], "up", "up", "one row up", None;
    Everywhere: A::Down, [Char('j'), Key::Down], "down", "down", "one row down", None;
    Everywhere: A::PageUp, [Key::PageUp], "page-up", "page up", "one page up", None;
    Everywhere: A::PageDown, [Key::PageDown], "page-down", "page down", "one page down", None;
    Everywhere: A::Top, [Char('g'), Key::Home], "top", "top", "to the first row", None;
    Everywhere: A::Bottom, [Char('G'), Key::End], "bottom", "bottom", "to the last row", None;
    Everywhere: A::Back, [Key::Esc], "back", "back", "leave the filter, the marks or the zoom, cancel what is under way", None;
    Everywhere: A::Refresh, [Ctrl('r')], "refresh", "refresh", "read the keys and ask the endpoints again", None;
    Everywhere: A::Theme, [Char('T')], "theme", "theme", "next theme: dark, light, high contrast", None;
    Everywhere: A::Mouse, [Char('M')], "mouse", "mouse", "mouse on or off", None;
    Everywhere: A::Lock, [Char('L')], "lock", "lock", "lock the keys, or unlock them", None;
    Everywhere: A::Redraw, [Ctrl('l')], "redraw", "redraw", "draw the screen anew", None;
    Everywhere: A::Suspend, [Ctrl('z')], "suspend", "suspend", "lock, and give the terminal back to the shell", None;
    Everywhere: A::Quit, [Char('q'), Ctrl('c')], "quit", "quit", "leave keyfob", Some(40);

    Keys: A::Details, [Key::Enter], "details", "details", "all about the key", Some(20);
    Keys: A::Export, [Char('e')], "export", "export", "write a form of the key, or the public halves of the marked keys, to a file", Some(22);
    Keys: A::Delete, [Char('d')], "delete", "delete", "move the key, or the marked keys, to the trash", Some(21);
    Keys: A::Undo, [Char('u')], "undo", "undo", "bring back what was deleted last", Some(9);
    Keys: A::Rename, [Key::F(2)], "rename", "rename", "give the key another kid", Some(24);
    Keys: A::Rotate, [Char('R')], "rotate", "rotate", "let the next key of its kind take over, step by step", Some(28);
    Keys: A::Mark, [Char(' ')], "mark", "mark", "mark the key, or take its mark", Some(23);
    Keys: A::Compare, [Char('=')], "compare", "compare", "show two marked keys side by side", Some(30);
    Keys: A::Sort, [Char('s')], "sort", "sort", "sort by any column, either way round", Some(25);
    Keys: A::Columns, [Char('c')], "columns", "columns", "choose the columns of the list", Some(28);
    Keys: A::Tags, [Char('t')], "tags", "tags", "edit the tags of the key, or of the marked keys", Some(27);
    Keys: A::Status, [Char('S')], "status", "status", "say that the key is active, retired or revoked", Some(29);
    Keys: A::Trash, [Char('x')], "trash", "trash", "look into the trash", Some(26);

    Certificate: A::Fold, [Key::Enter], "fold", "fold", "fold or unfold the extensions", Some(20);
    Certificate: A::Certificate, [Char('C')], "certificate-menu", "certificate…", "new certificate, renewal, request (CSR), import", Some(8);
    Certificate: A::Export, [Char('e')], "export-certificate", "export", "write a form of the certificate or key to a file", Some(21);

    Register: A::RegisterHere, [Key::Enter], "register-here", "request", "show the request for this endpoint, then send it", Some(8);
    Register: A::EndpointsKeys, [Char('v')], "endpoints-keys", "key ↔ endpoint", "change between the key's endpoints and all keys at this endpoint", Some(9);
    Register: A::AddEndpoint, [Char('a')], "add-endpoint", "add", "add an endpoint: by a preset, or like one that is there", Some(16);
    Register: A::EditEndpoint, [Char('E')], "edit-endpoint", "edit", "change an endpoint that was added here", Some(21);
    Register: A::Matrix, [Char('o')], "matrix", "matrix", "all keys at all endpoints, and back", Some(15);
    Register: A::Left, [Key::Left], "left", "left", "one endpoint to the left in the matrix", None;
    Register: A::Right, [Key::Right], "right", "right", "one endpoint to the right in the matrix", None;
    Register: A::Adopt, [Char('A')], "adopt", "adopt", "note a key of ours that was found there", Some(14);
    Register: A::Rotate, [Char('R')], "rotate-registered", "rotate", "let the next key of its kind take over wherever this one is registered", Some(21);
    Register: A::Unregister, [Char('d')], "unregister", "remove", "remove the key from this endpoint; where it is not there, the endpoint itself", Some(20);

    Token: A::Edit, [Key::Enter], "edit", "edit", "edit header and claims", Some(8);
    Token: A::Decode, [Char('v')], "mint-decode", "mint ↔ decode", "change between minting and decoding", Some(20);
    Token: A::Paste, [Char('p')], "paste", "paste", "clear and paste a token to decode", Some(21);
    Token: A::EditThisToken, [Char('E')], "edit-this-token", "edit this", "carry the decoded token into the editor", Some(22);
    Token: A::Why, [Char('w')], "why", "why", "say why a server may refuse the decoded token", Some(24);
    Token: A::Template, [Char('t')], "template", "template", "start from a template, or another key's draft", Some(23);
    Token: A::Header, [Char('h')], "header", "header", "choose what the header says of key and certificate", Some(24);
    Token: A::Found, [Char('f')], "found", "found", "choose among the tokens that were found in a paste", Some(19);
    Token: A::Wrap, [Char('W')], "wrap", "wrap", "wrap long lines, or cut them", Some(25);

    Decode: A::Expect, [Char('x')], "expect", "expect…", "say what is expected of the token, and whose keys check it", Some(22);
    Decode: A::FoldDecoded, [Key::Enter], "fold-decoded", "fold", "fold or unfold the objects and arrays in header and claims", Some(8);

    Clients: A::RunExchange, [Key::Enter], "run-exchange", "run", "ask for a new access token, every step shown", Some(8);
    Clients: A::Call, [Char('C')], "call", "call", "call a URL with the access token, a new one where it has ended", Some(9);
    Clients: A::ExchangeToken, [Char('X')], "exchange-token", "exchange", "exchange somebody else's token for one of the client's", Some(17);
    Clients: A::Steps, [Char('v')], "clients-steps", "clients ↔ steps", "change between the clients, the steps and what a step is made of", Some(9);
    Clients: A::IntrospectToken, [Char('o')], "introspect-token", "introspect", "ask the server what it knows of the access token", Some(15);
    Clients: A::RevokeToken, [Char('x')], "revoke-token", "revoke", "have the server forget the access token", Some(15);
    Clients: A::AddClient, [Char('a')], "add-client", "add", "add a client", Some(9);
    Clients: A::DuplicateClient, [Char('D')], "duplicate-client", "like this", "add a client that begins like this one", Some(15);
    Clients: A::EditClient, [Char('E')], "edit-client", "edit", "change a client that was added here", Some(15);
    Clients: A::RemoveClient, [Char('d')], "remove-client", "remove", "remove a client that was added here", Some(15);

    Steps: A::Step, [Key::Enter], "step", "details", "what was sent and what came back, byte for byte", Some(8);

    Sandbox: A::StartStop, [Key::Enter], "start-stop", "start/stop", "start the sandbox, or stop it", Some(8);
    Sandbox: A::Faults, [Char('f')], "faults", "faults", "choose how the sandbox refuses on purpose", Some(9);
    Sandbox: A::RotateSandbox, [Char('R')], "rotate-sandbox", "rotate", "let the sandbox sign access tokens with a new key", Some(9);
    Sandbox: A::ClearLog, [Char('c')], "clear-log", "clear", "clear the log", Some(20);

    Activity: A::Exchange, [Key::Enter], "exchange", "details", "what was sent and what came back", Some(8);

    Editor: A::MintEdited, [Ctrl('s')], "mint-edited", "mint", "sign what is written", Some(1);
    Editor: A::Leave, [Key::Esc], "leave", "leave", "leave the editor, keep the text", Some(2);
    Editor: A::NextField, [Key::Tab], "editor-next", "header ↔ claims", "to the other editor", Some(3);
    Editor: A::UndoEdit, [Ctrl('u')], "undo-edit", "undo", "undo", Some(4);
    Editor: A::Redo, [Ctrl('y')], "redo", "redo", "redo", Some(5);

    Dialog: A::Accept, [Key::Enter], "accept", "ok", "do it, from any field", Some(1);
    Dialog: A::Leave, [Key::Esc], "cancel", "cancel", "close; what was typed is kept", Some(2);
    Dialog: A::NextField, [Key::Tab, Key::Down], "next-field", "next field", "next field or row", Some(3);
    Dialog: A::PreviousField, [Key::BackTab, Key::Up], "previous-field", "previous field", "field or row before", None;
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_context_has_a_key_twice() {
        for context in Context::ALL {
            let mut seen = HashSet::new();
            for key in of(context).flat_map(|binding| binding.keys) {
                assert!(seen.insert(key), "{key} twice in {context:?}");
            }
        }
    }

    #[test]
    fn no_panel_shadows_a_key_of_everywhere() {
        let everywhere: HashSet<Key> = of(Context::Everywhere)
            .flat_map(|binding| binding.keys.iter().copied())
            .collect();
        // Text has its own keys: an editor and a dialog are not "outside text".
        let panels = TABLE.iter().filter(|binding| {
            !matches!(
                binding.context,
                Context::Everywhere | Context::Editor | Context::Dialog
            )
        });
        for binding in panels {
            for key in binding.keys {
                assert!(!everywhere.contains(key), "{key} in {:?}", binding.context);
            }
        }
    }

    #[test]
    fn every_action_is_named_once_and_described() {
        let mut names = HashSet::new();
        for binding in TABLE {
            assert!(names.insert(binding.name), "{}", binding.name);
            assert!(!binding.label.is_empty() && !binding.description.is_empty());
        }
    }
}
