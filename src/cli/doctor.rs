//! `keyfob doctor`

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{
    arguments::DoctorOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    session::Session,
};
use crate::{
    config::{
        own_files::{self, OwnFileError},
        settings::{Settings, SettingsError},
    },
    keystore::doctor::{self, Finding, Mending, PrivateHalves, Report},
    registry::{
        book::{Endpoints, SANDBOX},
        saving,
    },
    x509::profile::ProfileError,
};

pub(super) fn run(
    options: &DoctorOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let passphrase = session.passphrase_of_file()?;
    let examine = || -> Result<Report, Failure> {
        let (mut findings, endpoints) = configuration(session);
        let report = doctor::examine(
            session.home(),
            endpoints.as_deref(),
            passphrase.as_ref(),
            session.now(),
        )?;
        findings.extend(report.findings);
        Ok(Report { findings, ..report })
    };
    let mut report = examine()?;
    let mut mended: Vec<Finding> = Vec::new();
    if options.fix {
        // What was closed to a look before may show more once its mode is right.
        loop {
            // What a mode does not mend, where the disk knows none, is not tried again.
            let due: Vec<Finding> = report
                .findings
                .iter()
                .filter(|finding| !mended.contains(finding))
                .cloned()
                .collect();
            let done = doctor::mend(session.home(), &due)?;
            if done.is_empty() {
                break;
            }
            mended.extend(done);
            report = examine()?;
        }
    }
    match output.format() {
        Format::Json => output.json(&report_json(&report, &mended))?,
        Format::Text => output.result(&text(&report, &mended))?,
    }
    if report.private_halves == PrivateHalves::Sealed {
        output.say(
            "the private halves were not opened: say --passphrase-file FILE to have them checked",
        );
    }
    Ok(if report.findings.is_empty() {
        Exit::Done
    } else {
        Exit::No
    })
}

/// What is wrong with the configuration, and the endpoints there are where it can be read.
fn configuration(session: &Session) -> (Vec<Finding>, Option<Vec<String>>) {
    let home = session.home();
    let mut findings = Vec::new();
    let mut add = |file: PathBuf, problem: String| {
        findings.push(Finding {
            file,
            problem,
            remedy: "edit it as told".to_owned(),
            mending: None,
        });
    };
    let config = home.config().join("config.yaml");
    let mut left_over = Vec::new();
    let endpoints = match Settings::load(home) {
        Ok(settings) => match Endpoints::load(home, &settings) {
            Ok(endpoints) => {
                left_over = left_over_of(session, &settings);
                let summaries = endpoints.summaries().into_iter();
                Some(summaries.map(|endpoint| endpoint.name).collect())
            }
            Err(error) => {
                add(config, error.to_string());
                let configured = settings.endpoints.into_keys();
                Some(configured.chain([SANDBOX.to_owned()]).collect())
            }
        },
        Err(SettingsError::File { file, reason }) => {
            add(file.into(), reason);
            None
        }
        Err(SettingsError::Exposed { file, exposure }) => {
            add(
                file.into(),
                format!("names a program to run and {exposure}"),
            );
            None
        }
        Err(SettingsError::Disk(OwnFileError::Disk { path, error })) => {
            add(path, format!("cannot be read: {error}"));
            None
        }
        Err(error) => {
            add(config, error.to_string());
            None
        }
    };
    let own = [
        ("claims", own_files::templates(home).err()),
        ("certificates", own_files::profiles(home).err()),
    ];
    for (folder, error) in own {
        match error {
            None => {}
            Some(OwnFileError::Profile(ProfileError::File { file, reason })) => {
                add(file.into(), reason);
            }
            Some(error) => add(home.config().join(folder), error.to_string()),
        }
    }
    findings.extend(left_over);
    (findings, endpoints)
}

/// The secrets of endpoints that are gone. What cannot be listed is told by the look at the keystore.
fn left_over_of(session: &Session, settings: &Settings) -> Vec<Finding> {
    let secrets = session
        .keystore()
        .ok()
        .and_then(|keystore| saving::left_over(settings, &keystore).ok());
    let secrets = secrets.unwrap_or_default().into_iter();
    secrets
        .map(|(secret, endpoint)| Finding {
            file: session.home().data().join(format!("secrets/{secret}.age")),
            problem: format!("is of the endpoint {endpoint}, which is not configured any more"),
            remedy: format!("keyfob endpoints rm {endpoint}"),
            mending: None,
        })
        .collect()
}

fn text(report: &Report, mended: &[Finding]) -> String {
    let mut lines = Vec::new();
    for finding in mended {
        let file = crate::display::line(&finding.file.to_string_lossy()).into_owned();
        lines.push(format!("✓ {file}: {}", done(finding)));
    }
    for finding in &report.findings {
        let file = finding.file.to_string_lossy();
        lines.push(format!(
            "! {}: {}",
            crate::display::line(&file),
            crate::display::line(&finding.problem)
        ));
        lines.push(format!("  {}", crate::display::line(&finding.remedy)));
    }
    if lines.is_empty() {
        lines.push("nothing to mend".to_owned());
    }
    lines.join("\n")
}

fn report_json(report: &Report, mended: &[Finding]) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "file": finding.file.to_string_lossy(),
                "problem": finding.problem,
                "remedy": finding.remedy,
                "fixable": finding.mending.is_some(),
            })
        })
        .collect();
    let fixed: Vec<Value> = mended
        .iter()
        .map(|finding| {
            json!({
                "file": finding.file.to_string_lossy(),
                "problem": finding.problem,
                "done": done(finding),
            })
        })
        .collect();
    json!({
        "findings": findings,
        "fixed": fixed,
        "private_halves_checked": report.private_halves == PrivateHalves::Checked,
    })
}

fn done(finding: &Finding) -> String {
    match &finding.mending {
        Some(Mending::Mode(mode)) => format!("its mode is {mode:o} now"),
        Some(Mending::Recipient(_)) => "written anew from the identity".to_owned(),
        Some(Mending::Remove) => "removed".to_owned(),
        None => String::new(),
    }
}
