//! Stopping work that is under way: a flag that one side sets and the other asks at times.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;

/// Calls off a glitch that is running, from another thread.
///
/// All clones are one: what one of them cancels is cancelled for all, and stays so. A work of its
/// own therefore takes a [`Cancel::default`] of its own, which nothing but a call of
/// [`Cancel::cancel`] ever cancels.
///
/// ```
/// use glitch::{Cancel, ErrorKind, Options};
///
/// let cancel = Cancel::default();
/// let options = Options { cancel: cancel.clone(), ..Options::default() };
/// // From the thread that watches the time, or that sees the user leave:
/// cancel.cancel();
/// let error = glitch::glitch_with(b"", &glitch::Recipe::default(), &options).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Cancelled);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Flag>);

#[derive(Debug, Default)]
struct Flag {
    cancelled: AtomicBool,
    #[cfg(test)]
    count: tests::Count,
}

impl Cancel {
    /// Lets the work end soon, with an error of
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn cancel(&self) {
        // Nothing else is handed over with the flag, so there is nothing to be put in order.
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was called off.
    pub fn is_cancelled(&self) -> bool {
        #[cfg(test)]
        self.0.count.asked(self);
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// Asked between steps that take no longer than some milliseconds, and no oftener than once a
    /// row of pixels or a run of bytes.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.is_cancelled() {
            true => Err(Error::cancelled()),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::document::Document;
    use crate::format::Format;
    use crate::limits::Limits;
    use crate::recipe::Turn;
    use crate::{ErrorKind, Glitched, Options, Recipe, jpeg, png};

    /// How often it was asked, and after how many times it cancels itself.
    #[derive(Debug)]
    pub(super) struct Count {
        asked: AtomicUsize,
        last: AtomicUsize,
    }

    impl Default for Count {
        fn default() -> Self {
            Count {
                asked: AtomicUsize::new(0),
                last: AtomicUsize::new(usize::MAX),
            }
        }
    }

    impl Count {
        pub(super) fn asked(&self, cancel: &Cancel) {
            if self.asked.fetch_add(1, Ordering::Relaxed) >= self.last.load(Ordering::Relaxed) {
                cancel.cancel();
            }
        }
    }

    impl Cancel {
        /// Lets the first `count` questions pass, and cancels at the next.
        pub(crate) fn after(count: usize) -> Self {
            let cancel = Cancel::default();
            cancel.0.count.last.store(count, Ordering::Relaxed);
            cancel
        }

        pub(crate) fn asked(&self) -> usize {
            self.0.count.asked.load(Ordering::Relaxed)
        }
    }

    const PICTURES: [(&str, &[u8]); 5] = [
        (
            "baseline",
            include_bytes!("../fixtures/jpeg/sampling-420.jpg"),
        ),
        (
            "progressive",
            include_bytes!("../fixtures/jpeg/progressive-ten-scans.jpg"),
        ),
        (
            "no EOB",
            include_bytes!("../fixtures/jpeg/progressive-no-eob.jpg"),
        ),
        (
            "PNG",
            include_bytes!("../fixtures/png/palette-8-entries-200.png"),
        ),
        (
            "APNG",
            include_bytes!("../fixtures/png/apng-small-frames.png"),
        ),
    ];

    const RECIPES: [&str; 4] = [
        "none,seed=1",
        "classic,seed=1",
        "replace:times=40,filter=paeth,seed=1",
        "sort:300,filter=up,deflate=small,seed=2",
    ];

    fn glitch(picture: &[u8], recipe: &str, cancel: &Cancel) -> Result<Glitched, Error> {
        let options = Options {
            cancel: cancel.clone(),
            ..Options::default()
        };
        crate::glitch_with(picture, &recipe.parse().unwrap(), &options)
    }

    #[test]
    fn what_is_cancelled_before_it_begins_gives_no_picture() {
        let cancel = Cancel::default();
        assert!(!cancel.is_cancelled());
        cancel.clone().cancel();
        assert!(cancel.is_cancelled());
        for (name, picture) in PICTURES {
            for recipe in RECIPES {
                let error = glitch(picture, recipe, &cancel).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{name} {recipe}");
                assert_eq!(error.to_string(), "cancelled");
            }
        }
    }

    #[test]
    fn wherever_it_is_cancelled_there_is_no_picture_and_else_the_same() {
        for (name, picture) in PICTURES {
            for recipe in RECIPES {
                let whole = Cancel::default();
                let glitched = glitch(picture, recipe, &whole).unwrap();
                let total = whole.asked();
                for count in 0..total {
                    let error = glitch(picture, recipe, &Cancel::after(count)).unwrap_err();
                    let at = format!("{name} {recipe} after {count} of {total}");
                    assert_eq!(error.kind(), ErrorKind::Cancelled, "{at}");
                }
                let again = glitch(picture, recipe, &Cancel::after(total)).unwrap();
                assert!(again.bytes == glitched.bytes, "{name} {recipe}");
            }
        }
    }

    fn open<'a>(picture: &'a [u8], cancel: &Cancel) -> Result<Box<dyn Document + 'a>, Error> {
        let limits = Limits::default();
        let opened = match Format::sniff(picture)? {
            Format::Jpeg => jpeg::open(picture, &Default::default(), (&limits, cancel))?,
            Format::Png => png::open(
                picture,
                Default::default(),
                &Default::default(),
                (&limits, cancel),
            )?,
        };
        Ok(opened.document)
    }

    #[test]
    fn every_stage_asks() {
        for (name, picture) in PICTURES {
            let cancel = Cancel::default();
            let mut document = open(picture, &cancel).unwrap();
            let mut hits = Vec::new();
            let recipe = Recipe::default();
            let format = Format::sniff(picture).unwrap();
            recipe
                .apply(
                    &Turn::whole(format, 1, 0),
                    &mut *document,
                    &mut hits,
                    &cancel,
                )
                .unwrap();
            cancel.cancel();
            let cancelled = Err(Error::cancelled());
            assert_eq!(open(picture, &cancel).map(drop), cancelled, "{name}");
            let edited = recipe.apply(
                &Turn::whole(format, 1, 1),
                &mut *document,
                &mut hits,
                &cancel,
            );
            assert_eq!(edited.map(drop), cancelled, "{name}");
            assert_eq!(document.repair().map(drop), cancelled, "{name}");
            // A JPEG is written when it is repaired.
            if Format::sniff(picture) == Ok(Format::Png) {
                assert_eq!(document.pack().map(drop), cancelled, "{name}");
            }
        }
    }

    #[cfg(feature = "verify")]
    #[test]
    fn between_decodings_it_may_be_cancelled() {
        for (name, picture) in PICTURES {
            let format = Format::sniff(picture).unwrap();
            let compare = |cancel: &Cancel| {
                let options = Options {
                    cancel: cancel.clone(),
                    ..Options::default()
                };
                crate::verify::compare(picture, picture, format, &options)
            };
            let whole = Cancel::default();
            assert_eq!(compare(&whole), Ok(Some(0.0)), "{name}");
            assert!(whole.asked() >= 3, "{name}");
            for count in 0..whole.asked() {
                assert_eq!(
                    compare(&Cancel::after(count)),
                    Err(Error::cancelled()),
                    "{name}"
                );
            }
        }
    }
}
