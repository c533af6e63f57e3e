//! A tar archive (POSIX ustar, long names as GNU tar writes them) in memory.

use jiff::Timestamp;

use crate::secret::Secret;

const BLOCK: usize = 512;
/// The longest name that the header itself holds.
const NAME: usize = 100;
/// Where the checksum stands in a header.
const CHECKSUM: std::ops::Range<usize> = 148..156;
/// The name of an entry whose content is the next one's name.
const LONG_NAME: &str = "././@LongLink";

/// A file in the archive.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) content: Secret<Vec<u8>>,
}

/// The archive of `entries`, in their order.
pub(super) fn pack(entries: &[Entry], now: Timestamp) -> Secret<Vec<u8>> {
    let padded = |length: usize| length.next_multiple_of(BLOCK);
    let size: usize = entries
        .iter()
        .map(|entry| {
            3 * BLOCK + padded(entry.name.len() + 1) + padded(entry.content.expose().len())
        })
        .sum();
    // All of it at once, so that growing leaves no copy behind.
    let mut archive = Secret::new(Vec::with_capacity(size + 2 * BLOCK));
    let bytes = archive.expose_mut();
    let mut put = |name: &str, kind: u8, content: &[u8]| {
        bytes.extend(header(name, kind, content.len(), now));
        bytes.extend_from_slice(content);
        bytes.resize(padded(bytes.len()), 0);
    };
    for entry in entries {
        if entry.name.len() > NAME {
            put(LONG_NAME, b'L', format!("{}\0", entry.name).as_bytes());
        }
        put(&entry.name, b'0', entry.content.expose());
    }
    bytes.resize(bytes.len() + 2 * BLOCK, 0);
    archive
}

/// The files of an archive; the error is what is wrong with it.
pub(super) fn unpack(mut bytes: &[u8]) -> Result<Vec<Entry>, String> {
    let cut = || "its archive was cut off".to_owned();
    let mut entries = Vec::new();
    let mut long_name = None;
    loop {
        let (head, rest) = bytes.split_at_checked(BLOCK).ok_or_else(cut)?;
        if head.iter().all(|&byte| byte == 0) {
            return Ok(entries);
        }
        if number(&head[CHECKSUM]) != Some(checksum(head)) {
            return Err("its archive is damaged".to_owned());
        }
        let length = number(&head[124..136])
            .and_then(|length| usize::try_from(length).ok())
            .ok_or_else(|| "its archive is damaged".to_owned())?;
        let (content, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
        let padding = length.next_multiple_of(BLOCK) - length;
        bytes = rest.get(padding..).ok_or_else(cut)?;
        let text = |bytes: &[u8]| {
            let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
            String::from_utf8(text.to_vec()).map_err(|_| "a name in it is no text".to_owned())
        };
        match head[156] {
            b'L' => long_name = Some(text(content)?),
            b'0' => entries.push(Entry {
                name: match long_name.take() {
                    Some(name) => name,
                    None => text(&head[..NAME])?,
                },
                content: Secret::new(content.to_vec()),
            }),
            _ => return Err("its archive holds what keyfob did not put there".to_owned()),
        }
    }
}

fn header(name: &str, kind: u8, length: usize, now: Timestamp) -> [u8; BLOCK] {
    let mut head = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| head[at..at + text.len()].copy_from_slice(text);
    put(0, &name.as_bytes()[..name.len().min(NAME)]);
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{length:011o}\0").as_bytes());
    put(136, format!("{:011o}\0", now.as_second().max(0)).as_bytes());
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum = format!("{:06o}\0 ", checksum(&head));
    head[CHECKSUM].copy_from_slice(sum.as_bytes());
    head
}

/// The sum of a header's octets, its own field taken as spaces.
fn checksum(head: &[u8]) -> u64 {
    head.iter()
        .enumerate()
        .map(|(at, &byte)| u64::from(if CHECKSUM.contains(&at) { b' ' } else { byte }))
        .sum()
}

fn number(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?;
    u64::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        let entry = |name: &str, length: usize| Entry {
            name: name.to_owned(),
            content: Secret::new(vec![7; length]),
        };
        vec![
            entry("identity.txt", 80),
            entry(&format!("secrets/{}.age", "n".repeat(200)), 512),
            entry("config/config.yaml", 0),
        ]
    }

    #[test]
    fn an_archive_unpacks_to_what_was_packed() {
        let archive = pack(&entries(), Timestamp::UNIX_EPOCH);
        let again = unpack(archive.expose()).unwrap();
        assert_eq!(again.len(), 3);
        for (one, other) in again.iter().zip(&entries()) {
            assert_eq!(one.name, other.name);
            assert_eq!(one.content.expose(), other.content.expose());
        }
    }

    #[test]
    fn an_archive_cut_off_or_changed_in_a_header_is_refused() {
        let archive = pack(&entries(), Timestamp::UNIX_EPOCH);
        let bytes = archive.expose();
        for length in (0..bytes.len() - 2 * BLOCK).step_by(100) {
            assert!(unpack(&bytes[..length]).is_err(), "{length}");
        }
        let mut changed = bytes.clone();
        changed[3] ^= 1;
        assert!(unpack(&changed).is_err());
    }
}
