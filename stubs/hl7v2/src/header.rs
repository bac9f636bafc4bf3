//! What MSH says of a message (HL7 v2.5.1, chapter 2, section 2.15.9).

use std::borrow::Cow;

use crate::element::Segment;

/// The fields of MSH that others act on. Each is the decoded text of its first component, empty where it is absent.
#[derive(Debug, Clone, Copy)]
pub struct Header<'m> {
    segment: Segment<'m>,
}

impl<'m> Header<'m> {
    pub(crate) fn new(segment: Segment<'m>) -> Self {
        Self { segment }
    }

    /// The MSH segment itself.
    pub fn segment(&self) -> Segment<'m> {
        self.segment
    }

    /// MSH-7.1: the time of the message as written, such as `20260704120000+0200`.
    pub fn time(&self) -> Cow<'m, str> {
        self.part(7, 1)
    }

    /// MSH-9.1: the message type, such as `ADT`.
    pub fn message_type(&self) -> Cow<'m, str> {
        self.part(9, 1)
    }

    /// MSH-9.2: the trigger event, such as `A04`.
    pub fn trigger_event(&self) -> Cow<'m, str> {
        self.part(9, 2)
    }

    /// MSH-9.3: the message structure that the sender claims, such as `ADT_A01`.
    pub fn message_structure(&self) -> Cow<'m, str> {
        self.part(9, 3)
    }

    /// MSH-10: the control ID.
    pub fn control_id(&self) -> Cow<'m, str> {
        self.part(10, 1)
    }

    /// MSH-11.1: the processing ID, `P`, `T` or `D`.
    pub fn processing_id(&self) -> Cow<'m, str> {
        self.part(11, 1)
    }

    /// MSH-12.1: the version ID, such as `2.5.1`.
    pub fn version(&self) -> Cow<'m, str> {
        self.part(12, 1)
    }

    /// MSH-15: under which condition the sender wants an accept acknowledgement.
    pub fn accept_acknowledgment(&self) -> Cow<'m, str> {
        self.part(15, 1)
    }

    /// MSH-16: under which condition the sender wants an application acknowledgement.
    pub fn application_acknowledgment(&self) -> Cow<'m, str> {
        self.part(16, 1)
    }

    /// Whether the version is at least `major.minor`; a version that cannot be read counts as 2.5.
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let text = self.version();
        let mut numbers = text.split('.').map(|part| part.trim().parse::<u32>().ok());
        let version = match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(major), minor) => (major, minor.unwrap_or(0)),
            (None, _) => (2, 5),
        };
        version >= (major, minor)
    }

    fn part(&self, field: usize, component: usize) -> Cow<'m, str> {
        self.segment
            .field(field)
            .and_then(|field| field.component(component))
            .map_or(Cow::Borrowed(""), |component| component.text())
    }
}

#[cfg(test)]
mod tests {
    use crate::message::Message;

    #[test]
    fn it_names_the_message() {
        let raw = b"MSH|^~\\&|A|B|C|D|20260704||ADT^A40^ADT_A39|42\\T\\1|P^T|2.3.1^USA|||AL|NE\r";
        let message = Message::parse(raw).unwrap();
        let header = message.header();
        assert_eq!(
            (header.message_type(), header.trigger_event()),
            ("ADT".into(), "A40".into())
        );
        assert_eq!(header.message_structure(), "ADT_A39");
        assert_eq!(header.control_id(), "42&1");
        assert_eq!(
            (header.processing_id(), header.version()),
            ("P".into(), "2.3.1".into())
        );
        assert_eq!(
            (
                header.accept_acknowledgment(),
                header.application_acknowledgment()
            ),
            ("AL".into(), "NE".into())
        );
        assert!(header.is_at_least(2, 3) && !header.is_at_least(2, 4));
        assert_eq!(header.time(), "20260704");
    }

    #[test]
    fn what_is_missing_is_empty() {
        let message = Message::parse(b"MSH|^~\\&").unwrap();
        assert_eq!(message.header().control_id(), "");
        assert!(
            message.header().is_at_least(2, 5),
            "an unreadable version counts as 2.5"
        );
    }
}
