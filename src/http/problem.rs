//! Errors as problem documents (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::{Error, ErrorKind, LooksLike};

/// What can go wrong, one for each `type`: those words are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Empty,
    BadParameter,
    BadForm,
    BadBody,
    Unauthorized,
    NotFound,
    MethodNotAllowed,
    Incomplete,
    TooLarge,
    AnswerTooLarge,
    NotAnImage,
    Mangled,
    Malformed,
    Unsupported,
    TooManyPixels,
    Internal,
    Full,
    Storage,
    OutOfTime,
}

/// What is told of a kind whatever the case.
#[derive(Debug)]
pub(super) struct About {
    pub(super) kind: Kind,
    /// The last part of `type`.
    pub(super) name: &'static str,
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    /// What it means and what to do, for `GET /problems/NAME`.
    pub(super) about: &'static str,
}

/// Every kind, in the order of [`Kind`].
pub(super) static PROBLEMS: [About; 19] = [
    About {
        kind: Kind::Empty,
        name: "empty",
        status: StatusCode::BAD_REQUEST,
        title: "There is no picture",
        about: "The request has no body, or a form without a file. Send the bytes of a JPEG or PNG: curl -X POST URL --data-binary @photo.jpg -o glitched.jpg",
    },
    About {
        kind: Kind::BadParameter,
        name: "bad-parameter",
        status: StatusCode::BAD_REQUEST,
        title: "A parameter is wrong",
        about: "The query has a parameter that there is not, one twice, or a value that it cannot have. The detail lists what is allowed; GET /recipes tells all of it.",
    },
    About {
        kind: Kind::BadForm,
        name: "bad-form",
        status: StatusCode::BAD_REQUEST,
        title: "The form cannot be read",
        about: "A multipart/form-data body has to hold one file, and otherwise only a few short fields that are named like the parameters of the query: curl -F image=@photo.jpg URL -o glitched.jpg",
    },
    About {
        kind: Kind::BadBody,
        name: "bad-body",
        status: StatusCode::BAD_REQUEST,
        title: "The body cannot be read",
        about: "The request says that its body comes in chunks, and it does not. Let the HTTP library do that, or send a Content-Length.",
    },
    About {
        kind: Kind::Unauthorized,
        name: "unauthorized",
        status: StatusCode::UNAUTHORIZED,
        title: "A token is needed",
        about: "This server asks for a bearer token: send the header Authorization: Bearer TOKEN.",
    },
    About {
        kind: Kind::NotFound,
        name: "not-found",
        status: StatusCode::NOT_FOUND,
        title: "There is nothing here",
        about: "GET /openapi.json tells what there is.",
    },
    About {
        kind: Kind::MethodNotAllowed,
        name: "method-not-allowed",
        status: StatusCode::METHOD_NOT_ALLOWED,
        title: "That is not done here",
        about: "The path exists but does not take the method. The header Allow of the answer tells which it takes.",
    },
    About {
        kind: Kind::Incomplete,
        name: "incomplete",
        status: StatusCode::REQUEST_TIMEOUT,
        title: "The picture did not arrive",
        about: "The body of the request took too long, or stopped coming before it was whole. Send it again.",
    },
    About {
        kind: Kind::TooLarge,
        name: "too-large",
        status: StatusCode::PAYLOAD_TOO_LARGE,
        title: "The picture has too many bytes",
        about: "The request's body is over the limit of this server, which the answer names. Send a smaller picture, use the command line, or run a server with a higher --max-bytes. AWS Lambda takes no more than 4.7 MB in one request.",
    },
    About {
        kind: Kind::AnswerTooLarge,
        name: "answer-too-large",
        status: StatusCode::PAYLOAD_TOO_LARGE,
        title: "The answer has too many bytes",
        about: "The work was done, but what came of it is too large to be sent back from here. For a glitched PNG try deflate=small; otherwise send a smaller picture, or use the command line or a server of your own.",
    },
    About {
        kind: Kind::NotAnImage,
        name: "not-an-image",
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        title: "That is neither a JPEG nor a PNG",
        about: "Only JPEG and PNG can be glitched. What the bytes look like is in the detail. The Content-Type of a request is not believed; the first bytes decide.",
    },
    About {
        kind: Kind::Mangled,
        name: "mangled",
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        title: "The picture was ruined on its way here",
        about: "Something decoded the bytes of the picture as text. Behind API Gateway that is done to text/* and application/json. Send it with --data-binary and the header Content-Type: image/jpeg.",
    },
    About {
        kind: Kind::Malformed,
        name: "malformed",
        status: StatusCode::UNPROCESSABLE_ENTITY,
        title: "The picture is broken",
        about: "The file is a JPEG or PNG but breaks its own standard so that nothing can open it. The offset tells the byte.",
    },
    About {
        kind: Kind::Unsupported,
        name: "unsupported",
        status: StatusCode::UNPROCESSABLE_ENTITY,
        title: "That kind of JPEG cannot be glitched",
        about: "The JPEG uses a coding process that next to nothing opens: arithmetic, lossless, hierarchical, or 12 bits a sample.",
    },
    About {
        kind: Kind::TooManyPixels,
        name: "too-many-pixels",
        status: StatusCode::UNPROCESSABLE_ENTITY,
        title: "The picture has too many pixels",
        about: "The header claims more pixels than this server takes. Send a smaller picture, use the command line, or run a server with a higher --max-pixels.",
    },
    About {
        kind: Kind::Internal,
        name: "internal",
        status: StatusCode::INTERNAL_SERVER_ERROR,
        title: "Something is wrong with glitch",
        about: "This is a bug. Please report it, with the picture if it may be shown. Another seed may well work.",
    },
    About {
        kind: Kind::Full,
        name: "full",
        status: StatusCode::SERVICE_UNAVAILABLE,
        title: "The server is busy",
        about: "More pictures are being glitched and waiting than this server takes. Try again after the seconds in Retry-After.",
    },
    About {
        kind: Kind::Storage,
        name: "storage",
        status: StatusCode::SERVICE_UNAVAILABLE,
        title: "The storage does not answer",
        about: "The place where uploads and results are kept did not do what it was asked to. Nothing is lost: try again after the seconds in Retry-After.",
    },
    About {
        kind: Kind::OutOfTime,
        name: "out-of-time",
        status: StatusCode::GATEWAY_TIMEOUT,
        title: "The picture took too long",
        about: "The work was stopped at the time limit of this server. Send a smaller picture, or a recipe with fewer steps.",
    },
];

/// An error to be answered.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    offset: Option<usize>,
    limit: Option<u64>,
    uploads: Option<&'static str>,
    headers: Vec<(header::HeaderName, HeaderValue)>,
}

/// The document. `offset`, `limit` and `uploads` are extension members (RFC 9457, 3.2).
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// Where a file is broken, in bytes from its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
    /// What is allowed, in bytes or pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    /// The path that takes what is too large for a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    uploads: Option<&'static str>,
}

/// The last part of a problem's `type`, for the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome(pub(super) &'static str);

impl Kind {
    fn about(self) -> &'static About {
        let about = &PROBLEMS[self as usize];
        debug_assert_eq!(about.kind, self);
        about
    }
}

/// Most letters of a detail: it may quote what came in, however long that is.
const MOST_DETAIL: usize = 1000;

/// A text with its middle left out if it is long: what is said about a quote stands before and behind it.
fn shortened(text: String) -> String {
    let letters = text.chars().count();
    if letters <= MOST_DETAIL {
        return text;
    }
    let start: String = text.chars().take(MOST_DETAIL / 2).collect();
    let end: String = text.chars().skip(letters - MOST_DETAIL / 2).collect();
    format!("{start} ... {end}")
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Problem {
            kind,
            detail: shortened(detail.into()),
            offset: None,
            limit: None,
            uploads: None,
            headers: Vec::new(),
        }
    }

    pub(crate) fn with_limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Tells of the other way where there is one, and this one is too narrow.
    pub(super) fn with_uploads(mut self, path: Option<&'static str>) -> Self {
        let narrow = matches!(self.kind, Kind::TooLarge | Kind::AnswerTooLarge);
        if let Some(path) = path.filter(|_| narrow) {
            self.detail += &format!("; POST {path} answers how larger pictures are sent");
            self.uploads = Some(path);
        }
        self
    }

    pub(super) fn with_offset(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    pub(super) fn with_header(mut self, name: header::HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// All workers are busy and the queue is full, or memory is.
    pub(super) fn full() -> Self {
        let detail = "too many pictures are being glitched right now; try again in a second";
        Problem::new(Kind::Full, detail).with_header(header::RETRY_AFTER, "1")
    }

    /// A task ended without an answer. What it said is not for strangers.
    pub(super) fn internal() -> Self {
        Problem::new(
            Kind::Internal,
            "the request could not be answered because of a bug in glitch",
        )
    }

    /// The document as text.
    pub(crate) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.document()).unwrap_or_default()
    }

    fn document(&self) -> Document<'_> {
        let about = self.kind.about();
        Document {
            r#type: format!("/problems/{}", about.name),
            title: about.title,
            status: about.status.as_u16(),
            detail: &self.detail,
            offset: self.offset,
            limit: self.limit,
            uploads: self.uploads,
        }
    }
}

const MANGLED: &str = "not a JPEG or PNG any more: something on the way decoded the picture as \
    UTF-8 text, which ruined its bytes; send it with --data-binary and \
    -H 'Content-Type: image/jpeg'";

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let mut detail = error.to_string();
        let kind = match error.kind() {
            ErrorKind::Empty => Kind::Empty,
            ErrorKind::NotAnImage if error.looks_like() == Some(LooksLike::MangledByUtf8) => {
                detail = MANGLED.to_owned();
                Kind::Mangled
            }
            ErrorKind::NotAnImage => Kind::NotAnImage,
            ErrorKind::Malformed => Kind::Malformed,
            ErrorKind::Unsupported => Kind::Unsupported,
            ErrorKind::TooLarge => Kind::TooManyPixels,
            ErrorKind::BadRecipe => Kind::BadParameter,
            ErrorKind::Cancelled => Kind::OutOfTime,
            // Nothing here shows pixels.
            ErrorKind::Undecodable | ErrorKind::Unsound => Kind::Internal,
        };
        Problem {
            offset: error.offset(),
            ..Problem::new(kind, detail)
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let about = self.kind.about();
        let mut response = (about.status, self.json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers);
        response.extensions_mut().insert(Outcome(about.name));
        response
    }
}

pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_kinds() {
        for (index, about) in PROBLEMS.iter().enumerate() {
            assert_eq!(about.kind as usize, index);
            assert!(about.status.is_client_error() || about.status.is_server_error());
        }
    }

    #[test]
    fn what_is_quoted_does_not_make_a_problem_long() {
        let recipe = "x".repeat(1 << 20).parse::<crate::Recipe>();
        let problem = Problem::from(recipe.unwrap_err());
        assert!(
            problem.detail.chars().count() < 1100,
            "{}",
            problem.detail.len()
        );
        assert!(problem.detail.contains("the passes are replace, sort"));
        let short = Problem::new(Kind::Empty, "é".repeat(MOST_DETAIL));
        assert_eq!(short.detail, "é".repeat(MOST_DETAIL));
    }

    #[test]
    fn a_broken_file_tells_its_offset() {
        let error = crate::inspect(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR").unwrap_err();
        let problem = Problem::from(error);
        let document = serde_json::to_value(problem.document()).unwrap();
        assert_eq!(document["type"], "/problems/malformed");
        assert_eq!(document["status"], 422);
        assert!(document["offset"].is_u64(), "{document}");
        assert!(document.get("limit").is_none());
    }
}
