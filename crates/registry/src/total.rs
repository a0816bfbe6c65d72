//! A sum over the records of a table (homomorphic hash), updated per record in constant time.
//!
//! This is LtHash: every record is expanded to 1,024 numbers of 16 bits, which are added without carry. Records can be
//! added and removed in any order. To find another set of records with the same sum is a lattice problem for which no
//! attack below 2^200 steps is known; a plain sum of 256-bit digests would fall to one of about 2^32.

use sha2::{Digest, Sha256};

use crate::error::RegistryError;

/// Number of lanes of a sum.
const LANES: usize = 1_024;
/// Number of lanes from one SHA-256.
const AT_ONCE: usize = 16;

/// The sum over some records, and their number. Also a difference between two such sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Total {
    /// Number of records.
    pub(crate) records: i64,
    lanes: Vec<u16>,
}

impl Default for Total {
    fn default() -> Self {
        Self { records: 0, lanes: vec![0; LANES] }
    }
}

impl Total {
    /// Adds a record, given the digest of its content.
    pub(crate) fn add(&mut self, record: &[u8; 32]) {
        self.records += 1;
        self.combine(record, u16::wrapping_add);
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, record: &[u8; 32]) {
        self.records -= 1;
        self.combine(record, u16::wrapping_sub);
    }

    /// Adds a difference.
    pub(crate) fn apply(&mut self, change: &Self) {
        self.records += change.records;
        for (lane, other) in self.lanes.iter_mut().zip(&change.lanes) {
            *lane = lane.wrapping_add(*other);
        }
    }

    /// True if it is the sum over no records, or an empty difference.
    pub(crate) fn is_zero(&self) -> bool {
        self.records == 0 && self.lanes.iter().all(|lane| *lane == 0)
    }

    /// The sum as bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.lanes.iter().flat_map(|lane| lane.to_le_bytes()).collect()
    }

    /// Reads a stored sum.
    pub(crate) fn from_stored(records: i64, bytes: &[u8]) -> Result<Self, RegistryError> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        if pairs.len() != LANES || !rest.is_empty() {
            return Err(RegistryError::Tampered("审计状态的长度不符".to_owned()));
        }
        Ok(Self { records, lanes: pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect() })
    }

    /// The digest of the sum.
    pub(crate) fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.bytes()))
    }

    fn combine(&mut self, record: &[u8; 32], join: fn(u16, u16) -> u16) {
        for (place, lanes) in (0_u32..).zip(self.lanes.chunks_mut(AT_ONCE)) {
            let mut hasher = Sha256::new();
            hasher.update(record);
            hasher.update(place.to_le_bytes());
            let block = hasher.finalize();
            for (lane, pair) in lanes.iter_mut().zip(block.as_chunks::<2>().0) {
                *lane = join(*lane, u16::from_le_bytes(*pair));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn total_depends_on_every_record_but_not_on_their_order() {
        let (a, b) = ([1; 32], [2; 32]);
        let (mut one, mut other) = (Total::default(), Total::default());
        one.add(&a);
        one.add(&b);
        other.add(&b);
        assert_ne!(one.digest(), other.digest());
        other.add(&a);
        assert_eq!(one, other);
        other.remove(&b);
        other.remove(&a);
        assert!(other.is_zero());
        other.apply(&one);
        assert_eq!(Total::from_stored(2, &other.bytes()).unwrap(), one);
        assert!(Total::from_stored(2, &[0; 7]).is_err());
    }
}
