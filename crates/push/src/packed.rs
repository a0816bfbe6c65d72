//! Packed facts of an enterprise: bytes that are equal if and only if the facts are.
//!
//! ```text
//! packed = pieces, in the order of their keys
//! piece  = head, length of the value, value
//! head   = 0, the judged text | 1 + number of the fact, its fiscal year where it has one
//! value  = the held value (`HeldValue`)
//! ```
//!
//! All parts are in the postcard format. The number of a fact is its position in a [`KeyList`], which is stored with the packed
//! facts. Pieces are encoded once for each value of a chunk and only concatenated for its rows; a reader that needs a few facts
//! of many enterprises skips the other pieces by their length.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use zhaoren_matcher::batch::{FactColumn, FactSource, FactTable};
use zhaoren_policy::fact::{FactDictionary, Knowledge};
use zhaoren_policy::profile::{HeldValue, Profile, ProfileBuilder, ProfileKey};

/// Fact keys in order: the meaning of the fact numbers in packed enterprises.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct KeyList(Vec<String>);

/// Error: malformed packed bytes, or a fact number that the list does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl From<postcard::Error> for Unreadable {
    fn from(_: postcard::Error) -> Self {
        Self
    }
}

impl KeyList {
    pub(crate) fn of(dictionary: &FactDictionary) -> Self {
        let mut keys: Vec<String> = dictionary.iter().map(|fact| fact.key.clone()).collect();
        keys.sort_unstable();
        Self(keys)
    }

    /// Number of a fact, from 1.
    pub(crate) fn number(&self, key: &str) -> Option<u32> {
        let at = self.0.binary_search_by(|known| known.as_str().cmp(key)).ok()?;
        u32::try_from(at + 1).ok()
    }

    fn key(&self, number: u32) -> Option<&str> {
        self.0.get(number.checked_sub(1)? as usize).map(String::as_str)
    }
}

/// Packs the rows of one table.
pub(crate) struct Packer<'a> {
    columns: Vec<PieceColumn<'a>>,
}

/// Column with the encoded pieces of its values, each made on first use.
struct PieceColumn<'a> {
    column: &'a FactColumn,
    head: Vec<u8>,
    /// Span in `bytes` of each code's piece; empty if not made yet.
    places: Vec<(usize, usize)>,
    bytes: Vec<u8>,
}

impl<'a> Packer<'a> {
    pub(crate) fn of(table: &'a FactTable, keys: &KeyList) -> Result<Self, Unreadable> {
        let columns = table.columns().iter().map(|(key, column)| {
            let head = match key {
                ProfileKey::Judged(text) => postcard::to_stdvec(&(0u32, text))?,
                ProfileKey::Fact(key, year) => {
                    postcard::to_stdvec(&(keys.number(key).ok_or(Unreadable)?, year))?
                }
            };
            let places = vec![(0, 0); column.values.len() + 1];
            Ok(PieceColumn { column, head, places, bytes: Vec::new() })
        });
        Ok(Self { columns: columns.collect::<Result<_, Unreadable>>()? })
    }

    /// Appends the packed facts of a row to `out`.
    pub(crate) fn row(&mut self, row: usize, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        for column in &mut self.columns {
            let code = column.column.value_id(row);
            if code != 0 {
                out.extend_from_slice(column.piece(code)?);
            }
        }
        Ok(())
    }
}

impl PieceColumn<'_> {
    fn piece(&mut self, code: u32) -> Result<&[u8], Unreadable> {
        let range = self.places.get_mut(code as usize).ok_or(Unreadable)?;
        if range.1 == 0 {
            let from = self.bytes.len();
            let value = postcard::to_stdvec(self.column.value(code).ok_or(Unreadable)?)?;
            self.bytes.extend_from_slice(&self.head);
            self.bytes = postcard::to_extend(&value.len(), std::mem::take(&mut self.bytes))?;
            self.bytes.extend_from_slice(&value);
            *range = (from, self.bytes.len());
        }
        self.bytes.get(range.0..range.1).ok_or(Unreadable)
    }
}

/// Decoded head of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Head<'a> {
    Fact(u32, Option<i16>),
    Judged(&'a str),
}

/// First piece of packed bytes, and the remaining bytes.
fn piece(bytes: &[u8]) -> Result<(Head<'_>, &[u8], &[u8]), Unreadable> {
    let (number, rest) = postcard::take_from_bytes::<u32>(bytes)?;
    let (head, rest) = if number == 0 {
        let (text, rest) = postcard::take_from_bytes::<&str>(rest)?;
        (Head::Judged(text), rest)
    } else {
        let (year, rest) = postcard::take_from_bytes::<Option<i16>>(rest)?;
        (Head::Fact(number, year), rest)
    };
    let (value, rest) = postcard::take_from_bytes::<&[u8]>(rest)?;
    Ok((head, value, rest))
}

/// Profile with the given id and the facts of packed bytes.
pub(crate) fn unpack(id: &str, mut bytes: &[u8], keys: &KeyList) -> Result<Profile, Unreadable> {
    let mut builder = ProfileBuilder::new(id.to_owned());
    while !bytes.is_empty() {
        let (head, value, rest) = piece(bytes)?;
        builder.insert(&key(head, keys)?, postcard::from_bytes(value)?);
        bytes = rest;
    }
    Ok(builder.build())
}

/// Value of the fact with this number, which has no fiscal year; `None` if the enterprise has none. The other pieces are skipped.
pub(crate) fn held(mut bytes: &[u8], number: u32) -> Result<Option<HeldValue>, Unreadable> {
    while !bytes.is_empty() {
        let (head, value, rest) = piece(bytes)?;
        if head == Head::Fact(number, None) {
            return Ok(Some(postcard::from_bytes(value)?));
        }
        bytes = rest;
    }
    Ok(None)
}

fn key(head: Head<'_>, keys: &KeyList) -> Result<ProfileKey, Unreadable> {
    Ok(match head {
        Head::Judged(text) => ProfileKey::Judged(text.to_owned()),
        Head::Fact(number, year) => ProfileKey::Fact(keys.key(number).ok_or(Unreadable)?.to_owned(), year),
    })
}

/// Packed enterprises as a table; each column is decoded on first use, since few are used.
pub(crate) struct PackedTable<'a> {
    rows: usize,
    /// True if a value could not be read; results computed from the table are invalid then.
    fault: Cell<bool>,
    columns: BTreeMap<ProfileKey, PackedColumn<'a>>,
}

/// Packed values of one column, each with its row.
struct PackedColumn<'a> {
    values: Vec<(u32, &'a [u8])>,
    decoded: OnceCell<FactColumn>,
}

impl<'a> PackedTable<'a> {
    pub(crate) fn of(packed: impl IntoIterator<Item = &'a [u8]>, keys: &KeyList) -> Result<Self, Unreadable> {
        let mut columns: Vec<(Head<'a>, PackedColumn<'a>)> = Vec::new();
        // Columns by fact number: a yearly fact has several, other facts one.
        let mut facts: Vec<Vec<(Option<i16>, usize)>> = Vec::new();
        let mut judged: HashMap<&'a str, usize> = HashMap::new();
        let mut rows = 0u32;
        for mut bytes in packed {
            while !bytes.is_empty() {
                let (head, value, rest) = piece(bytes)?;
                bytes = rest;
                let mut new = || {
                    columns.push((head, PackedColumn { values: Vec::new(), decoded: OnceCell::new() }));
                    columns.len() - 1
                };
                let at = match head {
                    Head::Judged(text) => *judged.entry(text).or_insert_with(new),
                    Head::Fact(number, year) => {
                        let number = number as usize;
                        if facts.len() <= number {
                            facts.resize(number + 1, Vec::new());
                        }
                        let years = facts.get_mut(number).ok_or(Unreadable)?;
                        match years.iter().find(|(known, _)| *known == year) {
                            Some((_, at)) => *at,
                            None => {
                                let at = new();
                                years.push((year, at));
                                at
                            }
                        }
                    }
                };
                if let Some((_, column)) = columns.get_mut(at) {
                    column.values.push((rows, value));
                }
            }
            rows += 1;
        }
        let keyed = columns.into_iter().map(|(head, column)| Ok((key(head, keys)?, column)));
        let columns = keyed.collect::<Result<_, Unreadable>>()?;
        Ok(Self { rows: rows as usize, fault: Cell::new(false), columns })
    }

    /// Error if a requested value could not be read; results are valid only if this succeeds.
    pub(crate) fn check_faults(&self) -> Result<(), Unreadable> {
        if self.fault.get() { Err(Unreadable) } else { Ok(()) }
    }
}

impl PackedColumn<'_> {
    fn decode(&self, rows: usize, fault: &Cell<bool>) -> FactColumn {
        let mut column = FactColumn { values: Vec::new(), value_ids: vec![0; rows] };
        let mut known: HashMap<&[u8], u32> = HashMap::new();
        for (row, bytes) in &self.values {
            let code = *known.entry(bytes).or_insert_with(|| {
                let value = postcard::from_bytes(bytes).unwrap_or_else(|_| {
                    fault.set(true);
                    HeldValue::Value(Knowledge::Unknown)
                });
                column.add(value)
            });
            if let Some(slot) = column.value_ids.get_mut(*row as usize) {
                *slot = code;
            }
        }
        column
    }
}

impl FactSource for PackedTable<'_> {
    fn len(&self) -> usize {
        self.rows
    }

    fn column(&self, key: &ProfileKey) -> Option<&FactColumn> {
        let column = self.columns.get(key)?;
        Some(column.decoded.get_or_init(|| column.decode(self.rows, &self.fault)))
    }
}
