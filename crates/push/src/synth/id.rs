//! Ids of synthetic enterprises (合成统一社会信用代码): well-formed, but never assigned.
//!
//! The form is that of GB 32100-2015, with both check characters, so that id checks can be tested on them. The six digits of the
//! registrar's division are `000000`: GB/T 2260 has no province `00`, and the national registrar writes `100000`, so no registrar
//! has ever issued such an id. An id depends on the enterprise's number alone, not on the seed: two cities have the same ids for
//! different enterprises.

use zhaoren_policy::code::uscc::{character, complete};

/// 91: an enterprise registered by the market regulator; 000000: a division that does not exist.
const HEAD: &str = "91000000";

/// Id of enterprise number `n`; `n` is below 31 to the power 8.
pub fn id_of(n: u64) -> String {
    let mut begin = HEAD.to_owned();
    for digit in (0..8).rev() {
        let value = usize::try_from(n / 31_u64.pow(digit) % 31).ok();
        begin.push(value.and_then(character).unwrap_or('0'));
    }
    complete(&begin).unwrap_or(begin)
}
