//! What the server is asked of a token.

use zeroize::Zeroize;

use super::{Run, failed, lines};
use crate::{
    config::settings::Grant,
    net::{exchange::Exchange, http},
    oauth::{
        access_token::{AccessToken, Answer},
        causes::Refusal,
        commands::Commands,
        error::OauthError,
        inquiry::{Inquiry, Introspection},
        step::{Step, StepName, StepOutcome},
        token_request,
    },
    secret::Secret,
};

impl Run<'_> {
    /// Asks the server about `token`, whose answer `access` was where that is known. Every step is
    /// told when it is over, the one that failed too. `None` of a revocation, which has no answer.
    pub fn inquire(
        &self,
        inquiry: Inquiry,
        token: &Secret<String>,
        access: Option<&AccessToken>,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Option<Introspection>, OauthError> {
        if self.client.settings.grant != Grant::default() {
            let client = &self.client.for_itself();
            return Run { client, ..*self }.inquire(inquiry, token, access, tell);
        }
        let name = inquiry.step();
        let policy = self.keys.policy(self.client);
        let policy = policy.map_err(|error| failed(tell, StepName::Certificate, error))?;
        let server = self.discover(&policy, tell)?;
        let url = server.url(self.client, inquiry.place());
        let url = url.map_err(|error| failed(tell, name, error))?;
        self.still_wanted()?;
        let proof = self.prove(&server, tell)?;
        let shown = token_request::inquiry(self.client, &url);
        let mut request = token_request::inquiry_sent(self.client, &url, &proof, token);
        let sent = http::send(&request, &policy);
        request.body.zeroize();
        let mut response = sent.map_err(|error| failed(tell, name, error.into()))?;
        let now = (self.clock)();
        let kid = self.keys.kid();
        let curl = Commands::of_inquiry(self.client, kid, server.token_url.as_str(), url.as_str());
        let told = |step: Step, response| {
            let exchange = Exchange {
                request: shown.clone(),
                response,
            };
            step.with_exchanges(&[exchange]).with_curl(curl.text())
        };
        if response.status == 200 {
            if inquiry == Inquiry::Revoke {
                let step = Step::good(name, "200: the server does not know it any more");
                tell(told(step, response));
                return Ok(None);
            }
            let read = Introspection::read(url.as_str(), &response);
            return match read {
                Ok(said) => {
                    let mut step = Step::good(name, said.summary(now))
                        .with_details(lines(&said.document.pretty()))
                        .with_findings(said.findings(access, now));
                    if !said.is_active {
                        step.outcome = StepOutcome::Bad;
                    }
                    tell(told(step, response));
                    Ok(Some(said))
                }
                Err(error) => {
                    tell(told(Step::bad(name, &error), response));
                    Err(error)
                }
            };
        }
        let answer = Answer::read(url.as_str(), &mut response, None, now);
        let error = match answer {
            Ok(Answer::Refused {
                status,
                error,
                description,
            }) => {
                let refusal = Refusal {
                    client: self.client,
                    record: self.keys.record(),
                    proof: &proof,
                    prover: self.keys.prover().map(|prover| &prover.record),
                    token_url: url.as_str(),
                    metadata: server.metadata.as_deref(),
                    response: &response,
                    error: error.as_deref(),
                    description: description.as_deref(),
                    now,
                    key_state: (self.key_state)(),
                    subject: None,
                };
                let causes = refusal.causes();
                OauthError::Refused {
                    url: url.as_str().to_owned(),
                    status,
                    error,
                    description,
                    causes,
                }
            }
            Ok(Answer::Granted(_)) => OauthError::Inquiry {
                url: url.as_str().to_owned(),
                why: format!("its status is {}", response.status),
            },
            Err(error) => error,
        };
        tell(told(Step::bad(name, &error), response));
        Err(error)
    }
}
