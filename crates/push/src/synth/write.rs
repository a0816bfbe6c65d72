//! Writes a city as files: blocks are made and encoded on many threads and written in order, so the bytes are always the same.
//!
//! A file is written under a temporary name, synced and renamed: a file under its final name is complete.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Synth;
use super::lines::{csv_block, csv_header, json_block};
use super::parquet::ParquetFile;
use crate::files;
use crate::options::Format;

/// Rows of a block, which is one row group of a Parquet file.
pub(crate) const BLOCK: u64 = 65_536;

/// Writes the enterprises of `synth` to `path`; `progress` is called with the number of enterprises written since its last call.
///
/// A table holds no ranges: a value known only as a range is an empty cell there; JSON Lines has the range.
///
/// # Errors
/// The file cannot be written; the message names it.
pub fn write_enterprises(
    synth: &Synth,
    path: &Path,
    format: Format,
    progress: &mut dyn FnMut(u64),
) -> io::Result<()> {
    create_atomic(path, |file| match format {
        Format::Parquet => {
            let (mut table, encoder) = ParquetFile::create(file, synth)?;
            let encode = |number, rows: std::ops::Range<u64>| encoder.encode(synth, number, rows);
            in_order(synth, progress, encode, |group| table.append(group))?;
            table.finish()
        }
        Format::Csv => {
            let mut file = file;
            file.write_all(&csv_header(synth)?)?;
            in_order(synth, progress, |_, rows| csv_block(synth, rows), |bytes| file.write_all(&bytes))?;
            Ok(file)
        }
        Format::Jsonl => {
            let mut file = file;
            let encode = |_, rows| Ok(json_block(synth, rows));
            in_order(synth, progress, encode, |bytes: Vec<u8>| file.write_all(&bytes))?;
            Ok(file)
        }
        // A workbook is written for people, one sheet for each district; no synthetic city needs it.
        Format::Xlsx => Err(io::Error::new(io::ErrorKind::Unsupported, "合成企业不写成 Excel，请用 csv")),
    })
}

/// Encodes all blocks on many threads and passes them on in order; as many are in memory as there are threads.
fn in_order<T: Send>(
    synth: &Synth,
    progress: &mut dyn FnMut(u64),
    encode: impl Fn(usize, std::ops::Range<u64>) -> io::Result<T> + Sync,
    mut write: impl FnMut(T) -> io::Result<()>,
) -> io::Result<()> {
    let enterprises = synth.options.enterprises;
    let rows = |block: u64| block * BLOCK..((block + 1) * BLOCK).min(enterprises);
    let blocks: Vec<u64> = (0..enterprises.div_ceil(BLOCK)).collect();
    for wave in blocks.chunks(rayon::current_num_threads().max(1)) {
        let number = |block: u64| usize::try_from(block).map_err(io::Error::other);
        let results: Vec<io::Result<T>> =
            wave.par_iter().map(|&block| encode(number(block)?, rows(block))).collect();
        for (block, result) in wave.iter().zip(results) {
            write(result?)?;
            let rows = rows(*block);
            progress(rows.end - rows.start);
        }
    }
    Ok(())
}

/// Writes a file completely or not at all.
pub(crate) fn create_atomic(
    path: &Path,
    write: impl FnOnce(BufWriter<File>) -> io::Result<BufWriter<File>>,
) -> io::Result<()> {
    let aside = aside(path)?;
    let result = files::create(&aside)
        .and_then(|file| write(BufWriter::with_capacity(1 << 20, file)))
        .and_then(|out| out.into_inner().map_err(io::IntoInnerError::into_error))
        .and_then(|file| file.sync_all())
        .and_then(|()| std::fs::rename(&aside, path))
        .and_then(|()| sync_folder_of(path));
    if result.is_err() {
        // The original error is returned below; failing to remove the partial file does not change it.
        let _ = std::fs::remove_file(&aside);
    }
    result.map_err(|cause| io::Error::new(cause.kind(), format!("{}：{cause}", path.display())))
}

/// Temporary name of a file until it is complete.
fn aside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    Ok(path.with_file_name(format!(".{}.part", name.to_string_lossy())))
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    zhaoren_disk::sync_dir(folder.unwrap_or(Path::new(".")))
}
