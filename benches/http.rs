//! One connection that is kept open: a request written as it is, its answer read whole.

use std::{
    io::{BufRead, BufReader, Error, Read, Result, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes read at once.
const ROOM: usize = 64 * 1024;

/// A connection to one server.
pub struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
    head: String,
}

/// An answer that was read to its end.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// Such as 200.
    pub status: u16,
    /// Bytes on the wire, the head included.
    pub bytes: usize,
    /// Whether its JSON ends by saying that the usual engine was away.
    pub behind: bool,
}

/// How such an answer ends.
const BEHIND: &[u8] = b"\"behind\":true}";

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::with_capacity(ROOM, stream), line: String::new(), head: String::new() })
    }

    /// Asks, and reads the answer into nowhere.
    pub fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        let mut end = Vec::with_capacity(2 * BEHIND.len());
        let answer = self.ask_into(request, &mut |part| {
            end.extend_from_slice(&part[part.len().saturating_sub(BEHIND.len())..]);
            end.drain(..end.len().saturating_sub(BEHIND.len()));
        })?;
        Ok(Answer { behind: end == BEHIND, ..answer })
    }

    /// Asks, and keeps the body.
    pub fn body(&mut self, request: &[u8]) -> Result<(Answer, Vec<u8>)> {
        let mut body = Vec::new();
        let answer = self.ask_into(request, &mut |part| body.extend_from_slice(part))?;
        Ok((answer, body))
    }

    /// Asks, and keeps all of the answer as text: the lines of its head, and its body.
    pub fn whole(&mut self, request: &[u8]) -> Result<(Answer, String)> {
        let (answer, body) = self.body(request)?;
        Ok((answer, format!("{}{}", self.head, String::from_utf8_lossy(&body))))
    }

    fn ask_into(&mut self, request: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<Answer> {
        self.stream.get_mut().write_all(request)?;
        self.head.clear();
        let mut bytes = self.read_line()?;
        let status = self.line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| broken("no status"))?;
        let (mut length, mut chunked) = (0, false);
        loop {
            bytes += self.read_line()?;
            let Some((name, value)) = self.line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(Error::other)?;
            }
            chunked |= name.eq_ignore_ascii_case("transfer-encoding") && value.contains("chunked");
        }
        let sent = if chunked { self.chunks(take)? } else { self.exactly(length, take)? };
        Ok(Answer { status, bytes: bytes + sent, behind: false })
    }

    fn read_line(&mut self) -> Result<usize> {
        self.line.clear();
        match self.stream.read_line(&mut self.line)? {
            0 => Err(broken("the connection was closed")),
            read => {
                self.head.push_str(&self.line);
                Ok(read)
            }
        }
    }

    fn exactly(&mut self, length: usize, take: &mut dyn FnMut(&[u8])) -> Result<usize> {
        let mut left = length;
        while left > 0 {
            let some = self.stream.fill_buf()?;
            if some.is_empty() {
                return Err(broken("the answer was cut off"));
            }
            let part = some.len().min(left);
            take(&some[..part]);
            self.stream.consume(part);
            left -= part;
        }
        Ok(length)
    }

    /// Says how many bytes came over the wire.
    fn chunks(&mut self, take: &mut dyn FnMut(&[u8])) -> Result<usize> {
        let mut sent = 0;
        loop {
            sent += self.read_line()?;
            let size = usize::from_str_radix(self.line.trim(), 16).map_err(Error::other)?;
            self.exactly(size, take)?;
            let mut end = [0; 2];
            self.stream.read_exact(&mut end)?;
            sent += size + 2;
            if size == 0 {
                return Ok(sent);
            }
        }
    }
}

fn broken(what: &str) -> Error {
    Error::other(what.to_owned())
}

/// A GET request, as bytes.
pub fn get(path: &str, accepts: Option<&str>) -> Vec<u8> {
    let encoding = accepts.map(|names| format!("Accept-Encoding: {names}\r\n")).unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{encoding}\r\n").into_bytes()
}

/// A GET request of a browser that is signed in, as bytes.
pub fn get_as(path: &str, session: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: footbridge={session}\r\nAccept-Encoding: br\r\n\r\n").into_bytes()
}

/// A form of ours that is sent through a proxy for someone, as bytes.
pub fn form(path: &str, from: &str, pairs: &[(&str, &str)]) -> Vec<u8> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {from}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A request with a JSON body, as bytes.
pub fn json(method: &str, path: &str, key: &str, body: &str) -> Vec<u8> {
    let secret = if key.is_empty() { String::new() } else { format!("Authorization: Bearer {key}\r\n") };
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{secret}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
