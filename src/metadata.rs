//! What becomes of metadata: the settings of a recipe, and what both formats ask.

use memchr::memmem;

use crate::words::worded;

/// Whether metadata are taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strip {
    /// They stay, byte for byte.
    #[default]
    Nothing,
    /// All of them go, thumbnails and what lies behind the end of the picture too. The orientation
    /// and the colour profile stay, for the picture looks otherwise without them.
    Metadata,
}

/// Whether small copies of the picture as it was are taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thumbnail {
    /// They stay.
    #[default]
    Keep,
    /// They go: thumbnails, previews, and what lies behind the end of the picture.
    Drop,
}

const STRIP: [(Strip, &str); 2] = [(Strip::Nothing, "nothing"), (Strip::Metadata, "metadata")];
const THUMBNAIL: [(Thumbnail, &str); 2] = [(Thumbnail::Keep, "keep"), (Thumbnail::Drop, "drop")];

worded!(Strip, "strip", STRIP);
worded!(Thumbnail, "thumbnail", THUMBNAIL);

/// Which metadata the result has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Whether they are taken out.
    pub strip: Strip,
    /// Whether thumbnails are. They also go with all other metadata.
    pub thumbnail: Thumbnail,
}

/// What is to be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    Thumbnails,
    All,
}

impl Metadata {
    /// What is to be taken out; `None`: nothing, the bytes stay as they are.
    pub(crate) fn removal(self) -> Option<Removal> {
        match (self.strip, self.thumbnail) {
            (Strip::Metadata, _) => Some(Removal::All),
            (Strip::Nothing, Thumbnail::Drop) => Some(Removal::Thumbnails),
            (Strip::Nothing, Thumbnail::Keep) => None,
        }
    }
}

/// What a part of a file becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Whole,
    Nothing,
    /// The part with these data in place of its own.
    Data(Vec<u8>),
}

impl Left {
    /// All of it, or nothing.
    pub(crate) fn whole_if(stays: bool) -> Self {
        match stays {
            true => Left::Whole,
            false => Left::Nothing,
        }
    }
}

/// Whether an XMP packet holds a picture, or tells of one that lies elsewhere in the file: thumbnails
/// of Adobe's programs, the rest of a packet that is too long for one segment, and whatever Google's
/// cameras keep of a picture. The names of the vocabularies are looked for, since each may be
/// called by any prefix.
pub(crate) fn xmp_has_picture(packet: &[u8]) -> bool {
    const MARKS: [&[u8]; 4] = [
        b"xmpGImg:image",
        b"http://ns.adobe.com/xap/1.0/g/img/",
        b"http://ns.adobe.com/xmp/note/",
        b"http://ns.google.com/photos/",
    ];
    MARKS
        .iter()
        .any(|mark| memmem::find(packet, mark).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_metadata_go_before_thumbnails_alone() {
        let (drop, keep) = (Thumbnail::Drop, Thumbnail::Keep);
        for (strip, thumbnail, removal) in [
            (Strip::Nothing, keep, None),
            (Strip::Nothing, drop, Some(Removal::Thumbnails)),
            (Strip::Metadata, keep, Some(Removal::All)),
            (Strip::Metadata, drop, Some(Removal::All)),
        ] {
            assert_eq!(Metadata { strip, thumbnail }.removal(), removal);
        }
    }
}
