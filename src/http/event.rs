//! Events of AWS Lambda, made fit for `lambda_http`, which panics where it can make no address of what is in one.

use axum::http::header::{self, HeaderName};
use axum::http::uri::Authority;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use url::Url;

/// A request in an event of an HTTP API or a Function URL (payload format 2.0), of which `lambda_http` can make an HTTP
/// request.
///
/// The path and the query may hold what the client should have percent-encoded (RFC 3986, 2.1): here it is. A `Host`
/// (RFC 9110, 7.2) that is none and an `X-Forwarded-Proto` other than `http` and `https` are left out.
///
/// # Errors
///
/// Where the JSON is no such event, an address is of more than 32,768 bytes, or a body that is said to be base64 is not.
#[derive(Debug, Deserialize)]
#[serde(try_from = "LambdaRequest")]
pub struct Event(LambdaRequest);

/// An address may have 65,534 bytes in `http::Uri`; no gateway takes more than 10,240 (AWS, quotas of HTTP APIs).
const LONGEST: usize = 1 << 15;

/// What stands for itself in no path (RFC 3986, 3.3), and `\`, which the URL standard takes for a slash. The percent sign stays: a
/// Function URL's path is encoded already.
const PATH: &AsciiSet = &QUERY.add(b'?').add(b'`').add(b'{').add(b'}').add(b'\\');

/// The same of a query (3.4).
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

impl Event {
    /// What `lambda_http` takes.
    pub fn into_request(self) -> LambdaRequest {
        self.0
    }
}

impl TryFrom<LambdaRequest> for Event {
    type Error = &'static str;

    fn try_from(mut event: LambdaRequest) -> Result<Self, Self::Error> {
        if let LambdaRequest::ApiGatewayV2(request) = &mut event {
            encode_target(request)?;
            drop_origin(request);
            check_body(request)?;
        }
        Ok(Event(event))
    }
}

fn encode_target(request: &mut ApiGatewayV2httpRequest) -> Result<(), &'static str> {
    let encoded = |text: &mut Option<String>, set| {
        let text = text.get_or_insert_default();
        *text = utf8_percent_encode(text, set).to_string();
        text.len()
    };
    let stage = &mut request.request_context.stage;
    let stage = stage.as_mut().map_or(0, |name| {
        *name = utf8_percent_encode(name, PATH).to_string();
        name.len()
    });
    let path = encoded(&mut request.raw_path, PATH);
    let query = encoded(&mut request.raw_query_string, QUERY);
    if let Some(path) = request
        .raw_path
        .as_mut()
        .filter(|path| !path.starts_with('/'))
    {
        path.insert(0, '/');
    }
    match stage + path + query {
        ..=LONGEST => Ok(()),
        _ => Err("the path and the query of the request have more than 32768 bytes"),
    }
}

/// Of the names of the host and the protocol, those that are none.
fn drop_origin(request: &mut ApiGatewayV2httpRequest) {
    let headers = &mut request.headers;
    let unfit = |name: &HeaderName, fit: fn(&str) -> bool| {
        (headers.get(name)).is_some_and(|value| !value.to_str().is_ok_and(fit))
    };
    let protocol = HeaderName::from_static("x-forwarded-proto");
    let no_host = unfit(&header::HOST, is_host);
    if unfit(&protocol, |value| ["http", "https"].contains(&value)) {
        headers.remove(protocol);
    }
    if no_host {
        headers.remove(header::HOST);
    }
    let domain = &mut request.request_context.domain_name;
    domain.take_if(|name| !is_host(name));
}

/// A name or an address, perhaps with a port (RFC 3986, 3.2).
fn is_host(text: &str) -> bool {
    let is_authority = text.len() < 256 && text.parse::<Authority>().is_ok();
    is_authority && !text.contains('@') && Url::parse(&format!("https://{text}/")).is_ok()
}

/// In pieces, so that it needs no memory: the body is decoded when the request is made.
fn check_body(request: &ApiGatewayV2httpRequest) -> Result<(), &'static str> {
    let body = request
        .body
        .as_deref()
        .filter(|_| request.is_base64_encoded);
    let body = body.unwrap_or_default().as_bytes();
    let (whole, last) = body.split_at(body.len().saturating_sub(4) / 4 * 4);
    let mut room = [0; 3072];
    let mut pieces = whole.chunks(4096);
    let is_base64 = pieces.all(|piece| STANDARD_NO_PAD.decode_slice(piece, &mut room[..]).is_ok())
        && STANDARD.decode_slice(last, &mut room[..]).is_ok();
    match is_base64 {
        true => Ok(()),
        false => Err("the body is said to be base64, and is not (RFC 4648, 4)"),
    }
}
