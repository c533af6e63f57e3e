//! `keyfob jwks` and `keyfob keys import`

use std::path::PathBuf;

use clap::Args;

#[derive(Args, Debug)]
pub(in crate::cli) struct JwksOptions {
    /// Keys to print, or with --from to look at
    #[arg(value_name = "KID")]
    pub(in crate::cli) kids: Vec<String>,
    /// Look at the set that is published at URL instead: each key, whether it is here, and what
    /// speaks against it; exit 1 where anything does
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) from: Option<String>,
    /// Only keys with each of these words in their kid, type, algorithm, use or thumbprint
    #[arg(long, value_name = "WORDS", requires = "from")]
    pub(in crate::cli) search: Option<String>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ImportOptions {
    /// The file, - for stdin, or the URL of a JWK Set, whose public keys are taken
    #[arg(value_name = "FILE|-|URL")]
    pub(in crate::cli) file: PathBuf,
    /// Of several keys only this one; can be given again
    #[arg(long, value_name = "KID")]
    pub(in crate::cli) only: Vec<String>,
    /// The key's name, where the file holds one key [default: its kid, alias or comment, else its
    /// thumbprint]
    #[arg(long)]
    pub(in crate::cli) kid: Option<String>,
    /// Read the file's own passphrase from the first line of PFILE (0600 and yours, or a pipe)
    #[arg(long, value_name = "PFILE")]
    pub(in crate::cli) file_passphrase_file: Option<PathBuf>,
}
