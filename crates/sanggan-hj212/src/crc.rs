//! The check code of the standard's annex A, and the MODBUS one that some makers send instead.

/// One step of the standard's code. Its state is only the high byte of the last result, because the
/// standard shifts the low byte out *before* it takes in the next byte; so the whole step is one table.
const STEP: [u16; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

/// `AHEAD[k][b]`: what a byte `b` leaves in the high byte after `k + 1` steps. The step is linear over
/// GF(2), so eight bytes can be looked up independently and combined by exclusive or.
const AHEAD: [[u8; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut index = 0;
    while index < 256 {
        let mut high = index as u8;
        let mut k = 0;
        while k < 8 {
            high = (STEP[high as usize] >> 8) as u8;
            tables[k][index] = high;
            k += 1;
        }
        index += 1;
    }
    tables
};

/// The check code of HJ 212 (all editions) over a data segment.
///
/// It is neither CRC-16/MODBUS nor CRC-16/ARC, although it uses their polynomial.
///
/// # Source
/// HJ 212-2017 annex A; example there: length 0101, code 1C80.
pub fn crc16(bytes: &[u8]) -> u16 {
    let Some((&last, rest)) = bytes.split_last() else { return 0xFFFF };
    let (blocks, tail) = rest.as_chunks::<8>();
    let mut high = 0xFF_u8;
    for b in blocks {
        high = AHEAD[7][usize::from(high ^ b[0])]
            ^ AHEAD[6][usize::from(b[1])]
            ^ AHEAD[5][usize::from(b[2])]
            ^ AHEAD[4][usize::from(b[3])]
            ^ AHEAD[3][usize::from(b[4])]
            ^ AHEAD[2][usize::from(b[5])]
            ^ AHEAD[1][usize::from(b[6])]
            ^ AHEAD[0][usize::from(b[7])];
    }
    for b in tail {
        high = AHEAD[0][usize::from(high ^ b)];
    }
    STEP[usize::from(high ^ last)]
}

/// CRC-16/MODBUS, only to recognise makers who send it.
pub fn crc16_modbus(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, &byte| crc >> 8 ^ STEP[usize::from(crc as u8 ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The algorithm as annex A writes it, bit by bit.
    fn as_printed(bytes: &[u8]) -> u16 {
        let mut crc = 0xFFFF_u16;
        for &byte in bytes {
            crc = crc >> 8 ^ u16::from(byte);
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

    #[test]
    fn the_examples_of_2017_and_2025() {
        let first = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&";
        let second =
            b"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&";
        assert_eq!((first.len(), crc16(first)), (101, 0x1C80));
        assert_eq!((second.len(), crc16(second)), (87, 0x2200));
    }

    #[test]
    fn modbus_check_value() {
        assert_eq!(crc16_modbus(b"123456789"), 0x4B37);
    }

    proptest::proptest! {
        #[test]
        fn the_tables_equal_the_printed_algorithm(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..100)) {
            proptest::prop_assert_eq!(crc16(&bytes), as_printed(&bytes));
        }
    }
}
