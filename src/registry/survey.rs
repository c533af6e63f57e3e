//! Where many keys stand at many endpoints: all endpoints are asked at once, each in its own pace.

use std::{
    collections::{HashMap, VecDeque},
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
    thread,
};

use jiff::Timestamp;

use super::{answer::State, endpoint::Endpoint, error::RegistryError, registration, view};
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::{record::Record, store::Keystore},
};

/// The most endpoints that are asked at once.
const AT_ONCE: usize = 16;
/// From so many keys on an endpoint is asked for its list rather than for each key.
const LIST_FROM: usize = 3;

/// Where a key stands at an endpoint.
#[derive(Clone, Debug)]
pub struct Question {
    pub record: Arc<Record>,
    pub endpoint: String,
}

/// What an endpoint said of a key, or why it said nothing.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The place of its question.
    pub question: usize,
    pub state: Result<State, String>,
}

/// How an endpoint is found by name, with its API token.
pub type Resolve<'a> = dyn Fn(&str) -> Result<Endpoint, String> + Sync + 'a;

/// Asks; of an act without an end, what is known then is noted in the keystore. Each answer is told as it comes, in any order, and each question has one. Where `told` breaks, nothing more is
/// asked: what is under way is waited for, and not told.
pub fn survey(
    keystore: &Keystore,
    questions: &[Question],
    resolve: &Resolve<'_>,
    now: Timestamp,
    told: &mut dyn FnMut(Answer) -> ControlFlow<()>,
) {
    let groups = Mutex::new(grouped(questions));
    let stopped = AtomicBool::new(false);
    let name = thread::current().name().unwrap_or("survey").to_owned();
    thread::scope(|scope| {
        let (sender, answers) = channel();
        let count = guarded(&groups).len().min(AT_ONCE);
        for _ in 0..count {
            let asking = Asking {
                keystore,
                questions,
                resolve,
                now,
                stopped: &stopped,
                sender: sender.clone(),
            };
            let groups = &groups;
            let spawned = thread::Builder::new()
                .name(name.clone())
                .spawn_scoped(scope, move || asking.turn(groups));
            // Without a thread left the others ask the rest.
            drop(spawned);
        }
        drop(sender);
        let mut open: Vec<bool> = vec![true; questions.len()];
        for answer in answers {
            open[answer.question] = false;
            if told(answer).is_break() {
                stopped.store(true, Ordering::Relaxed);
                return;
            }
        }
        for question in (0..questions.len()).filter(|place| open[*place]) {
            let state = Err("keyfob itself failed to ask: please report it".to_owned());
            if told(Answer { question, state }).is_break() {
                return;
            }
        }
    });
}

/// The places of the questions by endpoint, the first asked first.
fn grouped(questions: &[Question]) -> VecDeque<Vec<usize>> {
    let mut groups: VecDeque<Vec<usize>> = VecDeque::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (question, asked) in questions.iter().enumerate() {
        let group = *places.entry(&asked.endpoint).or_insert_with(|| {
            groups.push_back(Vec::new());
            groups.len() - 1
        });
        groups[group].push(question);
    }
    groups
}

/// One of those who ask.
struct Asking<'a> {
    keystore: &'a Keystore,
    questions: &'a [Question],
    resolve: &'a Resolve<'a>,
    now: Timestamp,
    stopped: &'a AtomicBool,
    sender: Sender<Answer>,
}

impl Asking<'_> {
    fn turn(&self, groups: &Mutex<VecDeque<Vec<usize>>>) {
        loop {
            let group = guarded(groups).pop_front();
            match group {
                Some(group) if !self.is_stopped() => self.ask(&group),
                _ => return,
            }
        }
    }

    /// All questions to one endpoint.
    fn ask(&self, group: &[usize]) {
        let Some(first) = group.first() else { return };
        let endpoint = match (self.resolve)(&self.questions[*first].endpoint) {
            Ok(endpoint) => endpoint,
            Err(why) => return self.tell_all(group, &why),
        };
        if group.len() < LIST_FROM {
            return self.one_by_one(&endpoint, group);
        }
        match self.listed(&endpoint, group) {
            Ok(()) => {}
            Err(error @ RegistryError::Net { .. }) => self.tell_all(group, &error.to_string()),
            Err(_) => self.one_by_one(&endpoint, group),
        }
    }

    /// By the list of the keys there.
    fn listed(&self, endpoint: &Endpoint, group: &[usize]) -> Result<(), RegistryError> {
        let there = endpoint.list()?;
        let acts = self.keystore.acts().unwrap_or_default();
        let here: Vec<&Record> = group
            .iter()
            .map(|question| &*self.questions[*question].record)
            .collect();
        let mut states: HashMap<Thumbprint, State> = HashMap::new();
        for sight in view::seen(endpoint, &here, &there, self.now) {
            if let (Some(ours), Some(state)) = (sight.ours, sight.state()) {
                let known = states.entry(ours).or_insert_with(|| state.clone());
                // What stands under its id counts before another entry of the same key.
                if matches!(sight.standing, view::Standing::Ours) {
                    *known = state;
                }
            }
        }
        for question in group {
            let thumbprint = self.questions[*question].record.thumbprint();
            let state = states.get(&thumbprint).cloned();
            let state = state.unwrap_or(State::NotThere);
            let settled = if acts.iter().any(|act| act.endpoint == endpoint.name) {
                let record = &self.questions[*question].record;
                registration::settle(self.keystore, record, endpoint, &state, self.now)
            } else {
                Ok(())
            };
            self.tell(*question, told(settled.map(|()| state)));
        }
        Ok(())
    }

    /// Key after key; where nobody answers, the rest is not asked.
    fn one_by_one(&self, endpoint: &Endpoint, group: &[usize]) {
        for (place, question) in group.iter().enumerate() {
            if self.is_stopped() {
                return;
            }
            let record = &self.questions[*question].record;
            match registration::state(self.keystore, record, endpoint, self.now) {
                Err(error @ RegistryError::Net { .. }) => {
                    return self.tell_all(&group[place..], &error.to_string());
                }
                state => self.tell(*question, told(state)),
            }
        }
    }

    fn tell_all(&self, group: &[usize], why: &str) {
        for question in group {
            self.tell(*question, Err(why.to_owned()));
        }
    }

    fn tell(&self, question: usize, state: Result<State, String>) {
        // Nobody listens any more: it was stopped.
        let _ = self.sender.send(Answer { question, state });
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

fn told(state: Result<State, RegistryError>) -> Result<State, String> {
    state.map_err(|error| error.to_string())
}

/// A lock whose holder panicked guards the same list still.
fn guarded<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
