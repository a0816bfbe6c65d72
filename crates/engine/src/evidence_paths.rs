//! Paths of an item's evidence in its file, as problems write them.

/// Path of the field that names the file of the document's text.
pub(crate) const TEXT_PATH: &str = "document.text";

/// Path of the quote of the criterion at `path`, as problems write it: `criteria.all[0].quote`.
pub(crate) fn quote_path(path: &str) -> String {
    if path.is_empty() { "criteria.quote".to_owned() } else { format!("criteria.{path}.quote") }
}

/// Path of the words for display of the criterion at `path`: `criteria.all[0].text`.
pub(crate) fn wording_path(path: &str) -> String {
    if path.is_empty() { "criteria.text".to_owned() } else { format!("criteria.{path}.text") }
}
