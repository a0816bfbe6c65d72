//! Pages a second that PDF files are read at, beside `pdftotext` where it is installed.
//!
//!     cargo run --release -p zhaoren-document --example pages -- FILE…

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use zhaoren_document::{Document, Limits, Origin, read};

/// How long each file is read again and again.
const SPAN: Duration = Duration::from_secs(2);

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{:>10} {:>10} {:>6}  file", "pages/s", "pdftotext", "ratio")?;
    for file in std::env::args().skip(1) {
        let bytes = std::fs::read(&file)?;
        let document = match read(&bytes, &Limits::IMPORT) {
            Ok(document) => document,
            Err(refusal) => {
                writeln!(out, "{:>10} {:>10} {:>6}  {file}: {refusal}", "", "", "")?;
                continue;
            }
        };
        let pages = f64::from(pages(&document));
        let own = rate(|| read(&bytes, &Limits::IMPORT).as_ref() == Ok(&document)) * pages;
        let peer = rate(|| {
            let mut peer = Command::new("pdftotext");
            peer.args(["-layout", &file, "-"]).stdout(Stdio::null()).stderr(Stdio::null());
            peer.status().is_ok_and(|status| status.success())
        }) * pages;
        if peer > 0.0 {
            writeln!(out, "{own:>10.0} {peer:>10.0} {:>6.2}  {file}", own / peer)?;
        } else {
            writeln!(out, "{own:>10.0} {:>10} {:>6}  {file}", "absent", "")?;
        }
    }
    Ok(())
}

/// The last page that text was read from.
fn pages(document: &Document) -> u32 {
    let spans = document.text().spans;
    let page = |origin: &Origin| if let Origin::Page { page, .. } = origin { *page } else { 0 };
    spans.iter().map(|span| page(&span.origin)).max().unwrap_or(1)
}

/// How often a second the work is done, or 0 as soon as it fails.
fn rate(mut work: impl FnMut() -> bool) -> f64 {
    let start = Instant::now();
    let mut count = 0.0;
    while start.elapsed() < SPAN {
        if !work() {
            return 0.0;
        }
        count += 1.0;
    }
    count / start.elapsed().as_secs_f64()
}
