//! Number of parts that contain a word, for callers that cannot return an error at once.
//!
//! An index whose dictionary cannot be read must not answer as if it did not know the word: ranks, readings and corrections
//! would be others. So the first fault is kept, and [`Frequencies::checked`] gives it before anything made of the counts leaves.

use std::cell::RefCell;

use tantivy::schema::Field;
use tantivy::{Searcher, TantivyError, Term};

use crate::error::IndexError;

/// Counts of one searcher.
pub(crate) struct Frequencies {
    searcher: Searcher,
    fault: RefCell<Option<TantivyError>>,
}

impl Frequencies {
    pub(crate) fn of(searcher: Searcher) -> Self {
        Self { searcher, fault: RefCell::new(None) }
    }

    /// Number of parts that contain a word in a field. After a read error 0, to be discarded: see [`Self::checked`].
    pub(crate) fn with(&self, field: Field, word: &str) -> u64 {
        self.searcher.doc_freq(&Term::from_field_text(field, word)).unwrap_or_else(|error| {
            self.fault.borrow_mut().get_or_insert(error);
            0
        })
    }

    /// A result computed from counts, available once all of them could be read.
    ///
    /// # Errors
    /// The first fault of the index.
    pub(crate) fn checked<T>(&self, value: T) -> Result<T, IndexError> {
        match self.fault.borrow_mut().take() {
            Some(error) => Err(error.into()),
            None => Ok(value),
        }
    }
}
