//! What differs between a key here and there.

use super::{answer::RemoteKey, projection::Projection};
use crate::jose::jwk::PublicJwk;

/// Members that the key itself consists of (RFC 7638 section 3.2, RFC 8037).
const KEY_MEMBERS: [&str; 6] = ["kty", "crv", "n", "e", "x", "y"];

/// As [`differences`] with what was read there, and by what it is not in use; the error says why that cannot be told.
pub fn remote_differences(
    projection: &Projection,
    ours: &PublicJwk,
    theirs: &RemoteKey,
) -> Result<Vec<String>, String> {
    let mut differing = match (&theirs.jwk, &theirs.claimed) {
        (Ok(jwk), _) => differences(projection, ours, jwk),
        (Err(why), None) => return Err(why.clone()),
        (Err(_), Some(claimed)) => {
            let told = [
                ("key", claimed.thumbprint == Some(ours.key.thumbprint())),
                ("kid", claimed.kid == ours.kid),
                ("alg", claimed.alg == ours.alg),
            ];
            let differing = told.into_iter().filter(|(_, same)| !same);
            differing.map(|(name, _)| name.to_owned()).collect()
        }
    };
    differing.extend(theirs.unmet.iter().cloned());
    Ok(differing)
}

/// The members in which `theirs` differs from `ours`, of those that `projection` carries: the key
/// itself by its thumbprint, its name, its algorithm and use, and its certificate.
pub fn differences(projection: &Projection, ours: &PublicJwk, theirs: &PublicJwk) -> Vec<String> {
    let mut names = Vec::new();
    if ours.key.thumbprint() != theirs.key.thumbprint() {
        let (here, there) = (ours.to_value(), theirs.to_value());
        names.extend(
            KEY_MEMBERS
                .into_iter()
                .filter(|name| here.get(*name) != there.get(*name)),
        );
    }
    // Neither a name nor a use: the service keeps keys in another form than as JWKs.
    let is_bare = theirs.kid.is_none() && theirs.alg.is_none() && theirs.usage.is_none();
    let same = [
        ("kid", ours.kid == theirs.kid),
        ("alg", ours.alg == theirs.alg),
        ("use", ours.usage == theirs.usage),
        ("x5t", ours.x5t == theirs.x5t),
        ("x5t#S256", ours.x5t_s256 == theirs.x5t_s256),
        // Some services keep the leaf alone, or nothing but its thumbprint.
        (
            "x5c",
            theirs.x5c.is_empty() || ours.x5c.first() == theirs.x5c.first(),
        ),
    ];
    names.extend(
        same.into_iter()
            .filter(|(name, same)| {
                !same && projection.carries(name) && (!is_bare || *name == "x5c")
            })
            .map(|(name, _)| name),
    );
    names.into_iter().map(str::to_owned).collect()
}
