//! Where something is reached.

use std::{fmt, path::PathBuf};

/// Where an endpoint of the candidate is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An HTTP base URL.
    Url(String),
    /// `host:port`.
    Socket(String),
    /// A folder that it watches.
    Folder(PathBuf),
}

impl Address {
    /// Reads text that is a URL or `host:port`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.contains("://") {
            HttpTarget::parse(text)?;
            return Ok(Self::Url(text.trim_end_matches('/').to_owned()));
        }
        check_authority(text)?;
        Ok(Self::Socket(text.to_owned()))
    }

    /// `host:port`, whichever way it was given.
    pub(crate) fn socket(&self) -> Result<String, String> {
        match self {
            Self::Url(url) => HttpTarget::parse(url).map(|target| target.authority),
            Self::Socket(socket) => Ok(socket.clone()),
            Self::Folder(_) => Err(String::from("a folder has no port")),
        }
    }

    /// The base URL, whichever way it was given.
    pub(crate) fn http(&self) -> Result<HttpTarget, String> {
        match self {
            Self::Url(url) => HttpTarget::parse(url),
            Self::Socket(socket) => HttpTarget::parse(&format!("http://{socket}")),
            Self::Folder(_) => Err(String::from("HTTP messages cannot be sent to a folder")),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(text) | Self::Socket(text) => f.write_str(text),
            Self::Folder(folder) => write!(f, "{}", folder.display()),
        }
    }
}

/// An `http://` URL in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpTarget {
    /// `host:port`, with the port written out.
    pub authority: String,
    /// The `Host` header's value.
    pub host: String,
    /// The path without a slash at its end, and the query: empty, or beginning with a slash.
    pub path: String,
}

impl HttpTarget {
    /// Reads a URL; only plain HTTP is spoken.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| format!("'{url}' is not an http:// URL; HTTPS is not spoken here"))?;
        let (host, path) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| {
            !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
        });
        let authority = if has_port {
            host.to_owned()
        } else {
            format!("{host}:80")
        };
        check_authority(&authority)?;
        if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "'{url}' has characters that must be percent-encoded"
            ));
        }
        let path = path.trim_end_matches('/');
        Ok(Self {
            authority,
            host: host.to_owned(),
            path: if path.starts_with('?') {
                format!("/{path}")
            } else {
                path.to_owned()
            },
        })
    }
}

fn check_authority(text: &str) -> Result<(), String> {
    let sound = text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte))
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    if sound {
        Ok(())
    } else {
        Err(format!(
            "'{text}' is not an address like 127.0.0.1:2575 or http://127.0.0.1:8080/base"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_sockets_are_told_apart() {
        assert_eq!(
            Address::parse("127.0.0.1:2575"),
            Ok(Address::Socket("127.0.0.1:2575".into()))
        );
        assert_eq!(
            Address::parse("http://h:1/fhir/"),
            Ok(Address::Url("http://h:1/fhir".into()))
        );
        for wrong in [
            "",
            "nowhere",
            "h:0",
            "h:port",
            "https://h:1",
            "http://",
            "ftp://h:1",
            "h h:1",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_url_falls_into_authority_and_path() {
        let target = HttpTarget::parse("http://host/a/?b=c").expect("it is a URL");
        assert_eq!(
            (target.authority.as_str(), target.host.as_str()),
            ("host:80", "host")
        );
        assert_eq!(target.path, "/a/?b=c");
        assert_eq!(
            HttpTarget::parse("http://[::1]:9")
                .expect("it is a URL")
                .authority,
            "[::1]:9"
        );
    }
}
