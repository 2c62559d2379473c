//! Asks S3. It waits for the answers, so it belongs on a thread that may wait.

use std::io::Read;
use std::time::Duration;

use axum::http::{HeaderMap, Response, StatusCode, header};
use jiff::Timestamp;
use rusty_s3::S3Action;
use ureq::Body;

use super::{Bucket, LIFETIME};

/// Asks for objects, each request within a time limit.
#[derive(Clone, Debug)]
pub(crate) struct Client(ureq::Agent);

/// S3 did not do what it was asked to; another time it may.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

/// What came of asking for an object.
pub(crate) enum Got {
    Object {
        #[cfg(feature = "worker")]
        headers: HeaderMap,
        bytes: Vec<u8>,
    },
    Missing,
    /// It has more bytes than were wanted.
    TooLarge,
}

impl Client {
    pub(crate) fn new(time_limit: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(time_limit))
            .timeout_connect(Some(time_limit.min(Duration::from_secs(2))))
            .http_status_as_error(false)
            // What is signed is for one address.
            .max_redirects(0)
            .max_redirects_will_error(false)
            // Lambda stops the process between events, and a connection dies without a word.
            .max_idle_connections(0)
            .build();
        Client(config.into())
    }

    pub(super) fn agent(&self) -> &ureq::Agent {
        &self.0
    }

    /// The headers of an object, if there is one.
    pub(crate) fn head(&self, bucket: &Bucket, key: &str) -> Result<Option<HeaderMap>, Failure> {
        let action = bucket.bucket.head_object(Some(&bucket.credentials), key);
        let url = signed(bucket, key, &action)?;
        let answer = answered(self.0.head(url).call())?;
        match answer.status() {
            StatusCode::OK => Ok(Some(answer.into_parts().0.headers)),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(refused("HEAD", status)),
        }
    }

    /// An object of no more than `most` bytes.
    pub(crate) fn get(&self, bucket: &Bucket, key: &str, most: usize) -> Result<Got, Failure> {
        let action = bucket.bucket.get_object(Some(&bucket.credentials), key);
        let url = signed(bucket, key, &action)?;
        let answer = answered(self.0.get(url).call())?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(Got::Missing),
            status => return Err(refused("GET", status)),
        }
        let (parts, body) = answer.into_parts();
        let length = length(&parts.headers).ok_or_else(|| Failure("no length".to_owned()))?;
        if length > most as u64 {
            return Ok(Got::TooLarge);
        }
        let mut bytes = Vec::with_capacity(length as usize);
        // One more tells whether the length was true.
        let mut reader = body.into_reader().take(length + 1);
        let read = reader.read_to_end(&mut bytes);
        read.map_err(|why| Failure(format!("GET broke off: {why}")))?;
        match bytes.len() as u64 == length {
            true => Ok(Got::Object {
                #[cfg(feature = "worker")]
                headers: parts.headers,
                bytes,
            }),
            false => Err(Failure("GET did not give the length it told".to_owned())),
        }
    }
}

/// What is stored.
#[cfg(feature = "worker")]
pub(crate) struct Stored<'a> {
    pub(crate) content_type: &'a str,
    pub(crate) metadata: &'a [(&'static str, String)],
    pub(crate) bytes: &'a [u8],
}

#[cfg(feature = "worker")]
impl Client {
    /// Stores an object, in the place of one that may be there.
    pub(crate) fn put(
        &self,
        bucket: &Bucket,
        key: &str,
        stored: &Stored<'_>,
    ) -> Result<(), Failure> {
        let mut action = bucket.bucket.put_object(Some(&bucket.credentials), key);
        let metadata = stored.metadata.iter();
        let metadata = metadata.map(|(name, value)| (*name, value.as_str()));
        let headers = metadata.chain([("content-type", stored.content_type)]);
        // S3 takes no metadata that are not signed.
        for (name, value) in headers.clone() {
            action.headers_mut().insert(name, value);
        }
        let url = signed(bucket, key, &action)?;
        let request = headers.fold(self.0.put(url), |request, (name, value)| {
            request.header(name, value)
        });
        match answered(request.send(stored.bytes))?.status() {
            StatusCode::OK => Ok(()),
            status => Err(refused("PUT", status)),
        }
    }
}

pub(super) fn signed<'a>(
    bucket: &Bucket,
    key: &str,
    action: &impl S3Action<'a>,
) -> Result<String, Failure> {
    match bucket.takes(key) {
        true => Ok(action.sign_with_time(LIFETIME, &Timestamp::now()).into()),
        false => Err(Failure(format!("S3 cannot be asked for the key `{key}`"))),
    }
}

pub(super) fn answered(
    result: Result<Response<Body>, ureq::Error>,
) -> Result<Response<Body>, Failure> {
    result.map_err(|why| Failure(format!("no answer: {why}")))
}

pub(super) fn refused(method: &str, status: StatusCode) -> Failure {
    Failure(format!("{method} was answered {status}"))
}

pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}
