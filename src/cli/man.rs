//! `keyfob man`

use clap::CommandFactory;

use super::{arguments::Arguments, exit::Exit, failure::Failure, output::Output};

pub(super) fn run(output: &mut Output) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command())
        .render(&mut page)
        .map_err(|error| Failure::new(Exit::Disk, format!("cannot write the page: {error}")))?;
    output.bytes(&page)?;
    Ok(Exit::Done)
}
