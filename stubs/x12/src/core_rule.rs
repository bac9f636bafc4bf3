//! The envelope of CAQH CORE around an interchange: HTTP with MIME multipart/form-data (CAQH CORE Connectivity Rule
//! vC2.2.0, section 4.2.1; RFC 7578).
//!
//! One part for each field of the envelope, the payload among them. Parts are read by their name, in any order.

use bytes::Bytes;

/// The most parts that are read of one envelope.
const PARTS_MAX: usize = 32;

/// The longest field that is read beside the payload, in bytes.
const FIELD_MAX: usize = 4096;

/// The fields that an envelope must have (CORE Connectivity Rule, section 4.4.2).
pub const REQUIRED: [&str; 7] = [
    "PayloadType",
    "ProcessingMode",
    "PayloadID",
    "TimeStamp",
    "SenderID",
    "ReceiverID",
    "CORERuleVersion",
];

/// An envelope that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoreEnvelope {
    fields: Vec<(String, String)>,
    payload: Option<Bytes>,
}

impl CoreEnvelope {
    /// Reads the body of a message with this content type. None where it is no multipart/form-data; the error says what
    /// is wrong with one that is.
    pub fn read(content_type: &str, body: &Bytes) -> Option<Result<Self, String>> {
        let (media_type, parameters) = content_type.split_once(';')?;
        if !media_type
            .trim()
            .eq_ignore_ascii_case("multipart/form-data")
        {
            return None;
        }
        let boundary = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("boundary")
                .then(|| value.trim().trim_matches('"'))
        });
        Some(match boundary {
            Some(boundary) if !boundary.is_empty() && boundary.len() <= 70 => {
                Self::parts(boundary, body)
            }
            _ => Err(String::from("the content type names no boundary")),
        })
    }

    fn parts(boundary: &str, body: &Bytes) -> Result<Self, String> {
        let mut envelope = Self::default();
        let delimiter = format!("--{boundary}");
        let finder = memchr::memmem::Finder::new(delimiter.as_bytes());
        // Delimiters stand at the start of a line.
        let places: Vec<usize> = finder
            .find_iter(body)
            .filter(|at| *at == 0 || body[at - 1] == b'\n')
            .take(PARTS_MAX + 2)
            .collect();
        if places.len() > PARTS_MAX + 1 {
            return Err(format!("the envelope has more than {PARTS_MAX} parts"));
        }
        for pair in places.windows(2) {
            let part = pair[0] + delimiter.len()..pair[1];
            envelope.part(body, part)?;
        }
        let is_closed = places.last().is_some_and(|last| {
            let behind = &body[last + delimiter.len()..];
            places.len() > 1 && behind.starts_with(b"--")
        });
        if is_closed {
            Ok(envelope)
        } else {
            Err(String::from("the last boundary is missing"))
        }
    }

    fn part(&mut self, body: &Bytes, range: std::ops::Range<usize>) -> Result<(), String> {
        let part = &body[range.clone()];
        let (head, start) = [&b"\r\n\r\n"[..], b"\n\n"]
            .into_iter()
            .filter_map(|gap| Some((memchr::memmem::find(part, gap)?, gap.len())))
            .min_by_key(|(at, _)| *at)
            .map(|(at, length)| (&part[..at], range.start + at + length))
            .ok_or("a part has no end of its headers")?;
        let head = String::from_utf8_lossy(head);
        let name = head.lines().find_map(|line| {
            let (header, value) = line.split_once(':')?;
            header
                .trim()
                .eq_ignore_ascii_case("content-disposition")
                .then(|| parameter(value, "name"))?
        });
        let name = name.ok_or("a part has no name")?;
        let mut end = range.end;
        for line_end in [b'\n', b'\r'] {
            if end > start && body[end - 1] == line_end {
                end -= 1;
            }
        }
        if name == "Payload" {
            self.payload = Some(body.slice(start..end));
            return Ok(());
        }
        if end - start > FIELD_MAX {
            return Err(format!("{name} is longer than {FIELD_MAX} bytes"));
        }
        let value = String::from_utf8_lossy(&body[start..end]).trim().to_owned();
        self.fields.push((name, value));
        Ok(())
    }

    /// The value of a field; empty where it is not there.
    pub fn field(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// The payload, where there is one.
    pub fn payload(&self) -> Option<&Bytes> {
        self.payload.as_ref()
    }

    /// The first field that must be there and is not.
    pub fn missing(&self) -> Option<&'static str> {
        REQUIRED
            .into_iter()
            .find(|name| self.field(name).is_empty())
    }
}

/// The value of a parameter such as `name="PayloadType"`.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    value.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case(wanted)
            .then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// Writes an envelope: its content type and its body. The boundary is one that stands nowhere in the payload.
pub fn write(fields: &[(&str, &str)], payload: Option<&[u8]>) -> (String, Bytes) {
    let mut boundary = String::from("wardgate-core-envelope");
    let content = payload.unwrap_or_default();
    // Each round makes it longer, so it ends.
    while memchr::memmem::find(content, boundary.as_bytes()).is_some() {
        boundary.push('-');
    }
    let mut body = Vec::with_capacity(content.len() + 1024);
    for (name, value) in fields {
        let value = value.replace(['\r', '\n'], " ");
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .as_bytes(),
        );
    }
    if let Some(payload) = payload {
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"Payload\"\r\nContent-Type: application/EDI-X12\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(payload);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (
        format!("multipart/form-data; boundary={boundary}"),
        Bytes::from(body),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(content_type: &str, body: &[u8]) -> Result<CoreEnvelope, String> {
        CoreEnvelope::read(content_type, &Bytes::copy_from_slice(body)).expect("it is multipart")
    }

    #[test]
    fn what_is_no_envelope_is_told() {
        assert!(CoreEnvelope::read("application/edi-x12", &Bytes::new()).is_none());
        assert!(CoreEnvelope::read("text/plain; charset=x", &Bytes::new()).is_none());
        for (content_type, body) in [
            ("multipart/form-data; charset=x", "--b--"),
            ("multipart/form-data; boundary=b", ""),
            ("multipart/form-data; boundary=b", "--b\r\n\r\n\r\nx\r\n"),
            ("multipart/form-data; boundary=b", "--b\r\nx\r\n--b--\r\n"),
            (
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
            ),
        ] {
            assert!(
                read(content_type, body.as_bytes()).is_err(),
                "{content_type} {body}"
            );
        }
        let many = format!("{}--b--", "--b\r\n".repeat(40));
        assert!(read("multipart/form-data; boundary=b", many.as_bytes()).is_err());
    }

    #[test]
    fn what_other_clients_write_is_read() {
        let body = "preamble\n--x\nContent-Type: text/plain\ncontent-disposition: form-data; NAME=PayloadType\n\n X12_270_Request_005010X279A1 \n--x\nContent-Disposition: form-data; name=\"Payload\"; filename=\"a.x12\"\n\nISA*~\n\n--x--";
        let envelope = read("Multipart/Form-Data; Boundary=\"x\"", body.as_bytes()).unwrap();
        assert_eq!(
            envelope.field("PayloadType"),
            "X12_270_Request_005010X279A1"
        );
        assert_eq!(envelope.payload().unwrap().as_ref(), b"ISA*~\n");
        assert_eq!(envelope.missing(), Some("ProcessingMode"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(payload in proptest::collection::vec(any::<u8>(), 0..200)) {
            let payload = [&payload[..], b"--wardgate-core-envelope"].concat();
            let (content_type, body) = write(&[("PayloadType", "a"), ("SenderID", "b\r\nc")], Some(&payload));
            let envelope = read(&content_type, &body).unwrap();
            prop_assert_eq!(envelope.field("SenderID"), "b  c");
            prop_assert_eq!(envelope.payload().unwrap().as_ref(), &payload[..]);
        }

        #[test]
        fn any_bytes_are_read_or_refused(body in "(--b|\r\n|\n|:|name=|Content-Disposition|x|;|--){0,40}") {
            let _ = read("multipart/form-data; boundary=b", body.as_bytes());
        }
    }
}
