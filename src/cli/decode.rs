//! `keyfob decode`

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    token_source,
};
use crate::jose::{
    time,
    token::{Body, UnverifiedToken},
};

pub(super) fn run(token: Option<&str>, output: &mut Output) -> Result<Exit, Failure> {
    let text = token_source::read(token)?;
    let token = UnverifiedToken::decode(text.expose())?;
    for remark in &token.remarks {
        output.say(&format!("note: {remark}"));
    }
    if output.format() == Format::Json {
        output.json(&token_json(&token))?;
        return Ok(Exit::Done);
    }
    output.result(&token.header.pretty())?;
    match &token.body {
        Body::Claims { claims, .. } => {
            output.result(&claims.pretty())?;
            let now = Timestamp::now();
            for (name, at) in time::dates_of(claims) {
                output.say(&format!("{name}: {at}, {}", time::relative(at, now)));
            }
        }
        Body::Payload { payload, .. } => match std::str::from_utf8(payload) {
            Ok(text) => output.result(text)?,
            Err(_) => output.say(&format!(
                "payload: {} bytes that are no text",
                payload.len()
            )),
        },
        Body::Encrypted => output.say("encrypted (JWE): only the header can be read"),
    }
    output.say("not verified: keyfob verify judges it");
    Ok(Exit::Done)
}

fn token_json(token: &UnverifiedToken) -> Value {
    let mut object = json!({"header": token.header.members()});
    match &token.body {
        Body::Claims { claims, signature } => {
            object["claims"] = json!(claims.members());
            object["signature_bytes"] = json!(signature.len());
        }
        Body::Payload { payload, signature } => {
            object["payload"] = json!(String::from_utf8_lossy(payload));
            object["payload_bytes"] = json!(payload.len());
            object["signature_bytes"] = json!(signature.len());
        }
        Body::Encrypted => object["encrypted"] = json!(true),
    }
    object["verified"] = json!(false);
    object["remarks"] = json!(token.remarks);
    object
}
