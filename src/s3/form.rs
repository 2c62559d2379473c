//! A form with which anybody may store one object, under rules that the form cannot change: a POST
//! policy, signed with AWS Signature Version 4.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rusty_s3::Credentials;
use serde_json::json;
use sha2::Sha256;

use super::{Bucket, LIFETIME, RECIPE};

/// What may be stored.
pub(crate) struct Rules<'a> {
    pub(crate) key: &'a str,
    pub(crate) max_bytes: usize,
    /// The metadata that the object gets.
    pub(crate) recipe: &'a str,
}

/// The form. The file goes behind the fields, as the field `file`: S3 heeds nothing after it.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) url: String,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) expires: Timestamp,
}

impl Bucket {
    /// The form by which an object gets in.
    pub(crate) fn form(&self, rules: &Rules<'_>, now: Timestamp) -> Form {
        let expires = now.saturating_add(LIFETIME).unwrap_or(now);
        let date = now.strftime("%Y%m%d").to_string();
        let scope = format!("{date}/{}/s3/aws4_request", self.bucket.region());
        let mut fields = vec![
            ("key", rules.key.to_owned()),
            (RECIPE, rules.recipe.to_owned()),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            (
                "x-amz-credential",
                format!("{}/{scope}", self.credentials.key()),
            ),
            ("x-amz-date", now.strftime("%Y%m%dT%H%M%SZ").to_string()),
        ];
        if let Some(token) = self.credentials.token() {
            fields.push(("x-amz-security-token", token.to_owned()));
        }
        let mut conditions = vec![
            json!({ "bucket": self.bucket.name() }),
            json!(["content-length-range", 1, rules.max_bytes]),
        ];
        conditions.extend(fields.iter().map(|(name, value)| json!({ *name: value })));
        let policy = json!({
            "expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "conditions": conditions,
        });
        let policy = STANDARD.encode(policy.to_string());
        let signature = signature(&self.credentials, &scope, &policy);
        fields.push(("policy", policy));
        fields.push(("x-amz-signature", signature));
        Form {
            url: self.bucket.base_url().to_string(),
            fields,
            expires,
        }
    }
}

impl Form {
    /// The command that fills it in.
    pub(crate) fn curl(&self) -> String {
        let fields = self.fields.iter();
        let fields: String = fields
            .map(|(name, value)| format!("-F '{name}={value}' "))
            .collect();
        format!("curl {fields}-F file=@photo.jpg '{}'", self.url)
    }
}

/// The key is derived step by step from the parts of the scope.
fn signature(credentials: &Credentials, scope: &str, text: &str) -> String {
    let secret = format!("AWS4{}", credentials.secret());
    let key = scope
        .split('/')
        .fold(secret.into_bytes(), |key, part| mac(&key, part));
    let digits = mac(&key, text);
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length will do.
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mac| mac.chain_update(text).finalize().into_bytes().to_vec(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::Store;
    use super::*;

    /// The example of AWS's documentation, "Example: Browser-Based Upload using HTTP POST".
    const POLICY: &str = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

    #[test]
    fn the_signature_of_a_policy_is_the_one_aws_documents() {
        let credentials = Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        );
        assert_eq!(
            signature(&credentials, "20151229/us-east-1/s3/aws4_request", POLICY),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }

    fn form(token: Option<&str>) -> Form {
        let store = Store::from_env(|name| match name {
            "AWS_SESSION_TOKEN" => token.map(str::to_owned),
            "AWS_ENDPOINT_URL" => None,
            "AWS_ENDPOINT_URL_S3" => None,
            _ => Some("eu-central-1".to_owned()),
        });
        let bucket = store.unwrap().bucket("pictures").unwrap();
        let rules = Rules {
            key: "0123",
            max_bytes: 1000,
            recipe: "classic,seed=7",
        };
        let start = "2026-11-22T23:50:01Z".parse().unwrap();
        bucket.form(&rules, start)
    }

    #[test]
    fn every_field_is_fixed_by_the_policy() {
        for token in [None, Some("a+token/=")] {
            let form = form(token);
            assert_eq!(form.url, "https://pictures.s3.eu-central-1.amazonaws.com/");
            assert_eq!(form.expires.to_string(), "2026-11-23T00:05:01Z");
            let get = |name: &str| {
                let field = form.fields.iter().find(|(each, _)| *each == name);
                field.map(|(_, value)| value.as_str())
            };
            assert_eq!(get("x-amz-date"), Some("20261122T235001Z"));
            assert_eq!(get("x-amz-security-token"), token);
            let policy = STANDARD.decode(get("policy").unwrap()).unwrap();
            let policy: Value = serde_json::from_slice(&policy).unwrap();
            assert_eq!(policy["expiration"], "2026-11-23T00:05:01Z");
            let conditions = policy["conditions"].as_array().unwrap();
            assert!(conditions.contains(&json!({ "bucket": "pictures" })));
            assert!(conditions.contains(&json!(["content-length-range", 1, 1000])));
            for (name, value) in &form.fields {
                let signed = conditions.contains(&json!({ *name: value }));
                let about_itself = ["policy", "x-amz-signature"].contains(name);
                assert_eq!(signed, !about_itself, "{name}");
            }
            assert_eq!(conditions.len(), form.fields.len());
        }
    }

    #[test]
    fn the_command_has_every_field_and_the_file_last() {
        let form = form(Some("a+token/="));
        let command = form.curl();
        for (name, value) in &form.fields {
            assert!(command.contains(&format!(" -F '{name}={value}' ")));
        }
        assert!(command.ends_with(&format!(" -F file=@photo.jpg '{}'", form.url)));
    }
}
