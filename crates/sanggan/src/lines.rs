//! Reading files line by line, whether plain, gzip or xz.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::exit::Failure;

/// Longest line: far more than any packet, so that a file that is no text does not fill the memory.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;
const BUFFER_BYTES: usize = 256 * 1024;

/// The lines of one file.
pub(crate) struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    read: Arc<AtomicU64>,
    path: std::path::PathBuf,
    /// Bytes of the file as it lies on the disk.
    pub(crate) file_bytes: u64,
    /// The number of the line read last, from 1.
    pub(crate) number: u64,
}

impl Lines {
    /// Opens a file; what it is packed with is seen from its first bytes.
    pub(crate) fn open(path: &Path) -> Result<Lines, Failure> {
        let mut file = File::open(path).map_err(Failure::file("open", path))?;
        let meta = file.metadata().map_err(Failure::file("open", path))?;
        if meta.is_dir() {
            return Err(Failure::bad_input(format!("`{}` is a folder", path.display()), "name its files"));
        }
        let mut magic = [0u8; 6];
        let mut filled = 0;
        while filled < magic.len() {
            match file.read(&mut magic[filled..]).map_err(Failure::file("read", path))? {
                0 => break,
                count => filled += count,
            }
        }
        let read = Arc::new(AtomicU64::new(0));
        let whole = std::io::Cursor::new(magic[..filled].to_vec()).chain(file);
        let counted =
            BufReader::with_capacity(BUFFER_BYTES, Counted { inner: whole, read: Arc::clone(&read) });
        let unpacked: Box<dyn Read + Send> = match &magic {
            [0x1F, 0x8B, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(counted)),
            [0xFD, b'7', b'z', b'X', b'Z', 0] => {
                Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(counted))
            }
            _ => Box::new(counted),
        };
        Ok(Lines {
            reader: BufReader::with_capacity(BUFFER_BYTES, unpacked),
            read,
            path: path.to_owned(),
            file_bytes: meta.len(),
            number: 0,
        })
    }

    /// Reads the next line into `line`, without its line end. False at the end of the file.
    pub(crate) fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, Failure> {
        line.clear();
        let read = (&mut self.reader)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', line)
            .map_err(Failure::file("read", &self.path))?;
        if read == 0 {
            return Ok(false);
        }
        self.number += 1;
        if read as u64 == LINE_BYTES_MAX {
            return Err(Failure::bad_input(
                format!(
                    "`{}` line {} is longer than {LINE_BYTES_MAX} bytes",
                    self.path.display(),
                    self.number
                ),
                "one packet a line is expected",
            ));
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        Ok(true)
    }

    /// Bytes of the file read so far, for a progress bar.
    pub(crate) fn position(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The rest as bytes, for readers of their own.
    pub(crate) fn into_reader(self) -> impl Read {
        self.reader
    }
}

struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// SM3 of a file as it lies on the disk: its identity in checkpoints.
pub(crate) fn file_hash(path: &Path) -> Result<String, Failure> {
    use sm3::Digest;
    let mut file = File::open(path).map_err(Failure::file("open", path))?;
    let mut hasher = sm3::Sm3::new();
    let mut buffer = vec![0u8; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer).map_err(Failure::file("read", path))? {
            0 => return Ok(hex::encode(hasher.finalize())),
            count => hasher.update(&buffer[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn all(path: &Path) -> Vec<(u64, Vec<u8>)> {
        let mut lines = Lines::open(path).expect("opens");
        let (mut rows, mut line) = (Vec::new(), Vec::new());
        while lines.next(&mut line).expect("reads") {
            rows.push((lines.number, line.clone()));
        }
        rows
    }

    #[test]
    fn the_same_lines_come_out_of_plain_gzip_and_xz() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = b"##one\r\n\n##t\0wo\n##last";
        let expected: Vec<(u64, Vec<u8>)> =
            vec![(1, b"##one".to_vec()), (2, Vec::new()), (3, b"##t\0wo".to_vec()), (4, b"##last".to_vec())];
        let plain = folder.path().join("a.txt");
        std::fs::write(&plain, text).expect("writes");
        assert_eq!(all(&plain), expected);
        let gz = folder.path().join("a.gz");
        let mut writer =
            flate2::write::GzEncoder::new(File::create(&gz).expect("a file"), flate2::Compression::fast());
        writer.write_all(text).expect("writes");
        writer.finish().expect("writes");
        assert_eq!(all(&gz), expected);
        let xz = folder.path().join("a.xz");
        let mut writer = liblzma::write::XzEncoder::new(File::create(&xz).expect("a file"), 1);
        writer.write_all(text).expect("writes");
        writer.finish().expect("writes");
        assert_eq!(all(&xz), expected);
    }

    #[test]
    fn a_broken_archive_is_an_error_and_not_an_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.gz");
        std::fs::write(&path, [0x1F, 0x8B, 8, 0, 1, 2, 3]).expect("writes");
        let mut lines = Lines::open(&path).expect("opens");
        assert!(lines.next(&mut Vec::new()).is_err());
    }
}
