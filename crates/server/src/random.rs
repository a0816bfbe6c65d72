//! Random names that cannot be guessed.

use crate::problem::Problem;

/// Random name of 128 bits, as 32 hexadecimal digits.
///
/// # Errors
/// The system's random generator failed.
pub(crate) fn random_name() -> Result<String, Problem> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|error| Problem::internal(&error))?;
    Ok(hex::encode(random))
}
