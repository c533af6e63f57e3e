//! Headers and claims sets for tests, written in any way that JSON allows.

use proptest::prelude::*;

/// What stands in a header in the place of its algorithm.
pub(crate) const ALG: &str = "ALG";

/// A header with `alg` after its other members, and the kid `k` or none.
pub(crate) fn header() -> impl Strategy<Value = String> {
    let kid = prop_oneof![
        Just(""),
        Just(r#","kid":"k""#),
        Just(", \"\\u006bid\" :\"k\"\n")
    ];
    (members(value().boxed()), space(), kid).prop_map(|(members, space, kid)| {
        let comma = if members.is_empty() { "" } else { "," };
        format!("{{{members}{comma}{space}\"alg\"{space}:\"{ALG}\"{kid}{space}}}")
    })
}

/// A claims set without registered claims.
pub(crate) fn claims() -> impl Strategy<Value = String> {
    (members(value().boxed()), space()).prop_map(|(members, space)| format!("{{{members}{space}}}"))
}

fn space() -> impl Strategy<Value = String> {
    "[ \n\r\t]{0,2}"
}

/// Text, number or word, written in any way that JSON allows.
fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        text(),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
        prop_oneof![Just("true"), Just("false"), Just("null")].prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    r#""([ !#-\[\]-~\u{7f}-\u{9f}é€\u{202e}😀]|\\["\\/bfnrt]|\\u00[0-9a-fA-F]{2}|\\ud83d\\ude00){0,12}""#
}

/// Objects and arrays within each other; no name stands twice, and none has a meaning.
fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(3, 16, 4, |inner| {
        let item = (space(), inner.clone(), space())
            .prop_map(|(before, item, after)| format!("{before}{item}{after}"));
        prop_oneof![
            prop::collection::vec(item, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            members(inner).prop_map(|members| format!("{{{members}}}")),
        ]
    })
}

fn members(value: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = String> {
    let member = (space(), text(), space(), space(), value, space());
    prop::collection::vec(member, 0..4).prop_map(|members| {
        let members = members.into_iter().enumerate();
        let members = members.map(|(at, (a, name, b, c, value, d))| {
            format!("{a}\"{at}{}{b}:{c}{value}{d}", &name[1..])
        });
        members.collect::<Vec<_>>().join(",")
    })
}
