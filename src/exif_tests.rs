use super::*;

/// Writes numbers in one byte order.
struct Order {
    big_endian: bool,
}

impl Order {
    fn u16(&self, value: u16) -> [u8; 2] {
        match self.big_endian {
            true => value.to_be_bytes(),
            false => value.to_le_bytes(),
        }
    }

    fn u32(&self, value: u32) -> [u8; 4] {
        match self.big_endian {
            true => value.to_be_bytes(),
            false => value.to_le_bytes(),
        }
    }

    fn header(&self) -> Vec<u8> {
        let mark = if self.big_endian { b"MM" } else { b"II" };
        [&mark[..], &self.u16(42), &self.u32(8)].concat()
    }

    /// Entries of one number each.
    fn directory(&self, entries: &[(u16, u16, u32)], next: u32) -> Vec<u8> {
        let mut out = self.u16(entries.len() as u16).to_vec();
        for &(tag, kind, value) in entries {
            out.extend_from_slice(&self.u16(tag));
            out.extend_from_slice(&self.u16(kind));
            out.extend_from_slice(&self.u32(1));
            match kind {
                SHORT => out.extend_from_slice(&[self.u16(value as u16), [0; 2]].concat()),
                _ => out.extend_from_slice(&self.u32(value)),
            }
        }
        out.extend_from_slice(&self.u32(next));
        out
    }

    /// An orientation, a place, and a thumbnail of ten bytes at the end.
    fn sample(&self, orientation: u32) -> Vec<u8> {
        let first = [(ORIENTATION, SHORT, orientation), (0x8825, LONG, 38)];
        let mut out = self.header();
        out.extend(self.directory(&first, 56));
        out.extend(self.directory(&[(0x0001, SHORT, 0x4E)], 0));
        let thumbnail = [(JPEG_OFFSET, LONG, 86), (JPEG_LENGTH, LONG, 10)];
        out.extend(self.directory(&thumbnail, 0));
        out.extend_from_slice(b"\xFF\xD8\xFF\xE0face\xFF\xD9");
        assert_eq!(out.len(), 96);
        out
    }
}

const ORDERS: [Order; 2] = [Order { big_endian: true }, Order { big_endian: false }];

#[test]
fn a_thumbnail_at_the_end_is_cut_off() {
    for order in ORDERS {
        let tiff = order.sample(6);
        let cleaned = cleaned(&tiff, Removal::Thumbnails).unwrap();
        // All but the link is as it was.
        assert_eq!(cleaned.len(), 56);
        assert_eq!(cleaned[..34], tiff[..34]);
        assert_eq!(cleaned[34..38], [0; 4]);
        assert_eq!(cleaned[38..], tiff[38..56]);
    }
}

#[test]
fn a_thumbnail_among_other_things_becomes_zeros() {
    for order in ORDERS {
        let mut tiff = order.sample(6);
        tiff.extend_from_slice(b"a maker's own");
        let cleaned = cleaned(&tiff, Removal::Thumbnails).unwrap();
        assert_eq!(cleaned.len(), tiff.len());
        assert_eq!(cleaned[56..96], [0; 40]);
        assert_eq!(cleaned[96..], tiff[96..]);
    }
}

#[test]
fn the_orientation_alone_is_left() {
    for order in ORDERS {
        for orientation in 0..10 {
            let left = cleaned(&order.sample(orientation), Removal::All);
            let Some(left) = left else {
                assert!(!(2..=8).contains(&orientation), "{orientation}");
                continue;
            };
            let entry = [(ORIENTATION, SHORT, orientation)];
            let big = &ORDERS[0];
            assert_eq!(left, [big.header(), big.directory(&entry, 0)].concat());
        }
    }
}

#[test]
fn what_cannot_be_told_apart_goes_but_for_the_orientation() {
    let upright = Some(orientation_alone(&ORDERS[0].sample(6)).unwrap());
    let change = |at: usize, to: &[u8]| {
        let mut tiff = ORDERS[0].sample(6);
        tiff[at..at + to.len()].copy_from_slice(to);
        cleaned(&tiff, Removal::Thumbnails)
    };
    // The link to the second directory leads out, into the header, to itself and to the first.
    for link in [1000, 4, 200, 8_u32] {
        assert_eq!(change(34, &link.to_be_bytes()), upright, "{link}");
    }
    assert_eq!(change(82, &56_u32.to_be_bytes()), upright);
    // The thumbnail lies outside, over the first directory, and has no length.
    for offset in [97, 20_u32] {
        assert_eq!(change(66, &offset.to_be_bytes()), upright, "{offset}");
    }
    assert_eq!(change(70, &[0x02, 0x03]), upright);
    // The first directory is that of a picture, and leads to others.
    assert_eq!(change(22, &[0x01, 0x11]), upright);
    assert_eq!(change(22, &[0x01, 0x4A]), upright);
}

#[test]
fn a_preview_in_maker_notes_takes_them_with_it() {
    let mut tiff = ORDERS[0].sample(6);
    tiff.extend_from_slice(b"notes \xFF\xD8\xFF\xDB");
    let left = cleaned(&tiff, Removal::Thumbnails);
    assert_eq!(left, cleaned(&tiff, Removal::All));
}

#[test]
fn a_thumbnail_that_is_cut_off_goes_as_far_as_it_goes() {
    for order in ORDERS {
        let tiff = order.sample(6);
        for end in 86..tiff.len() {
            let cleaned = cleaned(&tiff[..end], Removal::Thumbnails).unwrap();
            assert_eq!(cleaned.len(), 56, "{end}");
        }
    }
}

#[test]
fn uncompressed_thumbnails_go_too() {
    let order = &ORDERS[1];
    let mut tiff = order.header();
    tiff.extend(order.directory(&[(ORIENTATION, SHORT, 1)], 26));
    let strips = [(STRIP_OFFSETS, LONG, 56), (STRIP_COUNTS, SHORT, 3)];
    tiff.extend(order.directory(&strips, 0));
    tiff.extend_from_slice(&[7; 3]);
    let cleaned = cleaned(&tiff, Removal::Thumbnails).unwrap();
    assert_eq!(cleaned.len(), 26);
}

#[test]
fn every_cut_and_every_changed_byte_is_survived() {
    for order in ORDERS {
        let tiff = order.sample(6);
        for end in 0..tiff.len() {
            for removal in [Removal::All, Removal::Thumbnails] {
                let left = cleaned(&tiff[..end], removal);
                assert!(left.is_none_or(|left| left.len() <= end.max(26)));
            }
        }
        for at in 0..tiff.len() {
            for value in 0..=u8::MAX {
                let mut broken = tiff.clone();
                broken[at] = value;
                for removal in [Removal::All, Removal::Thumbnails] {
                    let left = cleaned(&broken, removal).unwrap_or_default();
                    let shown = memmem::find(&left, b"\xFF\xD8\xFF");
                    assert!(shown.is_none(), "{at} {value}");
                }
            }
        }
    }
}
