//! The codec on what real devices sent. The figures asserted here were counted independently.

use std::{collections::BTreeMap, io::Read, path::PathBuf};

use expect_test::expect;
use sanggan_hj212::{Decoder, Limits, Tally, crc16, decode_packet, decode_segment};

fn shared(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn morning() -> Option<Vec<u8>> {
    let file = std::fs::File::open(shared("hj212-2016-08-24-morning.txt.xz")?).expect("opens");
    let mut bytes = Vec::new();
    liblzma::read::XzDecoder::new(file).read_to_end(&mut bytes).expect("unpacks");
    Some(bytes)
}

#[test]
fn the_recorded_morning_line_by_line() {
    let Some(bytes) = morning() else { return };
    let mut tally = Tally::default();
    for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        tally.count(&decode_packet(line, None));
    }
    expect![[r#"
        frames   70740
        whole    70702
        values   652470
        devices  288
        unusable
          crc_mismatch                 28
          no_fields                     6
          no_start                      2
        defects
          bad_cn                        1
          bad_qn                        1
          bad_st                       14
          bad_time                      2
          crc_mismatch                 28
          duplicate_field             318
          header_in_cp                  1
          length_mismatch              28
          length_unreadable             1
          malformed_field               9
          missing_cn                    2
          missing_flag              60717
          missing_pw                    1
          missing_qn                68490
          missing_time                  3
          not_a_number                  4
          nul_byte                     13
          separator_confusion           9
          unknown_suffix                1
          vendor_suffix               210
        by command
          -                             3
          1013                         55
          2011                      36209
          2021                       7392
          2031                        226
          2051                      14205
          2061                       2466
          2072                         79
          2073                         10
          8013                       3684
          9011                        220
          9012                        217
          9015                       5966
        by system
          -                            14
          31                        24877
          32                        39372
          91                         6469
        by edition
          2005                      70732
    "#]]
    .assert_eq(&tally.to_string());
}

/// The same bytes as one stream, in pieces as a socket would give them.
#[test]
fn the_recorded_morning_as_a_stream() {
    let Some(bytes) = morning() else { return };
    let mut tally = Tally::default();
    let mut decoder = Decoder::new(Limits::default());
    let mut garbage = 0;
    for piece in bytes.chunks(1460) {
        decoder.push(piece);
        loop {
            match decoder.next_message() {
                Ok(None) => break,
                Ok(Some(decoded)) => {
                    garbage += decoded.skipped;
                    tally.count_packet(&decoded);
                }
                Err(error) => tally.count_error(&error),
            }
        }
    }
    assert!(decoder.pending() < 1000);
    expect![[r#"
        36 stray bytes
        frames   70738
        whole    70702
        values   652470
        devices  288
        unusable
          crc_mismatch                 28
          no_fields                     6
        defects
          bad_cn                        1
          bad_qn                        1
          bad_st                       14
          bad_time                      2
          crc_mismatch                 28
          duplicate_field             318
          header_in_cp                  1
          length_mismatch              28
          length_unreadable             1
          malformed_field               9
          missing_cn                    2
          missing_flag              60717
          missing_pw                    1
          missing_qn                68490
          missing_time                  3
          not_a_number                  4
          nul_byte                     13
          separator_confusion           9
          stray_bytes                   2
          unknown_suffix                1
          vendor_suffix               210
        by command
          -                             3
          1013                         55
          2011                      36209
          2021                       7392
          2031                        226
          2051                      14205
          2061                       2466
          2072                         79
          2073                         10
          8013                       3684
          9011                        220
          9012                        217
          9015                       5966
        by system
          -                            14
          31                        24877
          32                        39372
          91                         6469
        by edition
          2005                      70732
    "#]]
    .assert_eq(&format!("{garbage} stray bytes\n{tally}"));
}

#[test]
fn every_sample_has_the_check_code_and_length_counted_elsewhere() {
    let Some(path) = shared("hj212-samples.tsv") else { return };
    let text = std::fs::read_to_string(path).expect("reads");
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    let mut tally = Tally::default();
    for row in text.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (kind, packet, real_len, crc_calc, crc_ok) =
            (columns[0], columns[3], columns[5], columns[8], columns.get(9).copied().unwrap_or_default());
        let outcome =
            if kind == "segment" { decode_segment(packet) } else { decode_packet(packet.as_bytes(), None) };
        *kinds.entry(format!("{kind} {}", if outcome.is_ok() { "read" } else { "not read" })).or_default() +=
            1;
        if kind == "segment" {
            assert_eq!(packet.len().to_string(), real_len, "{packet}");
            assert_eq!(format!("{:04X}", crc16(packet.as_bytes())), crc_calc, "{packet}");
        } else if kind == "frame" {
            let decoded = outcome.as_ref().expect("every complete sample gives something");
            if decoded.crc_given.is_some() {
                assert_eq!(decoded.segment_len.to_string(), real_len, "{packet}");
                assert_eq!(format!("{:04X}", decoded.crc), crc_calc, "{packet}");
                assert_eq!(decoded.crc_given == Some(decoded.crc), crc_ok == "True", "{packet}");
            }
        }
        tally.count(&outcome);
    }
    expect![[r#"
        {
            "frame read": 60,
            "frame-broken read": 5,
            "segment read": 70,
        }
        frames   135
        whole    36
        values   383
        devices  46
        unusable
          crc_mismatch                 18
          crc_unreadable                1
          truncated                     6
        defects
          bad_packet_number             4
          bad_pw                        2
          bad_qn                        3
          bad_st                        1
          bad_time                      3
          cp_delimiter                  6
          crc_mismatch                 18
          crc_unreadable                7
          duplicate_field               3
          empty_value                   2
          field_case                    3
          header_in_cp                  3
          length_mismatch              18
          length_unreadable             3
          malformed_field               4
          missing_flag                 33
          missing_mn                    5
          missing_pw                    3
          missing_qn                   33
          missing_st                    1
          mn_not_24_hex                35
          not_a_number                  2
          separator_confusion           3
          stray_space                   1
          trailing_separator            9
          truncated                     6
          unknown_header                1
          unknown_mark                  1
          unknown_suffix                4
        by command
          1000                          2
          1002                          1
          1011                          1
          1012                          1
          1014                          1
          1061                          2
          1062                          1
          1063                          1
          1064                          1
          1072                          2
          2011                         65
          2012                          1
          2013                          1
          2021                          2
          2022                          1
          2031                          3
          2041                          1
          2051                          9
          2061                         10
          2062                          1
          2081                          1
          3011                          2
          3013                          2
          3014                          1
          3015                          1
          3016                          1
          3018                          1
          3019                          1
          3020                          3
          3021                          1
          3022                          1
          3024                          1
          3032                          1
          3889                          1
          9011                          2
          9013                          2
          9014                          6
        by system
          -                             2
          21                            6
          22                           30
          27                            5
          31                           13
          32                           62
          39                            3
          43                            2
          44                            2
          80                            1
          91                            9
        by edition
          2005                         35
          2017                         70
          2025                         30
    "#]]
    .assert_eq(&format!("{kinds:#?}\n{tally}"));
}
