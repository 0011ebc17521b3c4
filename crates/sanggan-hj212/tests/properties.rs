//! HJ-1 (any split of the bytes), HJ-2 (no input panics), and what goes out comes back.

use proptest::{collection::vec, prelude::*, sample::select};
use sanggan_base::{Cadence, Flag, Millis};
use sanggan_hj212::{
    DataPoint, DecodeError, Decoded, Decoder, Defect, Edition, Key, Limits, Packet, Reassembler,
    ReassemblyLimits, St, Suffix, Upload, decode_packet, decode_segment, split_line,
};

const LIMITS: Limits = Limits { max_segment: 1500, max_garbage: 600, max_fields: 60 };

/// Everything that comes out of the pieces, then of the end of the stream.
fn decode(pieces: &[&[u8]], key: Option<&Key>) -> Vec<Result<Decoded, DecodeError>> {
    let mut decoder = Decoder::new(LIMITS);
    decoder.set_key(key.cloned());
    let mut all = Vec::new();
    let mut drain = |decoder: &mut Decoder, at_end: bool| {
        while let Some(outcome) =
            if at_end { decoder.finish().transpose() } else { decoder.next_message().transpose() }
        {
            all.push(outcome);
        }
    };
    for piece in pieces {
        decoder.push(piece);
        drain(&mut decoder, false);
        assert!(decoder.pending() <= LIMITS.max_segment + 20, "{} bytes are held", decoder.pending());
    }
    drain(&mut decoder, true);
    all
}

fn corpus() -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut paths: Vec<_> = ["ok", "err"]
        .iter()
        .flat_map(|name| std::fs::read_dir(folder.join(name)).expect("is there"))
        .map(|entry| entry.expect("reads").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "packet"))
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("reads")).collect()
}

/// Streams of packets from the corpus, with some bytes changed, cut out, doubled or put in.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let edit =
        (any::<prop::sample::Index>(), select(vec![0_u8, 1, 2, 3]), select(b"#&;,=-09AZ\r\n\0\xd6".to_vec()));
    (vec(select(corpus()), 1..4), vec(edit, 0..6)).prop_map(|(packets, edits)| {
        let mut bytes = packets.concat();
        for (at, kind, byte) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.drain(at..(at + 1 + usize::from(byte)).min(bytes.len()))),
                _ => bytes.splice(at..at, *b"##0099").for_each(drop),
            }
        }
        bytes
    })
}

fn points() -> impl Strategy<Value = Vec<DataPoint>> {
    let figure = (
        select(vec![Suffix::Rtd, Suffix::Min, Suffix::Avg, Suffix::Max, Suffix::Cou, Suffix::ZsAvg]),
        (-1_000_000_i64..1_000_000, 0..4_usize),
    )
        .prop_map(|(suffix, (digits, decimals))| (suffix, format!("{:.decimals$}", digits as f64 / 1000.0)));
    let flag = select(vec![Flag::Normal, Flag::Unmarked, Flag::Fault, Flag::Maintenance, Flag::Stopped]);
    let figures = vec(figure, 1..5).prop_map(|mut figures| {
        figures.sort_by_key(|(suffix, _)| *suffix);
        figures.dedup_by_key(|(suffix, _)| *suffix);
        figures
    });
    vec((0..99_999_u32, figures, flag), 0..60).prop_map(|points| {
        let mut seen = std::collections::HashSet::new();
        points
            .into_iter()
            .filter(|(code, ..)| seen.insert(*code))
            .map(|(code, figures, flag)| DataPoint { code: format!("w{code:05}"), figures, flag })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_gives_the_same_messages(bytes in streams(), cuts in vec(any::<prop::sample::Index>(), 0..12)) {
        let whole = decode(&[&bytes], None);
        let singly: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&decode(&singly, None), &whole);
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        at.sort_unstable();
        let ends = at.iter().copied().chain([bytes.len()]);
        let begins = [0].into_iter().chain(at.iter().copied());
        let pieces: Vec<&[u8]> = begins.zip(ends).map(|(a, b)| &bytes[a..b]).collect();
        prop_assert_eq!(&decode(&pieces, None), &whole);
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..3000)) {
        let key = Key::new([48; 16]);
        decode(&[&bytes], Some(&key)).iter().flatten().for_each(look_at);
        let _ = decode_packet(&bytes, Some(&key)).as_ref().map(look_at);
        let _ = decode_segment(&String::from_utf8_lossy(&bytes)).as_ref().map(look_at);
    }

    #[test]
    fn no_damaged_packet_panics(bytes in streams()) {
        let key = Key::new([48; 16]);
        decode(&[&bytes], Some(&key)).iter().flatten().for_each(look_at);
        let pieces: Vec<&[u8]> = split_line(&bytes).collect();
        prop_assert_eq!(&pieces.concat(), &bytes);
        for piece in pieces {
            let _ = decode_packet(piece, Some(&key)).as_ref().map(look_at);
        }
    }

    #[test]
    fn a_read_packet_reads_the_same_again(bytes in streams()) {
        for decoded in decode(&[&bytes], None).into_iter().flatten().filter(|d| !d.has(Defect::TooManyFields)) {
            let again = decode_packet(&decoded.raw, None).expect("it was read before");
            prop_assert_eq!(&again.message, &decoded.message);
            prop_assert_eq!(again.usable(), decoded.usable());
        }
    }

    #[test]
    fn what_is_written_is_read(
        points in points(),
        edition in select(Edition::ALL.to_vec()),
        cadence in select(vec![Cadence::RealTime, Cadence::Minute, Cadence::Hour, Cadence::Day]),
        seconds in 0_i64..4_000_000_000,
        encrypted in any::<bool>(),
    ) {
        let time = Millis(seconds * 1000);
        let upload = Upload::Data { cadence, time, points: points.clone() };
        let packet = upload.packet(edition, St::WATER_SOURCE, "010000A8900016F000169DC0", "123456", time);
        let key = Key::new([48; 16]);
        let encrypted = encrypted && edition == Edition::Y2025;
        let packets = if encrypted { packet.encode_encrypted(&key) } else { packet.encode() };
        let bytes = packets.expect("it fits").concat();
        let read: Vec<Decoded> = decode(&[&bytes], encrypted.then_some(&key)).into_iter().collect::<Result<_, _>>()?;
        let mut values = Vec::new();
        for decoded in &read {
            prop_assert!(decoded.whole() || decoded.encrypted && decoded.trustworthy(), "{:?}", decoded.defects);
            prop_assert_eq!(decoded.message.edition(), if edition == Edition::Y2005 && read.len() == 1 && !points.is_empty() { Edition::Y2017 } else { edition });
            prop_assert_eq!(decoded.message.data_time(), Some(time));
            prop_assert!(decoded.raw.len() <= 1024 + 10);
            values.extend(decoded.values().map(|v| (v.code.to_owned(), v.measure, v.value, v.flag)));
        }
        let expected: Vec<_> = points.iter().flat_map(|point| point.figures.iter().map(|(suffix, text)| {
            (point.code.clone(), suffix.measure().expect("a figure"), text.parse::<f64>().expect("a number"), point.flag)
        })).collect();
        prop_assert_eq!(values, expected);
        // The parts as one message, whatever their order.
        let mut parts = Reassembler::new(ReassemblyLimits::default());
        let mut joined = None;
        for decoded in read.iter().rev().cloned() {
            joined = match parts.accept(decoded, time, &mut Vec::new()) {
                sanggan_hj212::Joined::Complete(parts) => sanggan_hj212::join(&parts),
                sanggan_hj212::Joined::Single(single) => Some(*single),
                _ => None,
            };
        }
        let joined = joined.expect("the last part completes it");
        prop_assert_eq!(joined.values().count(), points.iter().map(|point| point.figures.len()).sum::<usize>());
        // What was read can be written again.
        if read.len() == 1 && edition != Edition::Y2005 && !encrypted {
            let again = Packet::from_message(&read[0].message).expect("ST and CN are there").encode().expect("it fits");
            prop_assert_eq!(again.concat(), bytes);
        }
    }
}

fn look_at(decoded: &Decoded) {
    let message = &decoded.message;
    let _ = (
        message.time(),
        message.mn(),
        message.begin_time(),
        message.qn_rtn(),
        message.exe_rtn(),
        message.is_split(),
    );
    let values = message.values().count();
    assert!(values <= message.data().count() && message.data().count() <= message.fields().count());
    assert_eq!(message.groups().map(|group| group.fields().count()).sum::<usize>(), message.fields().count());
    decoded.defects.iter().for_each(|found| drop(decoded.excerpt(found).to_owned()));
    sanggan_hj212::reply::bytes_due(message);
    Packet::from_message(message).map(|packet| packet.encode());
}
