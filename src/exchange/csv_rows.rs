//! CSV as publishers write it: any line ends, quoted newlines, stray NULs; a record never takes more than a bounded memory.
//!
//! Not the csv crate: that one would read an unclosed quote to the end of the file into memory before anyone could say no.

use std::{borrow::Cow, io::BufRead};

use super::{error::Fault, text::decode};

/// Most bytes of one record; a longer one is rejected.
pub(super) const RECORD_LIMIT: usize = 1 << 20;
/// Most fields of one record.
const FIELD_LIMIT: usize = 4096;

/// One record, its buffers used again for the next.
#[derive(Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line it begins on, from 1.
    pub(super) line: u64,
    /// It was longer than allowed and is not all here.
    pub(super) too_big: bool,
    /// A line end came after it.
    pub(super) ended: bool,
}

impl Record {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn field(&self, at: usize) -> Cow<'_, str> {
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        decode(self.ends.get(at).and_then(|to| self.bytes.get(from..*to)).unwrap_or_default())
    }

    fn clear(&mut self, line: u64) {
        self.bytes.clear();
        self.ends.clear();
        (self.line, self.too_big, self.ended) = (line, false, false);
    }

    fn push(&mut self, byte: u8) {
        if self.bytes.len() < RECORD_LIMIT { self.bytes.push(byte) } else { self.too_big = true }
    }

    fn end_field(&mut self) {
        if self.ends.len() < FIELD_LIMIT { self.ends.push(self.bytes.len()) } else { self.too_big = true }
    }

    fn is_blank(&self) -> bool {
        self.bytes.is_empty() && self.ends.len() <= 1 && !self.too_big
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// A quote inside a quoted field: its end, or the first of two.
    QuoteSeen,
}

/// The records of a CSV file.
pub(super) struct CsvRows<R> {
    input: R,
    line: u64,
    delimiter: u8,
    after_cr: bool,
}

impl<R: BufRead> CsvRows<R> {
    /// The delimiter is whichever of `,` `;` and tab the first line has most of.
    pub(super) fn new(mut input: R) -> Result<Self, Fault> {
        let start = input.fill_buf().map_err(|cause| Fault::io(1, &cause))?;
        let first = start.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
        let delimiter = [b'\t', b';', b','].into_iter().max_by_key(|byte| count(*byte)).unwrap_or(b',');
        Ok(Self { input, line: 1, delimiter, after_cr: false })
    }

    /// The next record that isn't a blank line; false at the end.
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, Fault> {
        record.clear(self.line);
        let mut state = State::FieldStart;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(cause) => return Err(Fault::io(self.line, &cause)),
            };
            if chunk.is_empty() {
                return finish(state, record);
            }
            let (mut used, mut done) = (0, false);
            for &byte in chunk {
                used += 1;
                let skip = byte == b'\n' && self.after_cr;
                self.after_cr = byte == b'\r';
                if skip {
                    continue;
                }
                let new_line = matches!(byte, b'\n' | b'\r');
                self.line += u64::from(new_line);
                done = step(&mut state, byte, self.delimiter, record);
                if done && record.is_blank() {
                    record.clear(self.line);
                    (state, done) = (State::FieldStart, false);
                }
                if done {
                    break;
                }
            }
            self.input.consume(used);
            if done {
                record.ended = true;
                return Ok(true);
            }
        }
    }
}

/// The end of the file: a last record without a line end, or a fault.
fn finish(state: State, record: &mut Record) -> Result<bool, Fault> {
    if state == State::Quoted {
        let message = "the file ends inside a quoted field that begins here; it is cut short, or a quote is missing";
        return Err(Fault::new(Some(record.line), message));
    }
    record.end_field();
    Ok(!record.is_blank())
}

/// Takes one byte; true where it ends the record.
fn step(state: &mut State, byte: u8, delimiter: u8, record: &mut Record) -> bool {
    if byte == 0 {
        return false;
    }
    *state = match (*state, byte) {
        (State::FieldStart, b'"') => State::Quoted,
        (State::Quoted, b'"') => State::QuoteSeen,
        (State::Quoted, _) => {
            record.push(byte);
            State::Quoted
        }
        (State::QuoteSeen, b'"') => {
            record.push(b'"');
            State::Quoted
        }
        (_, b'\n' | b'\r') => {
            record.end_field();
            return true;
        }
        (_, _) if byte == delimiter => {
            record.end_field();
            State::FieldStart
        }
        // Blanks before an opening quote and text after a closing one are kept as they are.
        (_, _) => {
            record.push(byte);
            State::Plain
        }
    };
    false
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Result<Vec<(u64, Vec<String>)>, Fault> {
        // A tiny buffer, so that every state meets the end of a chunk.
        let mut rows = CsvRows::new(std::io::BufReader::with_capacity(3, text))?;
        rows.delimiter = b',';
        let (mut record, mut found) = (Record::default(), Vec::new());
        while rows.read(&mut record)? {
            found.push((record.line, (0..record.len()).map(|at| record.field(at).into_owned()).collect()));
        }
        Ok(found)
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn line_ends_quotes_and_blank_lines_are_taken_as_they_come() {
        let text = b"a,b\r\n\"x\ny\",\"say \"\"hi\"\"\"\r\n\r\n,\nlast,\"one\"";
        let expected = [row(1, &["a", "b"]), row(2, &["x\ny", "say \"hi\""]), row(5, &["", ""]), row(6, &["last", "one"])];
        assert_eq!(all(text).expect("sound"), expected);
        assert_eq!(all(b"a\rb\r").expect("sound"), [row(1, &["a"]), row(2, &["b"])]);
    }

    #[test]
    fn bytes_of_windows_1252_and_nuls_are_read() {
        assert_eq!(all(b"caf\xe9,n\0ul\n").expect("sound"), [row(1, &["café", "nul"])]);
    }

    #[test]
    fn an_open_quote_at_the_end_is_a_fault_that_names_the_line() {
        let fault = all(b"a,b\n1,\"cut off\nand on").expect_err("cut short");
        assert_eq!(fault.line, Some(2));
    }

    #[test]
    fn a_long_field_is_marked_and_the_next_record_is_sound() {
        let text = [b"a,\"".as_slice(), &vec![b'x'; 10_000_000], b"\"\nb,c\n"].concat();
        let mut rows = CsvRows::new(text.as_slice()).expect("opens");
        let mut record = Record::default();
        assert!(rows.read(&mut record).expect("reads") && record.too_big);
        assert!(record.bytes.capacity() <= 2 * RECORD_LIMIT);
        assert!(rows.read(&mut record).expect("reads") && !record.too_big);
        assert_eq!((record.line, &*record.field(0)), (2, "b"));
    }
}
