//! One data directory opened: import, search and match joined up.
