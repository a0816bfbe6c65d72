//! Inner loops over rows of bits, compiled for the available processor.
//!
//! Each loop is written once in safe code and compiled again for wider registers; the copy to run is chosen once at run time. All
//! copies compute the same result; a property test checks every copy that the processor can run.

#![expect(
    clippy::indexing_slicing,
    reason = "a row that is too short must never be left out of an answer: those who made the rows gave them their length"
)]

/// `into[i] &= data[row + at + i]` for every row of `rows`, given by its start in `data`.
///
/// # Panics
/// If a row is too short: an answer without it would be wrong.
pub(crate) fn and_rows(into: &mut [u64], data: &[u64], rows: &[usize], at: usize) {
    dispatch(Operation::And, into, data, rows, at);
}

/// `into[i] |= data[row + at + i]` for every row of `rows`, given by its start in `data`.
///
/// # Panics
/// Like [`and_rows`].
pub(crate) fn or_rows(into: &mut [u64], data: &[u64], rows: &[usize], at: usize) {
    dispatch(Operation::Or, into, data, rows, at);
}

/// Runs `work` compiled for the given register width. Functions called by `work` have to be inlined into it to benefit; the
/// result is the same on every processor.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "calling code compiled for a wider processor, once it is known to be one")]
pub(crate) fn run_vectorized<R>(width: RegisterWidth, work: impl FnOnce() -> R) -> R {
    match width {
        // SAFETY: a `Width` of a feature is only constructed if the processor was found to have it, and the function's body is
        // safe code.
        RegisterWidth(Registers::Avx512) => unsafe { wide_avx512(work) },
        // SAFETY: as above.
        RegisterWidth(Registers::Avx2) => unsafe { wide_avx2(work) },
        RegisterWidth(Registers::Portable) => work(),
    }
}

/// Runs `work`; there is one copy on this kind of processor.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn run_vectorized<R>(_: RegisterWidth, work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn wide_avx512<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Register width of the inner loops. Only widths that this processor has can be constructed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterWidth(Registers);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "wider copies exist for x86-64 only"))]
enum Registers {
    Avx512,
    Avx2,
    Portable,
}

impl RegisterWidth {
    /// All widths of this processor, the widest first; the last one is available on every processor.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512bw")
                && std::arch::is_x86_feature_detected!("avx512vl")
            {
                all.push(Self(Registers::Avx512));
            }
            if std::arch::is_x86_feature_detected!("avx2") {
                all.push(Self(Registers::Avx2));
            }
        }
        all.push(Self(Registers::Portable));
        all
    }

    /// Widest width of this processor.
    pub fn widest() -> Self {
        Self::all().first().copied().unwrap_or(Self(Registers::Portable))
    }

    /// Name: `avx512`, `avx2` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Registers::Avx512 => "avx512",
            Registers::Avx2 => "avx2",
            Registers::Portable => "portable",
        }
    }
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
    let row = |start: &usize| &data[start + at..start + at + length];
    let (fours, rest) = rows.as_chunks::<4>();
    for four in fours {
        let [a, b, c, d] = four.each_ref().map(row);
        for ((((word, a), b), c), d) in into.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *word = join(*word, join(join(*a, *b), join(*c, *d)));
        }
    }
    for row in rest.iter().map(row) {
        for (word, other) in into.iter_mut().zip(row) {
            *word = join(*word, *other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A row that is too short is not left out silently, among four and after them.
    #[test]
    fn short_rows_are_rejected() {
        let data = vec![u64::MAX; 16];
        for rows in [vec![0, 4, 8, 14], vec![14], vec![0, 4, 8, 0, 14]] {
            for kernel in [and_rows, or_rows] {
                let found = std::panic::catch_unwind(|| {
                    let mut into = [0b1010; 4];
                    kernel(&mut into, &data, &rows, 0);
                    into
                });
                assert!(found.is_err(), "{rows:?} gave {found:?}");
            }
        }
    }

    proptest! {
        /// Every copy that this processor can run computes the result of the plain loop.
        #[test]
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "calls each compiled copy where the processor has its feature")]
        fn all_vector_widths_agree(
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
