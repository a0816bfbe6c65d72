//! Tests of the crate's face.

mod shape;
