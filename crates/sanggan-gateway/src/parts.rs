//! Split packets: parts that carry no time of their own are read with the time of their siblings.
//!
//! Each part is a packet of its own, kept and answered as it comes; only its readings may have to wait.

use sanggan_base::Millis;
use sanggan_base::time::MINUTE_MS;
use sanggan_hj212::Message;

use crate::pipeline::IdSlot;

/// Split packets of one device that may be open at once.
const OPEN_MAX: usize = 8;
/// Parts of one split packet that may wait for a time.
const WAITING_MAX: usize = 32;
/// After this time the missing parts will not come any more.
const PATIENCE_MS: i64 = 10 * MINUTE_MS;

/// Split packets of one device of which parts are still to come.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    open: Vec<Open>,
    incomplete: u64,
}

#[derive(Debug)]
struct Open {
    qn: Box<str>,
    cn: u16,
    total: u16,
    seen: Vec<u16>,
    time: Option<Millis>,
    since: Millis,
    waiting: Vec<Waiting>,
}

/// A part that is stored and whose values wait for a time.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) id: IdSlot,
    pub(crate) message: Message,
}

/// What a packet's arrival settles.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// The time of the packet itself; `None`: it must wait.
    pub(crate) time: Option<Millis>,
    /// Parts that waited, with the time they are to be read with.
    pub(crate) released: Vec<(Waiting, Millis)>,
    /// Split packets given up because parts never came.
    pub(crate) given_up: u32,
}

impl Parts {
    /// Split packets of which parts never came.
    pub(crate) fn incomplete(&self) -> u64 {
        self.incomplete
    }

    /// Finds the time of a packet that arrived at `now`, and of those that waited for it.
    pub(crate) fn saw(&mut self, message: &Message, now: Millis) -> Settled {
        let mut settled = Settled::default();
        self.give_up_old(now, &mut settled);
        let (Some(qn), Some(cn), Some(total), Some(number), true) =
            (message.qn(), message.cn(), message.pnum(), message.pno(), message.is_split())
        else {
            settled.time = message.time();
            return settled;
        };
        let found = self.open.iter().position(|open| *open.qn == *qn && open.cn == cn.0);
        let index = found.unwrap_or_else(|| {
            if self.open.len() >= OPEN_MAX {
                let oldest = self.open.remove(0);
                self.give_up(oldest, &mut settled);
            }
            self.open.push(Open {
                qn: qn.into(),
                cn: cn.0,
                total,
                seen: Vec::new(),
                time: None,
                since: now,
                waiting: Vec::new(),
            });
            self.open.len() - 1
        });
        let open = &mut self.open[index];
        if !open.seen.contains(&number) {
            open.seen.push(number);
        }
        open.time = open.time.or(message.data_time());
        let complete = open.seen.len() >= usize::from(open.total);
        let time = message.data_time().or(open.time);
        let last_resort =
            if complete || open.waiting.len() >= WAITING_MAX { message.qn_time() } else { None };
        settled.time = time.or(last_resort);
        if let Some(time) = settled.time {
            settled.released.extend(open.waiting.drain(..).map(|part| (part, time)));
        }
        if complete {
            self.open.remove(index);
        }
        settled
    }

    /// Keeps a part whose time is not known yet.
    pub(crate) fn wait(&mut self, id: IdSlot, message: Message) {
        let (Some(qn), Some(cn)) = (message.qn(), message.cn()) else { return };
        if let Some(open) = self.open.iter_mut().find(|open| *open.qn == *qn && open.cn == cn.0) {
            open.waiting.push(Waiting { id, message });
        }
    }

    fn give_up_old(&mut self, now: Millis, settled: &mut Settled) {
        while let Some(old) = self.open.iter().position(|open| now.0 - open.since.0 > PATIENCE_MS) {
            let open = self.open.remove(old);
            self.give_up(open, settled);
        }
    }

    /// Reads what is there with the time of the request number.
    fn give_up(&mut self, open: Open, settled: &mut Settled) {
        self.incomplete += 1;
        settled.given_up += 1;
        for part in open.waiting {
            if let Some(time) = part.message.qn_time() {
                settled.released.push((part, time));
            }
        }
    }
}
