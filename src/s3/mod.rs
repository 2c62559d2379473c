//! S3 without the AWS SDK: addresses are signed here, offline, and asked with a small client.

mod client;
mod copy;
mod form;

use std::time::Duration;

use jiff::Timestamp;
use rusty_s3::{Credentials, S3Action, UrlStyle};
use sha2::{Digest, Sha256};
use url::Url;

pub(crate) use client::{Client, Failure, Got};
#[cfg(feature = "worker")]
pub(crate) use client::{Stored, length};
pub(crate) use copy::Copy;
pub(crate) use form::Rules;

/// How long what is handed to clients can be used.
pub(crate) const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Most bytes of a recipe's text: S3 takes 2 KB of metadata with an object, names included.
pub(crate) const RECIPE_BYTES: usize = 1900;

/// Most bytes of a key.
const KEY_BYTES: usize = 1024;

/// The metadata of an object that say what was or is to be done to the picture.
pub(crate) const RECIPE: &str = "x-amz-meta-recipe";
/// The share of pixels that changed.
pub(crate) const CHANGED: &str = "x-amz-meta-changed";

/// The key of the result of an upload: from that nobody finds the upload, whose key gives out the
/// picture. It is the first half of the SHA-256 of `result of KEY`, in hexadecimal.
pub(crate) fn result_key(key: &str) -> String {
    let digest = Sha256::digest(format!("result of {key}"));
    let half = digest.iter().take(16);
    half.map(|byte| format!("{byte:02x}")).collect()
}

/// Where S3 is, and who asks.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    endpoint: Option<Url>,
    region: String,
    credentials: Credentials,
}

impl Store {
    /// Reads the variables that Lambda sets, and those of the AWS tools for an emulator.
    pub(crate) fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let need = |name: &str| get(name).ok_or_else(|| format!("{name} is not set"));
        let (key, secret) = (need("AWS_ACCESS_KEY_ID")?, need("AWS_SECRET_ACCESS_KEY")?);
        let credentials = match get("AWS_SESSION_TOKEN") {
            Some(token) => Credentials::new_with_token(key, secret, token),
            None => Credentials::new(key, secret),
        };
        let endpoint = get("AWS_ENDPOINT_URL_S3").or_else(|| get("AWS_ENDPOINT_URL"));
        let endpoint = endpoint.map(|text| Url::parse(&text)).transpose();
        Ok(Store {
            endpoint: endpoint.map_err(|why| format!("the endpoint of S3: {why}"))?,
            region: need("AWS_REGION")?,
            credentials,
        })
    }

    /// A bucket of this name.
    pub(crate) fn bucket(&self, name: &str) -> Result<Bucket, String> {
        let wrong = |why: String| format!("the bucket `{name}`: {why}");
        // S3 allows no more in a name, and it becomes a part of addresses.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if name.len() < 3 || !name.bytes().all(plain) {
            return Err(wrong("that is no name of a bucket".to_owned()));
        }
        // The certificate of S3 is for one label before its own name; emulators have one name only.
        let style = match self.endpoint.is_some() || name.contains('.') {
            true => UrlStyle::Path,
            false => UrlStyle::VirtualHost,
        };
        let endpoint = match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => Url::parse(&aws(&self.region)).map_err(|why| wrong(why.to_string()))?,
        };
        let (name, region) = (name.to_owned(), self.region.clone());
        let bucket = rusty_s3::Bucket::new(endpoint, style, name.clone(), region);
        Ok(Bucket {
            bucket: bucket.map_err(|why| format!("the bucket `{name}`: {why}"))?,
            credentials: self.credentials.clone(),
        })
    }
}

fn aws(region: &str) -> String {
    let end = match region.starts_with("cn-") {
        true => "amazonaws.com.cn",
        false => "amazonaws.com",
    };
    format!("https://s3.{region}.{end}")
}

/// A bucket, and who asks for what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    bucket: rusty_s3::Bucket,
    credentials: Credentials,
}

/// What S3 is to say of an object to whom it hands it out.
pub(crate) struct Shown<'a> {
    pub(crate) content_type: &'a str,
    pub(crate) disposition: &'a str,
}

impl Bucket {
    /// Where it is, with a slash at the end.
    pub(crate) fn address(&self) -> &str {
        self.bucket.base_url().as_str()
    }

    /// An address at which anybody gets the object.
    pub(crate) fn shown(&self, key: &str, shown: &Shown<'_>) -> Url {
        let mut action = self.bucket.get_object(Some(&self.credentials), key);
        let query = action.query_mut();
        query.insert("response-cache-control", "private, no-store");
        query.insert("response-content-disposition", shown.disposition);
        query.insert("response-content-type", shown.content_type);
        action.sign_with_time(LIFETIME, &Timestamp::now())
    }

    /// Whether the key is one that S3 has, and that an address can have: `a/../b` is not.
    pub(crate) fn takes(&self, key: &str) -> bool {
        let url = self.bucket.object_url(key);
        let path = url.path().strip_prefix(self.bucket.base_url().path());
        let decoded = path.map(|path| percent_encoding::percent_decode_str(path).decode_utf8());
        (1..=KEY_BYTES).contains(&key.len())
            && matches!(decoded, Some(Ok(decoded)) if decoded == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(variables: &[(&str, &str)]) -> Result<Store, String> {
        let variables: Vec<_> = [
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ),
            ("AWS_REGION", "us-east-1"),
        ]
        .iter()
        .chain(variables)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
        Store::from_env(|name| {
            let found = variables.iter().rev().find(|(each, _)| each == name);
            found.map(|(_, value)| value.clone())
        })
    }

    /// The example of AWS's documentation, "Authenticating Requests: Using Query Parameters".
    #[test]
    fn a_presigned_address_is_the_one_aws_documents() {
        let store = store(&[]).unwrap();
        let mut bucket = store.bucket("examplebucket").unwrap();
        bucket.bucket = rusty_s3::Bucket::new(
            "https://s3.amazonaws.com".parse().unwrap(),
            UrlStyle::VirtualHost,
            "examplebucket",
            "us-east-1",
        )
        .unwrap();
        let action = bucket
            .bucket
            .get_object(Some(&bucket.credentials), "test.txt");
        let may_2013 = Timestamp::from_second(1_369_353_600).unwrap();
        let url = action.sign_with_time(Duration::from_secs(86400), &may_2013);
        assert_eq!(
            url.as_str(),
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }

    #[test]
    fn the_environment_says_where_and_who() {
        let shown = Shown {
            content_type: "image/png",
            disposition: "inline; filename=\"a b.png\"",
        };
        for (variables, name, start) in [
            (
                &[][..],
                "pictures",
                "https://pictures.s3.us-east-1.amazonaws.com/a%20b?",
            ),
            (
                &[],
                "my.pictures",
                "https://s3.us-east-1.amazonaws.com/my.pictures/a%20b?",
            ),
            (
                &[("AWS_REGION", "cn-north-1")],
                "pictures",
                "https://pictures.s3.cn-north-1.amazonaws.com.cn/a%20b?",
            ),
            (
                &[
                    ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
                    ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:4566"),
                    ("AWS_SESSION_TOKEN", "a+token"),
                ],
                "pictures",
                "http://127.0.0.1:4566/pictures/a%20b?",
            ),
        ] {
            let store = store(variables).unwrap();
            let url = store.bucket(name).unwrap().shown("a b", &shown).to_string();
            assert!(url.starts_with(start), "{url}");
            assert!(url.contains("response-content-type=image%2Fpng"), "{url}");
            let token = variables.len() == 3;
            assert_eq!(url.contains("X-Amz-Security-Token=a%2Btoken"), token);
            assert!(!format!("{store:?}").contains("EXAMPLEKEY"), "{store:?}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_told() {
        for (variable, value, said) in [
            ("AWS_REGION", "", "AWS_REGION is not set"),
            ("AWS_ACCESS_KEY_ID", "", "AWS_ACCESS_KEY_ID is not set"),
            ("AWS_ENDPOINT_URL", "nonsense", "the endpoint of S3"),
        ] {
            let error = store(&[(variable, value)]).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        let store = store(&[]).unwrap();
        for name in ["", "a/b", "bucket name", "x?y="] {
            let error = store.bucket(name).unwrap_err();
            assert!(error.contains("no name"), "{error}");
        }
    }

    #[test]
    fn a_key_that_cannot_be_asked_for_is_seen() {
        let bucket = store(&[]).unwrap().bucket("pictures").unwrap();
        for key in [
            "a",
            "a b+c",
            "Grüße/ü.jpg",
            "/a",
            "a//b",
            "a%2Fb",
            "a?b#c",
            "a.b/.c",
        ] {
            assert!(bucket.takes(key), "{key}");
        }
        for key in ["", ".", "a/../b", "a/./b", "..", &"x".repeat(1025)] {
            assert!(!bucket.takes(key), "{key}");
        }
    }
}
