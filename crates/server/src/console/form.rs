//! Fields of a submitted form.

/// Names and values, in order.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Decodes a form body or query string (`application/x-www-form-urlencoded`).
    pub(super) fn of(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// Decodes a query string.
    pub(super) fn from_query(query: Option<&str>) -> Self {
        Self::of(query.unwrap_or_default().as_bytes())
    }

    /// Value of a field; empty if it is absent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text.trim())
    }

    /// These fields before others: the first field of a name counts.
    pub(super) fn before(mut self, others: Vec<(String, String)>) -> Self {
        // The profile and its day are those that were kept, whatever the address says.
        let is_free = |name: &str| !others.iter().any(|(kept, _)| kept == name) && !name.starts_with("fact.");
        self.0.retain(|(name, _)| is_free(name));
        self.0.extend(others);
        self
    }

    /// Value of a field, unless it is empty.
    pub(super) fn non_empty(&self, name: &str) -> Option<String> {
        Some(self.text(name).to_owned()).filter(|text| !text.is_empty())
    }

    /// All names with their values.
    pub(super) fn all_values(&self) -> Vec<(String, String)> {
        self.0.clone()
    }

    /// Values of all fields of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// Fields whose names start with `begin`, each with the rest of its name.
    pub(super) fn with_prefix<'a>(&'a self, begin: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, text)| Some((name.strip_prefix(begin)?, text.as_str())))
    }
}
