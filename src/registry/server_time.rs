//! The clock of a service.

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

use super::endpoint::{Endpoint, FirstPage};
use crate::net::http::NetError;

impl Endpoint {
    /// The clock there, in whole seconds, as the `Date` header of the list of keys tells it (RFC
    /// 9110 section 6.6.1), whatever the answer; `None` where it tells none.
    pub fn server_time(&self) -> Result<Option<Timestamp>, NetError> {
        let FirstPage::Remote(look) = self.first_page()? else {
            return Ok(None);
        };
        let parser = DateTimeParser::new();
        let date = look.response.header("date");
        Ok(date.and_then(|text| parser.parse_timestamp(text).ok()))
    }
}
