//! `keyfob endpoints` as clap reads it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(in crate::cli) enum EndpointsCommand {
    /// List the endpoints
    List {
        /// The presets there are instead: what `add --preset` takes
        #[arg(long)]
        presets: bool,
    },
    /// Show one endpoint and what its preset can do
    Show { name: String },
    /// Check an endpoint, then write it to config.d
    Add(Box<EndpointAddOptions>),
    /// Remove an endpoint that `add` wrote, and its sealed token
    Rm {
        name: String,
        /// Also where keys are registered there; they stay there, and are not known any more
        #[arg(long)]
        force: bool,
    },
    /// Look whether it can be reached, is secure, and takes the token; nothing is changed there
    Check { name: String },
}

#[derive(Args, Debug)]
pub(in crate::cli) struct EndpointAddOptions {
    /// What it is called here: 1 to 100 of A–Z a–z 0–9 . _ -
    pub(in crate::cli) name: String,
    /// Its kind: `endpoints list --presets` names them
    #[arg(long)]
    pub(in crate::cli) preset: String,
    /// Its address; some presets know it. Of a form that you fill yourself: its page
    #[arg(long)]
    pub(in crate::cli) url: Option<String>,
    /// One of the preset's own values
    #[arg(long = "set", value_name = "K=V")]
    pub(in crate::cli) set: Vec<String>,
    /// Take the API token from an environment variable
    #[arg(long, value_name = "VARIABLE", group = "token")]
    pub(in crate::cli) token_env: Option<String>,
    /// Take the API token from the first line a program prints: words apart by spaces, or a JSON
    /// array of them; no shell
    #[arg(long, value_name = "COMMAND", group = "token")]
    pub(in crate::cli) token_command: Option<String>,
    /// Get the API token as a client of the configuration, with its key
    #[arg(long, value_name = "CLIENT", group = "token")]
    pub(in crate::cli) token_client: Option<String>,
    /// Ask for the API token (or read the first line of stdin) and seal it in the keystore
    #[arg(long, group = "token")]
    pub(in crate::cli) token_sealed: bool,
    /// PEM certificates trusted instead of the system's
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ca_file: Option<PathBuf>,
    /// Allow plain http to another machine
    #[arg(long)]
    pub(in crate::cli) allow_http: bool,
    /// For a whole request and its answer: 90s, 5m [default: 30s]
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) timeout: Option<String>,
    /// What the token may do, where the service asks
    #[arg(long)]
    pub(in crate::cli) scope: Option<String>,
    /// Write it without looking at it
    #[arg(long)]
    pub(in crate::cli) no_check: bool,
}
