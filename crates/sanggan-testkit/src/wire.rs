//! A small data logger: packets with their check sums, and the answers to them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The check sum of HJ 212 (annex A), written here once more so that tests do not trust the codec they test.
pub fn crc16(bytes: &[u8]) -> u16 {
    let mut crc: u16 = 0xFFFF;
    for &byte in bytes {
        crc = (crc >> 8) ^ u16::from(byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc >>= 1;
            if low == 1 {
                crc ^= 0xA001;
            }
        }
    }
    crc
}

/// Frames a data segment: `##`, length, segment, check sum, CR LF.
pub fn packet(segment: &str) -> Vec<u8> {
    format!("##{:04}{segment}{:04X}\r\n", segment.len(), crc16(segment.as_bytes())).into_bytes()
}

/// One connection to a gateway.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Wire {
    /// Connects.
    ///
    /// # Errors
    /// What the system reports.
    pub fn connect(gateway: SocketAddr) -> std::io::Result<Wire> {
        let stream = TcpStream::connect_timeout(&gateway, Duration::from_secs(10))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_millis(50)))?;
        stream.set_write_timeout(Some(Duration::from_secs(10)))?;
        Ok(Wire { stream, received: Vec::new() })
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// What the system reports; a killed server is seen here.
    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Another handle of the connection, for sending from a second thread.
    ///
    /// # Errors
    /// What the system reports.
    pub fn sender(&self) -> std::io::Result<TcpStream> {
        self.stream.try_clone()
    }

    /// Reads what has come, for at most `wait`, and gives the QN of each data answer (CN 9014) in it.
    /// `None` when the connection has ended and everything it brought was given.
    pub fn answered(&mut self, wait: Duration) -> Option<Vec<String>> {
        let until = Instant::now() + wait;
        let mut buffer = [0u8; 16 * 1024];
        loop {
            let ended = match self.stream.read(&mut buffer) {
                Ok(0) => true,
                Ok(count) => {
                    self.received.extend_from_slice(&buffer[..count]);
                    false
                }
                Err(error) => !matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock
                        | std::io::ErrorKind::TimedOut
                        | std::io::ErrorKind::Interrupted
                ),
            };
            let answers = self.take_answers();
            if !answers.is_empty() {
                return Some(answers);
            }
            if ended {
                return None;
            }
            if Instant::now() >= until {
                return Some(answers);
            }
        }
    }

    fn take_answers(&mut self) -> Vec<String> {
        let mut answers = Vec::new();
        while let Some(end) = self.received.windows(2).position(|pair| pair == b"\r\n") {
            let line: Vec<u8> = self.received.drain(..end + 2).collect();
            let text = String::from_utf8_lossy(&line);
            if text.contains("CN=9014;")
                && let Some(qn) = text.split("QN=").nth(1).and_then(|rest| rest.split(';').next())
            {
                answers.push(qn.to_owned());
            }
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HJ 212-2025, the example of its annex.
    #[test]
    fn the_published_example_comes_out() {
        let segment =
            "QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&";
        assert_eq!(packet(segment), format!("##0087{segment}2200\r\n").into_bytes());
    }
}
