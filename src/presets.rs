//! Recipes with a name. What each draws is part of the promise that a seed gives the same bytes for ever:
//! a change of one is a breaking change.

/// A recipe with a name.
#[derive(Debug)]
pub struct Preset {
    /// The word for it in a recipe.
    pub name: &'static str,
    /// What it looks like, in one sentence.
    pub about: &'static str,
    /// The passes it stands for, in the text form; of `random` that word, since they are drawn.
    pub passes: &'static str,
    /// The settings it stands for, in the text form: `amount=40,reach=10pct`. They hold unless the
    /// recipe says otherwise.
    pub settings: &'static str,
}

/// The preset whose passes are drawn.
pub(crate) const RANDOM: &str = "random";

/// Every preset; the first is the default.
pub static PRESETS: &[Preset] = &[
    Preset {
        name: "classic",
        about: "three bytes replaced and four runs sorted, one after the other",
        passes: "replace,sort,replace,sort,replace,sort,sort",
        settings: "",
    },
    Preset {
        name: "bars",
        about: "thin bars of other colours, with the picture whole between them",
        passes: "replace,sort",
        settings: "filter=sub,amount=25,reach=3pct,scans=dc",
    },
    Preset {
        name: "slices",
        about: "slices that slip sideways, or lie elsewhere",
        passes: "slices:times=5,slices:how=swap:times=2,transpose:rows=20:times=3,defect:len=9:rows=12:times=6",
        settings: "filter=sub,reach=10pct",
    },
    Preset {
        name: "tint",
        about: "steps of brightness and colour across the picture",
        passes: "tint:by=50:component=cb,tint:by=50:component=cr,tint:by=30,drift:len=65536:and=0:or=24:on=png,drift:len=65536:and=0:or=236:on=png",
        settings: "filter=up,amount=25,reach=15pct",
    },
    Preset {
        name: "comets",
        about: "heads with long tails",
        passes: "smear:tall=4,defect:len=1:rows=16,replace:on=png",
        settings: "filter=average,amount=70,reach=25pct",
    },
    Preset {
        name: "shatter",
        about: "the picture breaks into splinters",
        passes: "slices:tall=3:by=40,replace,sort:len=200,defect:rows=4",
        settings: "filter=paeth,amount=35,reach=4pct,scans=dc",
    },
    Preset {
        name: "bands",
        about: "narrow bands of strong colour",
        passes: "tint:by=80:component=cb,tint:by=80:component=cr,tint:by=60:component=y,graft:rows=8",
        settings: "filter=average,amount=20,reach=3pct",
    },
    Preset {
        name: "grit",
        about: "coarse texture, as of a bad print",
        passes: "grit:part=60:share=80,xor:len=100:on=png,shuffle:len=150:on=png",
        settings: "filter=none,amount=60,reach=20pct",
    },
    Preset {
        name: "melt",
        about: "what is above runs down over what is below",
        passes: "slices:tall=3:how=repeat,zero:len=5000:on=png,defect:len=6:rows=6",
        settings: "filter=up,amount=80,reach=10pct",
    },
    Preset {
        name: RANDOM,
        about: "a mix of the other presets, drawn from the seed",
        passes: RANDOM,
        settings: "",
    },
    Preset {
        name: "none",
        about: "no passes: the picture comes back as it is",
        passes: "",
        settings: "",
    },
];
