//! A second object of the same bytes, made by S3 itself.

use std::io::Read;
use std::time::Duration;

use axum::http::{StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusty_s3::S3Action;

use super::client::{answered, refused, signed};
use super::{Bucket, Client, Failure, RECIPE};

/// What is copied within a bucket. S3 does it at once for objects of up to 5 GB.
pub(crate) struct Copy<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    /// The metadata that the new object gets, in the place of those of the old one.
    pub(crate) recipe: &'a str,
}

/// For the largest object: S3 answers when the copy is there.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// Far more than S3 says of a copy.
const ANSWER: u64 = 64 << 10;

/// What S3 takes a type for where none is told.
const UNKNOWN_TYPE: &str = "binary/octet-stream";

impl Client {
    /// Copies an object. `false`: it is not there.
    pub(crate) fn copy(&self, bucket: &Bucket, copy: &Copy<'_>) -> Result<bool, Failure> {
        // Metadata are replaced all together, and the type is one of them.
        let Some(old) = self.head(bucket, copy.from)? else {
            return Ok(false);
        };
        let content_type = old.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let from = utf8_percent_encode(copy.from, NON_ALPHANUMERIC);
        let source = format!("/{}/{from}", bucket.bucket.name());
        let headers = [
            ("content-type", content_type.unwrap_or(UNKNOWN_TYPE)),
            ("x-amz-copy-source", &source),
            ("x-amz-metadata-directive", "REPLACE"),
            (RECIPE, copy.recipe),
        ];
        let mut action = bucket.bucket.put_object(Some(&bucket.credentials), copy.to);
        for (name, value) in headers {
            action.headers_mut().insert(name, value);
        }
        let url = signed(bucket, copy.to, &action)?;
        let request = self.agent().put(url).config();
        let request = request.timeout_global(Some(TIME_LIMIT)).build();
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let answer = answered(request.send(&b""[..]))?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(false),
            status => return Err(refused("COPY", status)),
        }
        let mut said = Vec::new();
        let mut reader = answer.into_body().into_reader().take(ANSWER);
        let read = reader.read_to_end(&mut said);
        read.map_err(|why| Failure(format!("COPY broke off: {why}")))?;
        match is_done(&said) {
            true => Ok(true),
            false => Err(Failure("COPY failed after its status was sent".to_owned())),
        }
    }
}

/// S3 sends the status 200 before it begins; whether it came to an end is told by the document.
fn is_done(document: &[u8]) -> bool {
    let document = String::from_utf8_lossy(document);
    document.contains("<CopyObjectResult") && !document.contains("<Error>")
}

#[cfg(test)]
mod tests {
    use super::is_done;

    #[test]
    fn a_copy_is_done_where_the_document_says_so() {
        let done = "\n<?xml version=\"1.0\"?>\n<CopyObjectResult xmlns=\"x\"><ETag>\"0\"</ETag>";
        assert!(is_done(done.as_bytes()));
        let error = "<?xml version=\"1.0\"?><Error><Code>InternalError</Code></Error>";
        for document in [error, "", "   ", "\u{fffd}"] {
            assert!(!is_done(document.as_bytes()), "{document}");
        }
    }
}
