//! The limits of reading: how much of anything one input may hold.
//!
//! Each is far above what people and offices write, and low enough that no input costs more time or memory than a small
//! multiple of its own size. What goes past a limit is named, never cut off without a word.

/// How deep a tree may nest, aliases written out; so no recursion over a tree can exhaust the stack.
pub const DEPTH: usize = 100;

/// How many values (scalars, lists and maps) the text of one file or request may hold.
pub const NODES: usize = 20_000_000;

/// How many bytes of memory the copies that YAML's anchors and aliases ask for may take, over a whole stream, for each byte
/// of the text. A value alone takes 32 bytes.
pub const COPIED_BYTES_PER_BYTE: usize = 32;

/// How many bytes of memory such copies may take however short the text is.
pub const COPIED_BYTES_FLOOR: usize = 1 << 22;

/// How many problems of each severity a report lists. The others are counted in one last line of that severity, so that
/// what is wrong stays wrong.
pub const PROBLEMS: usize = 1_000;

/// For how many words a report looks for the nearest known one ("did you mean").
pub const SUGGESTIONS: usize = 100;

/// The longest word, in characters, for which the nearest known one is looked for.
pub const SUGGESTED_LENGTH: usize = 64;

/// The longest id of an item, a document, an enterprise or a tenant, in characters.
pub const ID_LENGTH: usize = 200;

/// How many characters of a value a message quotes.
pub const QUOTED_LENGTH: usize = 40;

/// How many rules the `stacking` of one item may have. Rules are compared in pairs.
pub const STACKING_RULES: usize = 100;

/// How many conditions the arms of the `case`s of one amount may repeat: each arm is reached where those before it do not
/// hold, and says so.
pub const REPEATED_CONDITIONS: usize = 100_000;

/// How many references between items are followed while circles are looked for, for each reference there is.
pub const CIRCLE_STEPS_PER_REFERENCE: usize = 100;
