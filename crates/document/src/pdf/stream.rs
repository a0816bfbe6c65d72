//! Unpacking of streams within the budget. `hayro-syntax` unpacks without a limit, so every stream that it is going to
//! unpack is unpacked here first, or only here.

use flate2::{Decompress, FlushDecompress, Status};
use hayro_syntax::Filter;
use hayro_syntax::object::{Array, Dict, Object, Stream};

use crate::limits::Budget;
use crate::refusal::Refusal;

/// Unpacked content of a stream.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    pub(super) data: Vec<u8>,
    /// False for a stream that is damaged further on; what comes before is there, as in every viewer.
    pub(super) whole: bool,
}

/// The unpacked bytes of a stream that is no picture; `None` where it has a filter of pictures or cannot be unpacked.
pub(super) fn unpacked(stream: &Stream<'_>, budget: &mut Budget) -> Result<Option<Unpacked>, Refusal> {
    let mut data = stream.raw_data().into_owned();
    let mut whole = true;
    for filter in stream.filters() {
        let left = usize::try_from(budget.unpacked_left()).unwrap_or(usize::MAX);
        let next = match filter {
            Filter::FlateDecode => inflated(&data, left).map(|next| {
                whole &= next.whole;
                next.data
            }),
            Filter::LzwDecode => lzw(&data, left, early_change(stream.dict())),
            Filter::RunLengthDecode => run_length(&data, left),
            Filter::Ascii85Decode => Some(ascii_85(&data)),
            Filter::AsciiHexDecode => Some(ascii_hex(&data)),
            Filter::Crypt => continue,
            _ => return Ok(None),
        };
        match next {
            Some(next) => data = next,
            // More than is left: taking that much states the limit.
            None => budget.unpack(budget.unpacked_left().saturating_add(1))?,
        }
    }
    budget.unpack(data.len() as u64)?;
    // One pass over the bytes is some work even where it draws nothing.
    budget.step(data.len() as u64 / 64)?;
    if predicted(stream.dict()) {
        return Ok(stream.decoded_data().ok().map(|data| Unpacked { data: data.into_owned(), whole }));
    }
    Ok(Some(Unpacked { data, whole }))
}

/// Takes from the budget what the stream unpacks to, before `hayro` unpacks it.
pub(super) fn measure(stream: &Stream<'_>, budget: &mut Budget) -> Result<(), Refusal> {
    unpacked(stream, budget).map(|_| ())
}

/// The parameters of the stream's filters.
fn parameters<'a>(dict: &Dict<'a>) -> Vec<Dict<'a>> {
    match dict.get::<Object<'_>>("DecodeParms") {
        Some(Object::Dict(dict)) => vec![dict],
        Some(Object::Array(array)) => filters(&array),
        _ => Vec::new(),
    }
}

fn filters<'a>(array: &Array<'a>) -> Vec<Dict<'a>> {
    array.iter::<Object<'_>>().take(16).filter_map(Object::into_dict).collect()
}

fn predicted(dict: &Dict<'_>) -> bool {
    parameters(dict).iter().any(|parameters| parameters.get::<i32>("Predictor").is_some_and(|kind| kind > 1))
}

fn early_change(dict: &Dict<'_>) -> bool {
    !parameters(dict).iter().any(|parameters| parameters.get::<i32>("EarlyChange") == Some(0))
}

/// The data inflated; `None` if that is more than `limit` bytes.
pub(super) fn inflated(data: &[u8], limit: usize) -> Option<Unpacked> {
    let headed = match data {
        [method, flags, ..] => method & 0x0F == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31),
        _ => false,
    };
    // Some writers leave the header of zlib out, and many a wrong checksum is found at its end: neither is looked at.
    let deflated = if headed { data.get(2..).unwrap_or_default() } else { data };
    let mut decoder = Decompress::new(false);
    let mut out = Vec::new();
    let mut buffer = vec![0_u8; 16 << 10];
    loop {
        zhaoren_cancel::poll();
        let (read, written) = (decoder.total_in(), decoder.total_out());
        let rest = usize::try_from(read).ok().and_then(|read| deflated.get(read..)).unwrap_or_default();
        let status = decoder.decompress(rest, &mut buffer, FlushDecompress::None);
        let count = usize::try_from(decoder.total_out() - written).unwrap_or_default();
        out.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if out.len() > limit {
            return None;
        }
        match status {
            Ok(Status::StreamEnd) => return Some(Unpacked { data: out, whole: true }),
            Ok(_) if count > 0 || decoder.total_in() > read => {}
            Ok(_) | Err(_) => return Some(Unpacked { data: out, whole: false }),
        }
    }
}

/// ISO 32000-1, 7.4.4: codes of 9 to 12 bits, 256 clears the table, 257 ends the data.
fn lzw(data: &[u8], limit: usize, early: bool) -> Option<Vec<u8>> {
    let early = usize::from(early);
    let mut out = Vec::new();
    // Entries from 258 on, as places in `out`.
    let mut table: Vec<(usize, usize)> = Vec::new();
    let mut previous: Option<(usize, usize)> = None;
    let (mut bits, mut held, mut width) = (0_u32, 0_u32, 9_u32);
    for byte in data {
        zhaoren_cancel::poll();
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        if held < width {
            continue;
        }
        held -= width;
        let code = ((bits >> held) & ((1 << width) - 1)) as usize;
        bits &= (1 << held) - 1;
        match code {
            256 => {
                table.clear();
                previous = None;
                width = 9;
                continue;
            }
            257 => break,
            _ => {}
        }
        let start = out.len();
        if let Ok(byte) = u8::try_from(code) {
            out.push(byte);
        } else {
            let (from, length) = match (table.get(code - 258), previous) {
                (Some(entry), _) => *entry,
                // The code that is just about to be made.
                (None, Some((from, length))) if code - 258 == table.len() => (from, length + 1),
                _ => break,
            };
            for at in from..from + length {
                let byte = out.get(at).copied().unwrap_or_default();
                out.push(byte);
            }
        }
        if let Some((from, length)) = previous
            && table.len() < 4096 - 258
        {
            table.push((from, length + 1));
        }
        previous = Some((start, out.len() - start));
        width = match table.len() + 258 + early {
            0..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
        if out.len() > limit {
            return None;
        }
    }
    Some(out)
}

fn run_length(data: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = data;
    while let Some((length, after)) = rest.split_first() {
        zhaoren_cancel::poll();
        match length {
            128 => break,
            0..128 => {
                let count = (usize::from(*length) + 1).min(after.len());
                let (copied, left) = after.split_at(count);
                out.extend_from_slice(copied);
                rest = left;
            }
            _ => {
                let Some((byte, left)) = after.split_first() else { break };
                out.resize(out.len() + 257 - usize::from(*length), *byte);
                rest = left;
            }
        }
        if out.len() > limit {
            return None;
        }
    }
    Some(out)
}

fn ascii_85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let (mut value, mut count) = (0_u32, 0_usize);
    for byte in data {
        match byte {
            b'z' if count == 0 => out.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => {
                value = value.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    out.extend_from_slice(&value.to_be_bytes());
                    (value, count) = (0, 0);
                }
            }
            b'~' => break,
            _ => {}
        }
    }
    if count > 1 {
        for _ in count..5 {
            value = value.wrapping_mul(85).wrapping_add(84);
        }
        out.extend(value.to_be_bytes().into_iter().take(count - 1));
    }
    out
}

fn ascii_hex(data: &[u8]) -> Vec<u8> {
    let digits = data
        .iter()
        .take_while(|byte| **byte != b'>')
        .filter_map(|byte| char::from(*byte).to_digit(16))
        .map(|digit| digit as u8)
        .collect::<Vec<_>>();
    digits.chunks(2).map(|pair| (pair.first().unwrap_or(&0) << 4) | pair.get(1).unwrap_or(&0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lzw_decodes_the_example_of_the_standard() {
        // ISO 32000-1, 7.4.4.2, example 1.
        let packed = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
        assert_eq!(lzw(&packed, 100, true), Some(vec![45, 45, 45, 45, 45, 65, 45, 45, 45, 66]));
    }

    #[test]
    fn ascii_85_and_hex_are_decoded() {
        assert_eq!(ascii_85(b"87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(ascii_85(b"z~>"), [0; 4]);
        assert_eq!(ascii_hex(b"48 65 6C6c 7>"), b"Hellp");
    }

    #[test]
    fn run_length_data_is_decoded() {
        assert_eq!(run_length(&[2, b'a', b'b', b'c', 254, b'x', 128, 9], 100), Some(b"abcxxx".to_vec()));
        assert_eq!(run_length(&[129, b'x', 129, b'x'], 200), None);
    }

    #[test]
    fn decompression_bombs_are_not_expanded() {
        use std::io::Write as _;
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..1024 {
            packer.write_all(&[0; 1024]).unwrap();
        }
        let packed = packer.finish().unwrap();
        assert!(inflated(&packed, 64 << 10).is_none());
        let whole = inflated(&packed, 1 << 20).unwrap();
        assert_eq!((whole.data.len(), whole.whole), (1 << 20, true));
        let cut = inflated(&packed[..packed.len() / 2], 1 << 20).unwrap();
        assert!(!cut.data.is_empty() && !cut.whole);
    }
}
