//! `keyfob keys rotate`

use std::cell::{Cell, OnceCell, RefCell};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    arguments::RotateOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    remote,
    session::Session,
};
use crate::{
    jose::time,
    keystore::{sealing::Unlocked, store::Keystore},
    registry::{
        book::Endpoints,
        endpoint::{Endpoint, Word},
        error::RegistryError,
        journal::Journal,
        rotation::{self, Advance, Deed, Guide, Rotation, Stage, Standing, Undone, Wishes},
    },
};

/// Where a run of the command ended.
enum End {
    ByHand(String),
    Finished,
    /// Nothing was asked for but the plan.
    Shown,
    Undone,
    Waits(Timestamp),
}

/// What a run needs of the endpoints: their tokens, the sealed ones too, for which the passphrase is
/// asked once.
struct Places<'a> {
    endpoints: Endpoints,
    keystore: &'a Keystore,
    session: &'a Session,
    unlocked: OnceCell<Unlocked>,
    refused: RefCell<Option<Failure>>,
}

pub(super) fn run(
    options: &RotateOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let places = Places {
        endpoints: session.endpoints()?,
        keystore: &keystore,
        session,
        unlocked: OnceCell::new(),
        refused: RefCell::new(None),
    };
    let wishes = wishes(options)?;
    let Some(kid) = &options.kid else {
        let mut all = rotation::under_way(&keystore)?;
        let mut exit = Exit::Done;
        let mut shown = Vec::new();
        for rotation in &mut all {
            if options.dry_run {
                rotation.wish(&wishes);
            } else {
                rotation::wish(&keystore, rotation, &wishes)?;
            }
            let end = ended(options, rotation, &places, output)?;
            if exit_of(&end) != Exit::Done {
                exit = exit_of(&end);
            }
            shown.push(as_json(rotation, &end, session.now()));
            if output.format() == Format::Text {
                tell(rotation, &end, session, output)?;
            }
        }
        if all.is_empty() {
            output.say("no rotation is under way");
        }
        if output.format() == Format::Json {
            output.json(&Value::Array(shown))?;
        }
        return Ok(exit);
    };
    let mut rotation = match (rotation::find(&keystore, kid)?, options.undo) {
        (Some(rotation), _) => rotation,
        (None, true) => {
            return Err(Failure::new(
                Exit::NotFound,
                format!("no rotation of {kid} is under way: there is nothing to undo"),
            ));
        }
        (None, false) => {
            let record = keystore.find(kid)?;
            let now = session.now();
            if options.dry_run {
                rotation::plan(&keystore, &record, &places.endpoints, &wishes, now)?
            } else {
                session.confirm(&keystore, &record, output)?;
                rotation::begin(&keystore, &record, &places.endpoints, &wishes, now)?
            }
        }
    };
    if options.dry_run {
        rotation.wish(&wishes);
    } else {
        rotation::wish(&keystore, &mut rotation, &wishes)?;
    }
    let end = ended(options, &mut rotation, &places, output)?;
    match output.format() {
        Format::Json => output.json(&as_json(&rotation, &end, session.now()))?,
        Format::Text => tell(&rotation, &end, session, output)?,
    }
    Ok(exit_of(&end))
}

fn wishes(options: &RotateOptions) -> Result<Wishes, Failure> {
    let length = |option: &str, text: &Option<String>| {
        let text = text.as_deref();
        text.map(time::parse_duration)
            .transpose()
            .map_err(|error| Failure::usage(format!("{option}: {error}")))
    };
    Ok(Wishes {
        kid: options.new_kid.clone(),
        caches: length("--caches", &options.caches)?,
        token_life: length("--token-life", &options.token_life)?,
    })
}

fn ended(
    options: &RotateOptions,
    rotation: &mut Rotation,
    places: &Places<'_>,
    output: &mut Output,
) -> Result<End, Failure> {
    if options.dry_run {
        return Ok(End::Shown);
    }
    // What a person said is of the step that was due then, and of no other.
    let due = if options.undo {
        rotation.last_done()
    } else {
        rotation.current()
    };
    let word = Cell::new(Word::of(options.by_hand.done));
    let resolve = |name: &str| Ok(places.endpoint(name)?.with_word(word.get()));
    let guide = Guide {
        keystore: places.keystore,
        endpoint: &resolve,
        journal: Journal::default(),
    };
    let now = || places.session.now();
    loop {
        let ended = if options.undo {
            match guide.undo(rotation, now()) {
                Ok(Undone::All) => Ok(Some(End::Undone)),
                Ok(Undone::ByHand(what)) => Ok(Some(End::ByHand(what))),
                Ok(Undone::Step(deed)) => {
                    if rotation.last_done() != due {
                        word.set(Word::Asked);
                    }
                    say("undone: ", &deed, rotation, output);
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        } else {
            match guide.advance(rotation, now()) {
                Ok(Advance::ByHand(what)) => Ok(Some(End::ByHand(what))),
                Ok(Advance::Did(deed)) => {
                    if rotation.current() != due {
                        word.set(Word::Asked);
                    }
                    say("", &deed, rotation, output);
                    Ok(None)
                }
                Ok(Advance::Finished) => Ok(Some(End::Finished)),
                Ok(Advance::Waits { until, .. }) => Ok(Some(End::Waits(until))),
                Err(error) => Err(error),
            }
        };
        match ended {
            Ok(None) => {}
            Ok(Some(end)) => return Ok(end),
            Err(error) => {
                let refused = places.refused.take();
                return Err(refused.unwrap_or_else(|| remote::refused(error, output)));
            }
        }
    }
}

impl Places<'_> {
    fn endpoint(&self, name: &str) -> Result<Endpoint, RegistryError> {
        let (endpoints, home) = (&self.endpoints, self.session.home());
        if !endpoints.is_sealed(name)? {
            return endpoints.resolved(name, home, None);
        }
        if self.unlocked.get().is_none() {
            match self.session.unlock(self.keystore) {
                Ok(unlocked) => drop(self.unlocked.set(unlocked)),
                Err(failure) => drop(self.refused.replace(Some(failure))),
            }
        }
        let opened = self.unlocked.get();
        endpoints.resolved(name, home, opened.map(|unlocked| (self.keystore, unlocked)))
    }
}

fn say(before: &str, deed: &Deed, rotation: &Rotation, output: &mut Output) {
    let text = deed.stage.text(rotation);
    output.say(&match &deed.skipped {
        None => format!("✓ {before}{text}"),
        Some(why) => format!("– {before}{text}: skipped: {why}"),
    });
}

fn tell(
    rotation: &Rotation,
    end: &End,
    session: &Session,
    output: &mut Output,
) -> Result<(), Failure> {
    let (old, new, now) = (&rotation.old.kid, rotation.new_kid(), session.now());
    match end {
        End::ByHand(what) => {
            let due = rotation.current().map(|index| &rotation.steps[index].stage);
            let again = match due.and_then(Stage::endpoint) {
                Some(_) => "then do this again with --done",
                None => "then do this again",
            };
            output.say(&format!("! by hand: {what}; {again}"));
        }
        End::Finished => output.say(&format!("{old} is retired: {new} has taken over")),
        End::Shown => {
            for line in lines(rotation, now) {
                output.result(&line)?;
            }
            output.say(&format!(
                "dry run: nothing was done; what signs with {old} beside keyfob must sign with \
                 {new} before {old} is removed"
            ));
            return Ok(());
        }
        End::Undone => {
            output.say(&format!("{old} is as it was: {new} lies in the trash"));
            return output.result(old);
        }
        End::Waits(until) => {
            let index = rotation.current().unwrap_or_default();
            let stage = &rotation.steps[index].stage;
            let why = rotation
                .wait(index)
                .map_or(String::new(), |wait| wait.source);
            output.say(&format!(
                "… {}: until {until}, {} ({why}); then do this again",
                stage.text(rotation),
                time::relative(*until, now)
            ));
        }
    }
    output.result(&new)
}

/// The steps, one a line, each with where it stands.
fn lines(rotation: &Rotation, now: Timestamp) -> Vec<String> {
    let steps = rotation.steps.iter().enumerate();
    let line = |(index, step): (usize, &rotation::Planned)| {
        let (sign, told) = match rotation.standing(index, now) {
            Standing::Done(at) => (
                if step.skipped.is_some() { "–" } else { "✓" },
                format!(", {at}"),
            ),
            Standing::Due => ("→", String::new()),
            Standing::Later => (" ", String::new()),
            Standing::Until(until) => ("…", format!(", until {until}")),
        };
        let wait = rotation.wait(index).map_or(String::new(), |wait| {
            format!(": {} ({})", time::span(wait.seconds), wait.source)
        });
        let skipped = step.skipped.as_ref();
        let skipped = skipped.map_or(String::new(), |why| format!(": skipped: {why}"));
        format!(
            "{sign} {}. {}{wait}{skipped}{told}",
            index + 1,
            step.stage.text(rotation)
        )
    };
    steps.map(line).collect()
}

fn exit_of(end: &End) -> Exit {
    match end {
        End::Finished | End::Shown | End::Undone => Exit::Done,
        End::ByHand(_) | End::Waits(_) => Exit::No,
    }
}

fn as_json(rotation: &Rotation, end: &End, now: Timestamp) -> Value {
    let steps = rotation.steps.iter().enumerate().map(|(index, step)| {
        let (state, at) = match rotation.standing(index, now) {
            Standing::Done(at) if step.skipped.is_some() => ("skipped", Some(at)),
            Standing::Done(at) => ("done", Some(at)),
            Standing::Due => ("due", None),
            Standing::Later => ("later", None),
            Standing::Until(_) => ("waits", None),
        };
        let wait = rotation.wait(index);
        json!({
            "step": step.stage.name(),
            "endpoint": step.stage.endpoint(),
            "client": step.stage.client(),
            "text": step.stage.text(rotation),
            "state": state,
            "at": at.map(|at| at.to_string()),
            "skipped": step.skipped,
            "wait_seconds": wait.as_ref().map(|wait| wait.seconds),
            "wait_source": wait.map(|wait| wait.source),
        })
    });
    let (by_hand, until) = match end {
        End::ByHand(what) => (Some(what), None),
        End::Waits(until) => (None, Some(until.to_string())),
        _ => (
            None,
            rotation.waits_until(now).map(|until| until.to_string()),
        ),
    };
    json!({
        "old": rotation.old.kid,
        "new": Some(&rotation.new.kid).filter(|kid| !kid.is_empty()),
        "begun": rotation.begun.to_string(),
        "finished": matches!(end, End::Finished),
        "undone": matches!(end, End::Undone),
        "by_hand": by_hand,
        "waits_until": until,
        "steps": steps.collect::<Vec<_>>(),
    })
}
