//! `keyfob templates list|show`

use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    session::Session,
    table::Table,
};
use crate::{
    config::own_files,
    jose::{
        claims::JsonObject,
        template::{FieldKind, Given, Origin, Source, Template},
    },
};

pub(super) fn list(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let all = Template::all(&own_files::templates(session.home())?)?;
    if output.format() == Format::Json {
        output.json(&Value::Array(all.iter().map(as_json).collect()))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["NAME", "ALGORITHMS", "LIVES", "WHAT FOR"]);
    for template in all {
        table.row(vec![
            template.name.clone(),
            template.algorithm_names(),
            template.lives(),
            template.description,
        ]);
    }
    output.result(&table.to_string())?;
    Ok(Exit::Done)
}

pub(super) fn show(name: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let template = Template::named(name, &own_files::templates(session.home())?)?;
    if output.format() == Format::Json {
        output.json(&as_json(&template))?;
        return Ok(Exit::Done);
    }
    let sourced = |rule: String, source: &Source| match rule.as_str() {
        "any" => rule,
        _ => format!("{rule}  ({})", source.text()),
    };
    let mut rows = vec![
        ("name", template.name.clone()),
        ("description", template.description.clone()),
        ("from", origin(&template).to_owned()),
        (
            "algorithms",
            sourced(template.algorithm_names(), &template.algorithms.source),
        ),
        (
            "lives",
            sourced(template.lives(), &template.lifetime.source),
        ),
        ("typ", template.typ.clone()),
    ];
    let header: Vec<&str> = template.header.iter().map(|member| member.name()).collect();
    for (label, names) in [
        ("header", header.join(", ")),
        ("needs", template.needs.join(", ")),
    ] {
        if !names.is_empty() {
            rows.push((label, names));
        }
    }
    for (label, value) in rows {
        output.result(&format!("{label:<14}{value}"))?;
    }
    for field in &template.fields {
        let given = match &field.given {
            Given::Default(text) => format!("default {text}"),
            Given::Example(text) => format!("for example {text}"),
        };
        output.result(&format!("--set {}=…  {}; {given}", field.name, field.help))?;
    }
    output.result(&JsonObject::from_members(template.claims().clone()).pretty())?;
    Ok(Exit::Done)
}

fn as_json(template: &Template) -> Value {
    let seconds = |bound: Option<std::time::Duration>| bound.map(|bound| bound.as_secs());
    let source = |source: &Source| match source {
        Source::Confirmed(text) => json!(text),
        Source::NotConfirmed => Value::Null,
    };
    let names = |all: Vec<&'static str>| json!(all);
    let fields: Vec<Value> = template
        .fields
        .iter()
        .map(|field| {
            let (given, text) = match &field.given {
                Given::Default(text) => ("default", text),
                Given::Example(text) => ("example", text),
            };
            let kind = match field.kind {
                FieldKind::Json => "json",
                FieldKind::Text => "text",
            };
            json!({"name": field.name, "help": field.help, given: text, "kind": kind})
        })
        .collect();
    json!({
        "name": template.name,
        "description": template.description,
        "from": origin(template),
        "typ": template.typ,
        "header": names(template.header.iter().map(|member| member.name()).collect()),
        "algorithms": names(template.algorithms.value.iter().map(|each| each.name()).collect()),
        "algorithms_source": source(&template.algorithms.source),
        "shortest": seconds(template.lifetime.value.shortest),
        "longest": seconds(template.lifetime.value.longest),
        "lifetime_source": source(&template.lifetime.source),
        "needs": template.needs,
        "fields": fields,
        "claims": template.claims(),
    })
}

fn origin(template: &Template) -> &str {
    match &template.origin {
        Origin::BuiltIn => "keyfob",
        Origin::File(file) => file,
    }
}
