//! What users write: presets, templates, profiles.

#![no_main]

use keyfob::{jose::template::Template, registry::preset::Preset, x509::profile::Profile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Preset::parse("ours", "ours.yaml", text);
    let _ = Template::parse("ours.yaml", text);
    let _ = Profile::parse("ours.yaml", text);
});
