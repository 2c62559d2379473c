//! stub
use super::container::Container;
use super::picture;
use crate::document::Checked;
use crate::error::Error;
use crate::limits::Limits;
pub(super) fn check(input: &[u8], _limits: &Limits) -> Result<Checked, Error> {
    let header = picture::read_header(&Container::split(input)?)?;
    Ok(Checked { fault: None, size: (header.width, header.height) })
}
