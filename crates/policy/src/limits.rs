//! Limits of reading: maximum sizes within one input.
//!
//! Each is far above real inputs, and low enough that no input costs more time or memory than a small multiple of its own size.
//! Exceeding a limit is reported; nothing is cut off silently.

/// Maximum depth of a tree, aliases expanded; so no recursion over a tree can exhaust the stack.
pub const MAX_DEPTH: usize = 100;

/// Maximum number of values (scalars, lists and maps) in the text of one file or request.
pub const MAX_NODES: usize = 20_000_000;

/// Maximum number of bytes of memory for copies made by YAML's anchors and aliases, over a whole stream, for each byte of the
/// text. A single value takes 32 bytes.
pub const COPIED_BYTES_PER_BYTE: usize = 32;

/// Number of bytes allowed for such copies in any text, however short.
pub const COPIED_BYTES_FLOOR: usize = 1 << 22;

/// Maximum number of problems of each severity listed in a report. The others are counted in one last line of that severity, so
/// that an invalid input stays invalid.
pub const MAX_PROBLEMS: usize = 1_000;

/// Maximum number of words for which a report searches the most similar known one ("did you mean").
pub const MAX_SUGGESTIONS: usize = 100;

/// Maximum length, in characters, of a word for which the most similar known one is searched.
pub const SUGGESTED_LENGTH: usize = 64;

/// Maximum length of the id of an item, a document, an enterprise or a tenant, in characters.
pub const MAX_ID_LENGTH: usize = 200;

/// Number of characters of a value quoted in a message.
pub const QUOTED_LENGTH: usize = 40;

/// Maximum number of rules in the `stacking` of one item. Rules are compared in pairs.
pub const MAX_STACKING_RULES: usize = 100;

/// Maximum number of conditions repeated by the arms of the `case`s of one amount: the condition of each arm includes the
/// negation of those before it.
pub const MAX_REPEATED_CONDITIONS: usize = 100_000;

/// Maximum number of steps, for each reference between items, in the search for cycles.
pub const CYCLE_STEPS_PER_REFERENCE: usize = 100;

/// Maximum number of fields of a records fact.
pub const MAX_FIELDS: usize = 64;

/// Maximum number of records of one profile, over all its records facts. Every record is decided for every condition on it.
pub const MAX_RECORDS: usize = 20_000;
