//! `keyfob keys rotate` as clap reads it.

use clap::Args;

use super::by_hand::ByHandOptions;

#[derive(Args, Debug)]
pub(in crate::cli) struct RotateOptions {
    /// The key that goes, or the one that comes where a rotation is under way
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(in crate::cli) kid: Option<String>,
    /// Go on with every rotation that is under way
    #[arg(long, conflicts_with = "done")]
    pub(in crate::cli) all: bool,
    /// Print the plan, or where the rotation stands, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    #[command(flatten)]
    pub(in crate::cli) by_hand: ByHandOptions,
    /// Undo every step that was done; possible until the last
    #[arg(long, conflicts_with_all = ["all", "dry_run"])]
    pub(in crate::cli) undo: bool,
    /// What the new key is called [default: today's month in the place of another, or the next
    /// number]
    #[arg(long, value_name = "KID", conflicts_with_all = ["all", "undo"])]
    pub(in crate::cli) new_kid: Option<String>,
    /// How long caches may go on without the new key [default: as Cache-Control says, else 10m]
    #[arg(long, value_name = "DURATION", conflicts_with = "undo")]
    pub(in crate::cli) caches: Option<String>,
    /// How long the longest token lives [default: what is known of templates and clients, at least
    /// 5m]
    #[arg(long, value_name = "DURATION", conflicts_with = "undo")]
    pub(in crate::cli) token_life: Option<String>,
}
