//! The inner loops over rows of bits, compiled for the processor at hand.
//!
//! Each loop is written once, safely, and compiled again for wider registers; which copy runs is found out once at
//! run time. All copies compute the same, which a property test says of every one that this processor can run.

/// ANDs the words of each row, `at` words after its beginning in `data`, into `into`. A row that ends before is left
/// out.
pub(crate) fn and_rows(into: &mut [u64], data: &[u64], rows: &[usize], at: usize) {
    dispatch(Operation::And, into, data, rows, at);
}

/// ORs the words of each row, `at` words after its beginning in `data`, into `into`. A row that ends before is left
/// out.
pub(crate) fn or_rows(into: &mut [u64], data: &[u64], rows: &[usize], at: usize) {
    dispatch(Operation::Or, into, data, rows, at);
}

#[derive(Clone, Copy)]
enum Operation {
    And,
    Or,
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "calling code compiled for a wider processor, once it is known to be one")]
fn dispatch(operation: Operation, into: &mut [u64], data: &[u64], rows: &[usize], at: usize) {
    if std::arch::is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has the one feature that the function is compiled for; its body is safe code.
        unsafe { with_avx512(operation, into, data, rows, at) }
    } else if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: as above.
        unsafe { with_avx2(operation, into, data, rows, at) }
    } else {
        portable(operation, into, data, rows, at);
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn dispatch(operation: Operation, into: &mut [u64], data: &[u64], rows: &[usize], at: usize) {
    portable(operation, into, data, rows, at);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn with_avx512(operation: Operation, into: &mut [u64], data: &[u64], rows: &[usize], at: usize) {
    portable(operation, into, data, rows, at);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(operation: Operation, into: &mut [u64], data: &[u64], rows: &[usize], at: usize) {
    portable(operation, into, data, rows, at);
}

#[inline(always)]
fn portable(operation: Operation, into: &mut [u64], data: &[u64], rows: &[usize], at: usize) {
    match operation {
        Operation::And => fold(into, data, rows, at, |a, b| a & b),
        Operation::Or => fold(into, data, rows, at, |a, b| a | b),
    }
}

/// Four rows at a time, so that `into` is read and written once for four.
#[inline(always)]
fn fold(into: &mut [u64], data: &[u64], rows: &[usize], at: usize, join: impl Fn(u64, u64) -> u64 + Copy) {
    let length = into.len();
    let row = |start: &usize| data.get(start + at..start + at + length);
    let (fours, rest) = rows.as_chunks::<4>();
    for four in fours {
        if let [Some(a), Some(b), Some(c), Some(d)] = four.each_ref().map(row) {
            for ((((word, a), b), c), d) in into.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *word = join(*word, join(join(*a, *b), join(*c, *d)));
            }
        }
    }
    for row in rest.iter().filter_map(row) {
        for (word, other) in into.iter_mut().zip(row) {
            *word = join(*word, *other);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test stops at the first surprise")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every copy that this processor can run computes what the plain loop does.
        #[test]
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "calls each compiled copy where the processor has its feature")]
        fn all_copies_agree(
            words in prop::collection::vec(any::<u64>(), 0..40),
            data in prop::collection::vec(any::<u64>(), 120..300),
            starts in prop::collection::vec(0..60_usize, 0..11),
            at in 0..20_usize,
        ) {
            for operation in [Operation::And, Operation::Or] {
                let mut plain = words.clone();
                for (place, word) in plain.iter_mut().enumerate() {
                    for other in starts.iter().map(|start| data[start + at + place]) {
                        *word = match operation {
                            Operation::And => *word & other,
                            Operation::Or => *word | other,
                        };
                    }
                }
                let mut found = words.clone();
                portable(operation, &mut found, &data, &starts, at);
                prop_assert_eq!(&found, &plain);
                if std::arch::is_x86_feature_detected!("avx2") {
                    found.clone_from(&words);
                    // SAFETY: the feature was just detected.
                    unsafe { with_avx2(operation, &mut found, &data, &starts, at) };
                    prop_assert_eq!(&found, &plain);
                }
                if std::arch::is_x86_feature_detected!("avx512f") {
                    found.clone_from(&words);
                    // SAFETY: the feature was just detected.
                    unsafe { with_avx512(operation, &mut found, &data, &starts, at) };
                    prop_assert_eq!(&found, &plain);
                }
            }
        }
    }
}
