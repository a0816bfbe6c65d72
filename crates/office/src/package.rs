//! Package of Office Open XML: parts in a ZIP file (ECMA-376 part 2).

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::OfficeError;

/// Head of every part.
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
/// Namespace of packages.
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
/// Namespace of relationships between parts.
pub(crate) const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Package under construction.
pub(crate) struct Package {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    /// Parts with their content types.
    types: Vec<(String, &'static str)>,
}

impl Package {
    /// Begins a package whose main part is at `main`.
    pub(crate) fn new(main: &str) -> Result<Self, OfficeError> {
        let mut package = Self { zip: ZipWriter::new(Cursor::new(Vec::new())), types: Vec::new() };
        package.write("_rels/.rels", &relationships(&[("officeDocument", main)]))?;
        Ok(package)
    }

    /// Adds a part of a content type.
    pub(crate) fn part(&mut self, name: &str, kind: &'static str, xml: &str) -> Result<(), OfficeError> {
        self.types.push((name.to_owned(), kind));
        self.write(name, xml)
    }

    /// Adds the relationships of a part.
    pub(crate) fn relationships(&mut self, name: &str, targets: &[(&str, &str)]) -> Result<(), OfficeError> {
        self.write(name, &relationships(targets))
    }

    fn write(&mut self, name: &str, xml: &str) -> Result<(), OfficeError> {
        zhaoren_cancel::poll();
        // The time of a part is fixed, so that the same content gives the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let failed = |error: String| OfficeError(error);
        self.zip.start_file(name, options).map_err(|error| failed(error.to_string()))?;
        self.zip.write_all(HEAD.as_bytes()).map_err(|error| failed(error.to_string()))?;
        self.zip.write_all(xml.as_bytes()).map_err(|error| failed(error.to_string()))
    }

    /// The finished file.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, OfficeError> {
        let overrides: String = self
            .types
            .iter()
            .map(|(name, kind)| format!("<Override PartName=\"/{name}\" ContentType=\"{kind}\"/>"))
            .collect();
        let types = format!(
            "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
             ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>{overrides}</Types>"
        );
        self.write("[Content_Types].xml", &types)?;
        let bytes = self.zip.finish().map_err(|error| OfficeError(error.to_string()))?;
        Ok(bytes.into_inner())
    }
}

fn relationships(targets: &[(&str, &str)]) -> String {
    let list: String = (1..)
        .zip(targets)
        .map(|(n, (kind, target))| {
            format!("<Relationship Id=\"r{n}\" Type=\"{RELATIONSHIPS}/{kind}\" Target=\"{target}\"/>")
        })
        .collect();
    format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{list}</Relationships>")
}
