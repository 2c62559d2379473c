//! Sizes as people write them: `50M`, `64MiB`, `1G`.

const UNITS: [(&str, u64); 8] = [
    ("k", 1_000),
    ("m", 1_000_000),
    ("g", 1_000_000_000),
    ("t", 1_000_000_000_000),
    ("ki", 1 << 10),
    ("mi", 1 << 20),
    ("gi", 1 << 30),
    ("ti", 1 << 40),
];

/// Reads a size as people write it: a whole number with a decimal (`k`, `M`, `G`, `T`) or binary
/// (`Ki`, `Mi`, `Gi`, `Ti`) unit, with or without a `B` behind it, in either case.
///
/// # Errors
/// What a size looks like.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = unit.to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let factor = match unit {
        "" => Some(1),
        _ => UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .map(|(_, factor)| *factor),
    };
    let number = number.parse::<u64>().ok();
    number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor))
        .ok_or_else(|| "a size is a whole number such as 500000, 50M, 64MiB or 2G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn units_are_decimal_or_binary() {
        for (text, size) in [
            ("0", 0),
            ("500000", 500_000),
            ("50M", 50_000_000),
            ("50mb", 50_000_000),
            ("64MiB", 64 << 20),
            ("64Mi", 64 << 20),
            ("3k", 3_000),
            ("2G", 2_000_000_000),
            ("1TiB", 1 << 40),
            ("12B", 12),
        ] {
            assert_eq!(parse_size(text), Ok(size), "{text}");
        }
    }

    #[test]
    fn anything_else_is_told_what_a_size_is() {
        for text in ["", "M", "-1", "1.5M", "10 M", "5X", "99999999999T", "１M"] {
            assert!(parse_size(text).unwrap_err().contains("64MiB"), "{text}");
        }
    }
}
