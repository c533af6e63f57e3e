//! What a person says of an act that they do themselves, as clap reads it.

use clap::Args;

#[derive(Args, Debug)]
pub(in crate::cli) struct ByHandOptions {
    /// Where you do it yourself, on a web page: it is done there, do not ask
    #[arg(long, conflicts_with = "dry_run")]
    pub(in crate::cli) done: bool,
}
