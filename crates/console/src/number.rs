//! Numbers as people read them.

/// A number with separators: 478,006.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_groups_of_three() {
        let shown = [0, 999, 1_000, 478_006, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "478,006", "1,234,567"]);
    }
}
