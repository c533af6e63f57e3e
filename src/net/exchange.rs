//! One request and what came back.

use super::request::{Request, Response};

/// One request and what came back, for display and for the activity log.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub request: Request,
    pub response: Response,
}
