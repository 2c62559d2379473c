//! A file as a list of named parts, so that a test can break one and keep the others.

use std::ops::Range;

#[derive(Clone)]
pub struct Parts(Vec<(&'static str, Vec<u8>)>);

impl Parts {
    pub fn new(parts: Vec<(&'static str, Vec<u8>)>) -> Self {
        Self(parts)
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.0
            .iter()
            .flat_map(|(_, bytes)| bytes)
            .copied()
            .collect()
    }

    /// Where the named part lies in the file.
    pub fn range(&self, name: &str) -> Range<usize> {
        let index = self.index(name);
        let start = self.0[..index].iter().map(|(_, bytes)| bytes.len()).sum();
        start..start + self.0[index].1.len()
    }

    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let index = self.index(name);
        self.0[index].1 = bytes.into();
        self
    }

    pub fn before(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let index = self.index(name);
        self.0.insert(index, ("inserted", bytes.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        let index = self.index(name);
        self.0.remove(index);
        self
    }

    /// Sets one byte of a part.
    pub fn patch(mut self, name: &str, place: usize, byte: u8) -> Self {
        let index = self.index(name);
        self.0[index].1[place] = byte;
        self
    }

    fn index(&self, name: &str) -> usize {
        let index = self.0.iter().position(|(part, _)| *part == name);
        index.unwrap_or_else(|| panic!("no part {name}"))
    }
}
