//! Why a message is refused, in words that carry nothing of its content.

/// HL7 table 0357, message error condition codes, as far as the hub uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// A required field is empty.
    RequiredFieldMissing,
    /// A value is not of the field's data type.
    DataTypeError,
    /// A code is not in the field's table.
    TableValueNotFound,
    /// The message type is not served.
    UnsupportedMessageType,
    /// The trigger event is not served.
    UnsupportedEventCode,
    /// The processing ID is not that of this system.
    UnsupportedProcessingId,
    /// The HL7 version is not served.
    UnsupportedVersionId,
    /// The message speaks of something that is not on record.
    UnknownKey,
    /// The message would create what is there already.
    DuplicateKey,
    /// The hub itself could not do its work.
    ApplicationInternalError,
}

impl ErrorCode {
    /// The code of the table.
    pub fn code(self) -> u16 {
        match self {
            Self::RequiredFieldMissing => 101,
            Self::DataTypeError => 102,
            Self::TableValueNotFound => 103,
            Self::UnsupportedMessageType => 200,
            Self::UnsupportedEventCode => 201,
            Self::UnsupportedProcessingId => 202,
            Self::UnsupportedVersionId => 203,
            Self::UnknownKey => 204,
            Self::DuplicateKey => 205,
            Self::ApplicationInternalError => 207,
        }
    }

    /// The meaning that the table gives.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::RequiredFieldMissing => "Required field missing",
            Self::DataTypeError => "Data type error",
            Self::TableValueNotFound => "Table value not found",
            Self::UnsupportedMessageType => "Unsupported message type",
            Self::UnsupportedEventCode => "Unsupported event code",
            Self::UnsupportedProcessingId => "Unsupported processing id",
            Self::UnsupportedVersionId => "Unsupported version id",
            Self::UnknownKey => "Unknown key identifier",
            Self::DuplicateKey => "Duplicate key identifier",
            Self::ApplicationInternalError => "Application internal error",
        }
    }
}

/// Who is at fault: the content (AE) or the message as such (AR).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Understood, and cannot be processed: AE or CE.
    Error,
    /// Not for this system: AR or CR.
    Reject,
}

/// A refusal. The text is written here and not taken from the message, so no patient data can slip in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejection {
    /// AE or AR.
    pub severity: Severity,
    /// Segment name; empty when the fault has no place.
    pub segment: &'static str,
    /// Which segment of that name, counted from 1.
    pub occurrence: usize,
    /// Field, counted from 1; 0 for the segment as a whole.
    pub field: usize,
    /// What kind of fault.
    pub code: ErrorCode,
    /// What a person should know.
    pub text: &'static str,
}

impl Rejection {
    /// An AE about the first segment of that name.
    pub const fn error(
        segment: &'static str,
        field: usize,
        code: ErrorCode,
        text: &'static str,
    ) -> Self {
        Self {
            severity: Severity::Error,
            segment,
            occurrence: 1,
            field,
            code,
            text,
        }
    }

    /// An AR about a field of MSH.
    pub const fn reject(field: usize, code: ErrorCode, text: &'static str) -> Self {
        Self {
            severity: Severity::Reject,
            segment: "MSH",
            occurrence: 1,
            field,
            code,
            text,
        }
    }

    /// An AR about the payload as a whole.
    pub const fn unreadable(text: &'static str) -> Self {
        Self {
            severity: Severity::Reject,
            segment: "",
            occurrence: 0,
            field: 0,
            code: ErrorCode::ApplicationInternalError,
            text,
        }
    }

    /// The same fault in the `occurrence`-th segment of its name, counted from 1.
    pub const fn at(mut self, occurrence: usize) -> Self {
        self.occurrence = occurrence;
        self
    }
}
