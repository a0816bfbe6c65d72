//! Records of documents and items.
