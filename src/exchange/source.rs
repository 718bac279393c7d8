//! Opens a publisher's file: gz by its first bytes, UTF-16 by its mark, CSV or GeoJSON by what is in it.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;

use super::error::Fault;

/// How much of a file is looked at to tell what it is.
const LOOK: usize = 64 * 1024;

/// The bytes of a file, as UTF-8 or Windows-1252 text without a byte-order mark.
pub(super) type Input = Box<dyn BufRead>;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    GeoJson,
}

/// Opens a file and tells what it is.
pub(super) fn open(path: &Path) -> Result<(Input, Format), Fault> {
    let failed = |cause: io::Error| Fault::io(1, &cause);
    let file = File::open(path).map_err(|cause| Fault::new(None, format!("can't be opened: {cause}")))?;
    let mut plain = BufReader::with_capacity(LOOK, file);
    let zipped =
        plain.fill_buf().map_err(|cause| Fault::new(None, format!("can't be read: {cause}")))?.starts_with(&[0x1f, 0x8b]);
    let bytes: Input =
        if zipped { Box::new(BufReader::with_capacity(LOOK, MultiGzDecoder::new(plain))) } else { Box::new(plain) };
    let mut text = decoded(bytes).map_err(failed)?;
    let start = text.fill_buf().map_err(failed)?;
    refuse_binary(start)?;
    let first = start.iter().find(|byte| !byte.is_ascii_whitespace() && **byte != 0);
    match first {
        None => Err(Fault::new(None, "the file is empty")),
        Some(b'{' | b'[') => Ok((text, Format::GeoJson)),
        Some(_) => Ok((text, Format::Csv)),
    }
}

/// Takes a byte-order mark away, and turns UTF-16 into UTF-8.
fn decoded(mut bytes: Input) -> io::Result<Input> {
    let start = bytes.fill_buf()?;
    let (mark, decoder) = match start {
        [0xef, 0xbb, 0xbf, ..] => (3, None),
        [0xff, 0xfe, ..] => (2, Some(UTF_16LE.new_decoder_without_bom_handling())),
        [0xfe, 0xff, ..] => (2, Some(UTF_16BE.new_decoder_without_bom_handling())),
        _ => (0, None),
    };
    bytes.consume(mark);
    match decoder {
        None => Ok(bytes),
        Some(decoder) => Ok(Box::new(BufReader::with_capacity(LOOK, Utf16 { bytes, decoder, done: false }))),
    }
}

struct Utf16 {
    bytes: Input,
    decoder: Decoder,
    done: bool,
}

impl Read for Utf16 {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.done {
            let input = self.bytes.fill_buf()?;
            let last = input.is_empty();
            let (result, used, written, _) = self.decoder.decode_to_utf8(input, out, last);
            self.bytes.consume(used);
            self.done = last && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

/// Says what it is where it is no text at all.
fn refuse_binary(start: &[u8]) -> Result<(), Fault> {
    const KNOWN: [(&[u8], &str); 9] = [
        (b"PK\x03\x04", "a ZIP or Excel file; open it and save it as CSV"),
        (b"\xd0\xcf\x11\xe0", "an old Excel or Word file; open it and save it as CSV"),
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"SQLite format 3", "a database"),
        (b"\x7fELF", "a program"),
        (b"\x28\xb5\x2f\xfd", "packed with zstd; unpack it first"),
        (b"\xfd7zXZ", "packed with xz; unpack it first"),
    ];
    if let Some((_, what)) = KNOWN.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Err(Fault::new(None, format!("this is no CSV or GeoJSON file but {what}")));
    }
    let odd = start.iter().filter(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c)).count();
    if odd * 20 > start.len() {
        return Err(Fault::new(None, "this is no CSV or GeoJSON file but something that isn't text"));
    }
    Ok(())
}
