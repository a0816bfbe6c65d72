//! Bytes to clean Chinese: encodings, repair with offsets, simplification, document numbers.
