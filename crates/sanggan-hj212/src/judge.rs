//! What can be said of a message only when its fields are seen together.

use sanggan_base::Mn;

use crate::{
    Cn, Defect, Edition, PacketFlag, Suffix,
    message::{Head, Slot, Span},
    parse::{Parser, is_new_code},
    parse_stamp,
};

impl Parser<'_, '_> {
    /// Marks may stand once in each group, everything else once in the packet; lists of PolId are allowed.
    pub(crate) fn judge_repetition(&mut self, slot: &mut Slot, name: &str) {
        let in_group = slot.suffix.is_some_and(|s| s.measure().is_none());
        let mut key = name_number(self.text.as_bytes(), slot.key);
        if in_group {
            key ^= u64::from(slot.group).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        if self.keys.contains(&key) && name != "PolId" {
            let same =
                |other: &Slot| other.key.of(self.text) == name && (!in_group || other.group == slot.group);
            slot.repeated = self.slots.iter().any(same);
            if slot.repeated {
                self.notes.add(Defect::DuplicateField, self.whole_field(slot));
            }
        }
        self.keys.push(key);
    }

    /// What can only be judged when everything was read.
    pub(crate) fn finish(&mut self, has_cp: bool) {
        if self.stray > 0 {
            self.find_stray_flags();
        }
        let head = self.message.head.clone();
        let text = self.text;
        if self.message.flag.is_none() && self.slots.iter().any(|slot| is_new_code(self.code(slot))) {
            self.message.edition = Edition::Y2017;
        }
        if self.message.qn_time.is_none()
            && let Some(span) = head.qn
        {
            let stamp = parse_stamp(span.of(text));
            self.message.qn_time = stamp.at;
            if span.len > 0 && (span.len != 17 || stamp.defect.is_some()) {
                self.notes.add(Defect::BadQn, span);
            }
        }
        let empty = |span: Option<Span>| span.is_none_or(|span| span.len == 0);
        let missing = [
            (empty(head.qn), Defect::MissingQn),
            (head.flag.is_none(), Defect::MissingFlag),
            (head.st.is_none(), Defect::MissingSt),
            (head.cn.is_none(), Defect::MissingCn),
            (empty(head.pw), Defect::MissingPw),
            (empty(head.mn), Defect::MissingMn),
            (!has_cp, Defect::MissingCp),
        ];
        for (_, defect) in missing.into_iter().filter(|(missing, _)| *missing) {
            self.notes.whole(defect);
        }
        if let Some(span) = head.pw
            && span.len != 6
            && span.len != 0
        {
            self.notes.add(Defect::BadPw, span);
        }
        if let Some(span) = head.mn.filter(|span| span.len > 0) {
            self.judge_mn(span);
        }
        self.judge_numbers(&head);
        self.judge_time();
    }

    fn judge_mn(&mut self, span: Span) {
        let mn = span.of(self.text);
        let ok = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        if mn.len() > 32 || !mn.bytes().all(|b| b.is_ascii_alphanumeric()) && Mn::parse(mn).is_err() {
            self.notes.add(Defect::BadMn, span);
        } else if self.message.edition != Edition::Y2005 && (mn.len() != 24 || !mn.bytes().all(ok)) {
            self.notes.add(Defect::MnNot24Hex, span);
        }
    }

    fn judge_numbers(&mut self, head: &Head) {
        let split =
            self.message.flag.is_some_and(PacketFlag::split) && self.message.edition != Edition::Y2005;
        if head.pnum.is_none() && head.pno.is_none() && !split {
            return;
        }
        let fits = matches!((self.message.pnum, self.message.pno), (Some(total), Some(part)) if (1..=total).contains(&part));
        if !fits {
            self.notes.add(Defect::BadPacketNumber, head.pnum.or(head.pno).or(head.flag).unwrap_or_default());
        }
    }

    fn judge_time(&mut self) {
        let with_data = self.slots.iter().any(|slot| slot.suffix.and_then(Suffix::measure).is_some());
        let named = || {
            self.slots
                .iter()
                .any(|slot| slot.suffix.is_none() && slot.key.of(self.text).eq_ignore_ascii_case("DataTime"))
        };
        if self.message.data_time.is_none()
            && with_data
            && self.message.cn.and_then(Cn::cadence).is_some()
            && !named()
        {
            self.notes.whole(Defect::MissingTime);
        }
    }

    fn find_stray_flags(&mut self) {
        for index in 0..self.slots.len() {
            let flag = self.slots[index];
            if !matches!(flag.suffix, Some(Suffix::Flag | Suffix::ZsFlag)) {
                continue;
            }
            let code = self.code(&flag);
            let value =
                |slot: &Slot| slot.suffix.and_then(Suffix::measure).is_some() && self.code(slot) == code;
            let (mut here, mut elsewhere) = (false, false);
            for slot in self.slots.iter().filter(|slot| value(slot)) {
                here |= slot.group == flag.group;
                elsewhere |= slot.group != flag.group;
            }
            if elsewhere && !here {
                self.message.stray_flags = true;
                return self.notes.add(Defect::SeparatorConfusion, self.whole_field(&flag));
            }
        }
    }
}

/// A number that is equal for equal names and seldom for others: first and last eight bytes, and length.
fn name_number(bytes: &[u8], key: Span) -> u64 {
    let (begin, end) = (key.at as usize, (key.at + key.len) as usize);
    let word = |end: usize| {
        let last = end.checked_sub(8).and_then(|at| bytes.get(at..end));
        last.and_then(|last| <[u8; 8]>::try_from(last).ok()).map_or(0, u64::from_le_bytes)
    };
    let last = word(end);
    match end - begin {
        length @ 0..8 => (last >> (8 * (8 - length).min(7))).wrapping_add(length as u64),
        length => (word(begin + 8).rotate_left(29) ^ last)
            .wrapping_mul(0x517C_C1B7_2722_0A95)
            .wrapping_add(length as u64),
    }
}
