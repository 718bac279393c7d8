//! Records packed into bytes, as the index keeps them beside the words.

use crate::search::entry::{Known, Profile, Record, Traits};

impl Record {
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut to = Vec::with_capacity(160);
        to.extend(self.id.to_le_bytes());
        to.push(u8::from(self.point.is_some()));
        if let Some((lat, lon)) = self.point {
            to.extend(lat.to_le_bytes());
            to.extend(lon.to_le_bytes());
        }
        let profile = self.profile.pack();
        put_u16(&mut to, profile.len());
        to.extend(profile);
        put_text(&mut to, &self.borough);
        to.extend(self.access.to_le_bytes());
        to.extend(self.cost.unwrap_or(u32::MAX).to_le_bytes());
        to.extend(self.checked.to_le_bytes());
        to.extend([u8::from(self.assured), self.mark, u8::from(self.places_now), u8::from(self.closed_for_now)]);
        to.push(u8::from(self.dated));
        put_text(&mut to, &self.name);
        put_text(&mut to, &self.key);
        put_u16(&mut to, self.hours.len());
        for hours in self.hours.iter().take(usize::from(u16::MAX)) {
            [hours.from, hours.to, hours.until].iter().for_each(|n| to.extend(n.to_le_bytes()));
        }
        self.traits.pack(&mut to);
        to
    }
}

impl Traits {
    fn pack(&self, to: &mut Vec<u8>) {
        to.extend(self.partly.to_le_bytes());
        to.extend(self.never.to_le_bytes());
        to.extend([self.ages.0, self.ages.1, self.alone as u8, self.beginners as u8, self.room as u8]);
        to.extend([u8::from(self.women), u8::from(self.men)]);
    }

    pub(super) fn unpack(from: &mut Cursor<'_>) -> Option<Self> {
        Some(Self {
            partly: from.u16()?,
            never: from.u16()?,
            ages: (from.u8()?, from.u8()?),
            alone: from.known()?,
            beginners: from.known()?,
            room: from.known()?,
            women: from.flag()?,
            men: from.flag()?,
        })
    }
}

impl Profile {
    fn pack(&self) -> Vec<u8> {
        let mut to = Vec::with_capacity(8 + self.kinds.len() * 2 + self.activities.len() * 3);
        to.extend(self.domains.to_le_bytes());
        put_u16(&mut to, self.kinds.len());
        self.kinds.iter().for_each(|kind| to.extend(kind.to_le_bytes()));
        put_u16(&mut to, self.named.len());
        self.named.iter().for_each(|kind| to.extend(kind.to_le_bytes()));
        put_u16(&mut to, self.activities.len());
        for (activity, sureness) in &self.activities {
            to.extend(activity.to_le_bytes());
            to.push(*sureness);
        }
        to
    }

    pub(super) fn unpack(from: &[u8]) -> Option<Self> {
        let mut from = Cursor(from);
        let domains = from.u16()?;
        let kinds = (0..from.u16()?).map(|_| from.u16()).collect::<Option<_>>()?;
        let named = (0..from.u16()?).map(|_| from.u16()).collect::<Option<_>>()?;
        let activities = (0..from.u16()?).map(|_| Some((from.u16()?, from.u8()?))).collect::<Option<_>>()?;
        Some(Self { kinds, named, activities, domains })
    }
}

fn put_u16(to: &mut Vec<u8>, number: usize) {
    to.extend(u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes());
}

/// At most 1,000 bytes: a name is no novel.
fn put_text(to: &mut Vec<u8>, text: &str) {
    let end = (0..=text.len().min(1_000)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    put_u16(to, end);
    to.extend(&text.as_bytes()[..end]);
}

/// Reads what `Record::pack` wrote; `None` at the first thing amiss.
pub(super) struct Cursor<'b>(pub(super) &'b [u8]);

impl<'b> Cursor<'b> {
    pub(super) fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        self.u8().map(|byte| byte != 0)
    }

    fn known(&mut self) -> Option<Known> {
        [Known::Yes, Known::Partly, Known::Unknown, Known::No].get(usize::from(self.u8()?)).copied()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u128(&mut self) -> Option<u128> {
        self.array().map(u128::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Option<f64> {
        self.array().map(f64::from_le_bytes)
    }

    pub(super) fn bytes(&mut self) -> Option<&'b [u8]> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    pub(super) fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}
