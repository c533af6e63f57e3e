//! Where a certificate stands in its life.

use jiff::Timestamp;

use super::certificate::Certificate;

/// How long before its end a certificate is warned of, in days.
pub const WARN_DAYS: i64 = 30;

/// A certificate's state at a moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Validity {
    /// It ended.
    Expired,
    /// It ends within [`WARN_DAYS`]; whole days are left.
    EndsSoon {
        /// Whole days left.
        days: i64,
    },
    /// It ends before it begins.
    Never,
    /// It has not begun.
    NotYet,
    /// It is valid for more than [`WARN_DAYS`].
    Good {
        /// Whole days left.
        days: i64,
    },
}

impl Validity {
    /// The state of `certificate` at `now`.
    pub fn of(certificate: &Certificate, now: Timestamp) -> Self {
        let left = certificate.not_after().duration_since(now).as_secs();
        let days = left.div_euclid(86_400);
        if certificate.not_after() < certificate.not_before() {
            Self::Never
        } else if now < certificate.not_before() {
            Self::NotYet
        } else if left < 0 {
            Self::Expired
        } else if days < WARN_DAYS {
            Self::EndsSoon { days }
        } else {
            Self::Good { days }
        }
    }

    /// How much of the certificate's life is left at `now`, in thousandths.
    pub fn left(certificate: &Certificate, now: Timestamp) -> u16 {
        let whole = certificate
            .not_after()
            .duration_since(certificate.not_before())
            .as_secs();
        let left = certificate
            .not_after()
            .duration_since(now)
            .as_secs()
            .clamp(0, whole.max(0));
        let thousandths = left
            .checked_mul(1000)
            .and_then(|left| left.checked_div(whole));
        thousandths
            .and_then(|left| u16::try_from(left).ok())
            .unwrap_or(0)
    }
}
