//! Marker codes (T.81 table B.1): the byte after 0xFF.

pub(super) const SOF0: u8 = 0xC0;
pub(super) const SOF1: u8 = 0xC1;
pub(super) const SOF2: u8 = 0xC2;
pub(super) const SOF3: u8 = 0xC3;
pub(super) const DHT: u8 = 0xC4;
pub(super) const SOF5: u8 = 0xC5;
pub(super) const SOF7: u8 = 0xC7;
pub(super) const JPG: u8 = 0xC8;
pub(super) const SOF9: u8 = 0xC9;
pub(super) const DAC: u8 = 0xCC;
pub(super) const SOF15: u8 = 0xCF;
pub(super) const RST0: u8 = 0xD0;
pub(super) const RST7: u8 = 0xD7;
pub(super) const SOI: u8 = 0xD8;
pub(super) const EOI: u8 = 0xD9;
pub(super) const SOS: u8 = 0xDA;
pub(super) const DQT: u8 = 0xDB;
pub(super) const DNL: u8 = 0xDC;
pub(super) const DRI: u8 = 0xDD;
pub(super) const DHP: u8 = 0xDE;
pub(super) const EXP: u8 = 0xDF;
pub(super) const APP0: u8 = 0xE0;
pub(super) const APP15: u8 = 0xEF;
/// SOF55 of T.87.
pub(super) const SOF55: u8 = 0xF7;
pub(super) const COM: u8 = 0xFE;
pub(super) const TEM: u8 = 0x01;

/// Whether the marker has no length and no parameters (B.1.1.3).
pub(super) fn stands_alone(code: u8) -> bool {
    matches!(code, TEM | RST0..=RST7 | SOI | EOI)
}

/// Whether the marker belongs nowhere between the segments: RSTn is for the inside of scans, TEM for arithmetic coders'
/// own use (B.1.1.3). Some decoders take a segment to follow, and lose their way.
pub(super) fn is_astray(code: u8) -> bool {
    matches!(code, TEM | RST0..=RST7)
}

/// Whether the code is reserved (RES): no decoder knows what follows.
pub(super) fn is_reserved(code: u8) -> bool {
    matches!(code, 0x02..=0xBF)
}

/// The name of a marker.
pub(super) fn name(code: u8) -> String {
    match code {
        DHT => "DHT".into(),
        JPG => "JPG".into(),
        DAC => "DAC".into(),
        SOF0..=SOF15 => format!("SOF{}", code - SOF0),
        RST0..=RST7 => format!("RST{}", code - RST0),
        SOI => "SOI".into(),
        EOI => "EOI".into(),
        SOS => "SOS".into(),
        DQT => "DQT".into(),
        DNL => "DNL".into(),
        DRI => "DRI".into(),
        DHP => "DHP".into(),
        EXP => "EXP".into(),
        APP0..=APP15 => format!("APP{}", code - APP0),
        SOF55 => "SOF55".into(),
        COM => "COM".into(),
        TEM => "TEM".into(),
        _ => format!("0xFF{code:02X}"),
    }
}
