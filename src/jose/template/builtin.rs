//! The templates that keyfob brings.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Name and text of each file.
        pub(super) const FILES: &[(&str, &str)] = &[$((
            concat!($name, ".yaml"),
            include_str!(concat!("../../../assets/claims/", $name, ".yaml")),
        )),*];
    };
}

files!(
    "access-token",
    "apple-client-secret",
    "client-assertion",
    "docusign",
    "dpop-proof",
    "github-app",
    "gooddata",
    "google-jwt-bearer",
    "id-token",
    "salesforce-jwt-bearer",
    "snowflake",
    "vonage",
    "zoom",
    "blank",
);
