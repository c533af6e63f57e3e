//! The YAML of a template, checked.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Template;
use crate::jose::{algorithm::Algorithm, time};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    description: String,
    #[serde(default)]
    algorithms: Vec<String>,
    #[serde(default = "jwt")]
    typ: String,
    longest: Option<String>,
    longest_source: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    claims: Map<String, Value>,
}

fn jwt() -> String {
    "JWT".to_owned()
}

pub(super) fn parse(yaml: &str) -> Result<Template, String> {
    let file: File = serde_yaml::from_str(yaml).map_err(|error| error.to_string())?;
    let algorithms = file
        .algorithms
        .iter()
        .map(|name| {
            name.parse::<Algorithm>()
                .map_err(|error| format!("algorithms: {error}"))
        })
        .collect::<Result<_, _>>()?;
    let longest = file
        .longest
        .as_deref()
        .map(|text| time::parse_duration(text).map_err(|error| format!("longest: {error}")))
        .transpose()?;
    Ok(Template {
        name: file.name,
        description: file.description,
        algorithms,
        typ: file.typ,
        longest,
        longest_source: file.longest_source,
        needs: file.needs,
        claims: file.claims,
    })
}
