//! Serial numbers of certificates (RFC 5280 section 4.1.2.2).

use std::str::FromStr;

/// A positive number of at most 20 octets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// Big-endian, without zeros before it.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; 16]> for Serial {
    /// Of 16 random octets, whose two highest bits become `01`: positive, and always as long.
    fn from(mut random: [u8; 16]) -> Self {
        random[0] = random[0] & 0x7f | 0x40;
        Self(random.to_vec())
    }
}

impl FromStr for Serial {
    type Err = &'static str;

    /// Hexadecimal, with or without `0x` before it and colons between the octets.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_prefix("0x").unwrap_or(text);
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|digit| *digit != ':')
            .map(|digit| {
                digit
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            })
            .skip_while(|digit| *digit == Some(0))
            .collect();
        let digits = digits.ok_or("a serial is hexadecimal: 01ab or 01:ab")?;
        if digits.is_empty() {
            return Err("a serial is greater than zero");
        }
        let octets: Vec<u8> = digits
            .rchunks(2)
            .rev()
            .map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit))
            .collect();
        // A twentieth octet from 80 upward takes a zero before it, which makes 21.
        if octets.len() > 20 || octets.len() == 20 && octets[0] >= 0x80 {
            return Err("a serial has at most 20 octets, and the first of 20 is below 80");
        }
        Ok(Self(octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_with_and_without_colons() {
        for (text, octets) in [
            ("1", vec![1]),
            ("001", vec![1]),
            ("01AB", vec![1, 0xab]),
            ("1:ab", vec![1, 0xab]),
            ("0x1ab", vec![1, 0xab]),
            ("ff", vec![0xff]),
        ] {
            assert_eq!(text.parse::<Serial>().unwrap().octets(), octets, "{text}");
        }
        assert!("7f".repeat(20).parse::<Serial>().is_ok());
    }

    #[test]
    fn what_is_no_positive_number_of_20_octets_is_refused() {
        let (long, high) = ("01".repeat(21), "80".repeat(20));
        for text in ["", "0", "00:00", "-1", "xyz", &long, &high] {
            assert!(text.parse::<Serial>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_random_one_is_positive() {
        assert_eq!(Serial::from([0xff; 16]).octets()[0], 0x7f);
        assert_eq!(Serial::from([0; 16]).octets()[0], 0x40);
    }
}
