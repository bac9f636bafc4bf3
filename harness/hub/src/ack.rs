//! Acknowledgements (HL7 v2.5.1, chapter 2.9): MSH, MSA and, for a refusal, ERR.

use er7::Separators;
use jiff::Timestamp;

use crate::charset::Charset;
use crate::defect::{Defect, Defects};
use crate::hl7_time::hl7_timestamp;
use crate::message::Header;
use crate::rejection::{Rejection, Severity};

/// Which acknowledgement is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckKind {
    /// Original mode, or the application's answer in enhanced mode: AA, AE, AR.
    Application,
    /// The commit answer in enhanced mode: CA, CE, CR.
    Commit,
}

/// What goes into an acknowledgement beside the message that it answers.
#[derive(Debug, Clone, Copy)]
pub struct Ack<'a> {
    /// Application or commit.
    pub kind: AckKind,
    /// Why the message was refused, if it was.
    pub rejection: Option<&'a Rejection>,
    /// The acknowledgement's own MSH-10.
    pub control_id: &'a str,
    /// MSH-7 of the acknowledgement.
    pub now: Timestamp,
    /// Patient data of the message, which only a faulty hub writes into its answer.
    pub patient: &'a str,
    /// Faults that are switched on.
    pub defects: Defects,
}

impl Ack<'_> {
    /// MSA-1.
    fn code(&self) -> &'static str {
        let severity = self.rejection.map(|rejection| rejection.severity);
        match (self.kind, severity) {
            (AckKind::Application, Some(Severity::Error))
                if self.defects.has(Defect::AckAaOnError) =>
            {
                "AA"
            }
            (AckKind::Application, None) => "AA",
            (AckKind::Application, Some(Severity::Error)) => "AE",
            (AckKind::Application, Some(Severity::Reject)) => "AR",
            (AckKind::Commit, None) => "CA",
            (AckKind::Commit, Some(Severity::Error)) => "CE",
            (AckKind::Commit, Some(Severity::Reject)) => "CR",
        }
    }

    /// The acknowledgement's bytes, in the delimiters and character set of the message that it answers.
    pub fn write(&self, header: &Header) -> Vec<u8> {
        let Separators {
            field, component, ..
        } = header.separators;
        let own_id = if self.defects.has(Defect::ConstantAckControlId) {
            "ACK1"
        } else {
            self.control_id
        };
        let version = if self.defects.has(Defect::WrongAckVersion) {
            "2.3"
        } else {
            header.version.as_str()
        };
        let acknowledged = if self.defects.has(Defect::WrongControlId) {
            own_id
        } else {
            header.control_id.as_str()
        };
        let mut message_type = vec!["ACK"];
        if !header.trigger.is_empty() {
            message_type.extend([header.trigger.as_str(), "ACK"]);
        }
        let f = field.to_string();
        let message_type = message_type.join(&component.to_string());
        let msh = [
            header.separators.encoding_characters(),
            header.receiving_application.clone(),
            header.receiving_facility.clone(),
            header.sending_application.clone(),
            header.sending_facility.clone(),
            hl7_timestamp(self.now),
            String::new(),
            message_type,
            own_id.to_owned(),
            header.processing_id.clone(),
            version.to_owned(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            header.charset_name.clone(),
        ];
        let text = self
            .rejection
            .map(|rejection| self.text(rejection, &header.separators))
            .unwrap_or_default();
        let msh = msh.join(&f);
        let msh = msh.trim_end_matches(field);
        let msa = format!("MSA{f}{}{f}{acknowledged}{f}{text}", self.code());
        let mut ack = format!("MSH{f}{msh}\r{}\r", msa.trim_end_matches(field));
        if let Some(rejection) = self.rejection {
            ack.push_str(&error_segment(
                rejection,
                &text,
                &header.separators,
                version,
            ));
            ack.push('\r');
        }
        header.charset.encode(&ack)
    }

    fn text(&self, rejection: &Rejection, separators: &Separators) -> String {
        let text = if self.defects.has(Defect::PhiInError) && !self.patient.is_empty() {
            format!("{}: {}", rejection.text, self.patient)
        } else {
            rejection.text.to_owned()
        };
        er7::escape::escape(&text, separators).into_owned()
    }
}

/// ERR as the version has it: ERR-2, -3, -4 and -8 from 2.5 on, the composite ERR-1 before.
fn error_segment(
    rejection: &Rejection,
    text: &str,
    separators: &Separators,
    version: &str,
) -> String {
    let Separators {
        field: f,
        component: c,
        subcomponent: s,
        ..
    } = *separators;
    let Rejection {
        segment,
        occurrence,
        field,
        code,
        ..
    } = rejection;
    let (number, meaning) = (code.code(), code.meaning());
    let place = match (segment.is_empty(), field) {
        (true, _) => String::new(),
        (false, 0) => format!("{segment}{c}{occurrence}"),
        (false, field) => format!("{segment}{c}{occurrence}{c}{field}"),
    };
    if matches!(version, "2.3" | "2.3.1" | "2.4") {
        let place = if *field == 0 {
            format!("{segment}{c}{occurrence}{c}")
        } else {
            place
        };
        format!("ERR{f}{place}{c}{number}{s}{meaning}{s}HL70357")
    } else {
        format!("ERR{f}{f}{place}{f}{number}{c}{meaning}{c}HL70357{f}E{f}{f}{f}{f}{text}")
    }
}

/// The header to answer to when the payload has none.
pub fn header_of_nothing() -> Header {
    Header {
        separators: Separators::default(),
        charset: Charset::Ascii,
        charset_name: String::new(),
        sending_application: String::new(),
        sending_facility: String::new(),
        receiving_application: "HUB".to_owned(),
        receiving_facility: String::new(),
        time: String::new(),
        code: String::new(),
        trigger: String::new(),
        control_id: String::new(),
        processing_id: "P".to_owned(),
        version: "2.5.1".to_owned(),
        accept_ack: String::new(),
        application_ack: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::message;
    use crate::rejection::ErrorCode;

    const REJECTION: Rejection = Rejection::error(
        "PID",
        3,
        ErrorCode::RequiredFieldMissing,
        "patient identifier is missing",
    );

    fn ack(
        kind: AckKind,
        rejection: Option<&Rejection>,
        defects: Defects,
        header: &Header,
    ) -> String {
        let now = "2026-07-10T07:30:00Z".parse().unwrap();
        let ack = Ack {
            kind,
            rejection,
            control_id: "H1",
            now,
            patient: "Smith M1",
            defects,
        };
        String::from_utf8(ack.write(header)).unwrap()
    }

    fn header() -> Header {
        message(r"MSH|^~\&|PAS|HOSP|HUB|ICE|20260710||ADT^A04^ADT_A01|C\T\1|P|2.5.1").header
    }

    #[test]
    fn an_accepted_message_is_answered_with_sender_and_receiver_swapped() {
        let found = ack(AckKind::Application, None, Defects::default(), &header());
        let expected = "MSH|^~\\&|HUB|ICE|PAS|HOSP|20260710073000.000+0000||ACK^A04^ACK|H1|P|2.5.1\rMSA|AA|C\\T\\1\r";
        assert_eq!(found, expected);
    }

    #[test]
    fn a_refusal_says_where_and_why_in_the_shape_of_its_version() {
        let found = ack(
            AckKind::Application,
            Some(&REJECTION),
            Defects::default(),
            &header(),
        );
        let expected = "MSA|AE|C\\T\\1|patient identifier is missing\r\
                        ERR||PID^1^3|101^Required field missing^HL70357|E||||patient identifier is missing\r";
        assert!(found.ends_with(expected), "{found}");
        let old = Header {
            version: "2.3.1".into(),
            ..header()
        };
        let found = ack(
            AckKind::Application,
            Some(&REJECTION),
            Defects::default(),
            &old,
        );
        assert!(
            found.ends_with("ERR|PID^1^3^101&Required field missing&HL70357\r"),
            "{found}"
        );
        assert!(
            ack(
                AckKind::Commit,
                Some(&REJECTION),
                Defects::default(),
                &header()
            )
            .contains("MSA|CE|")
        );
    }

    #[test]
    fn the_delimiters_of_the_message_are_kept() {
        let odd = message(r"MSH#*!?@#PAS#HOSP#HUB#ICE#20260710##ADT*A04#C1#P#2.4").header;
        let found = ack(AckKind::Application, None, Defects::default(), &odd);
        assert!(found.starts_with("MSH#*!?@#HUB#ICE#PAS#HOSP#"), "{found}");
        assert!(
            found.contains("#ACK*A04*ACK#H1#P#2.4\rMSA#AA#C1"),
            "{found}"
        );
    }

    #[test]
    fn defects_of_acknowledgement_show() {
        let with = |defect| {
            ack(
                AckKind::Application,
                Some(&REJECTION),
                [defect].into_iter().collect(),
                &header(),
            )
        };
        assert!(with(Defect::WrongControlId).contains("MSA|AE|H1|"));
        assert!(with(Defect::ConstantAckControlId).contains("|ACK1|P|"));
        assert!(with(Defect::WrongAckVersion).contains("|P|2.3\r"));
        assert!(with(Defect::AckAaOnError).contains("MSA|AA|"));
        assert!(with(Defect::PhiInError).contains("Smith M1"));
        assert!(!with(Defect::AckAaOnError).contains("Smith"));
    }
}
