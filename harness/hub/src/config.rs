//! What an operator sets: where to listen, whom to talk to, where to keep things.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::{Offset, TimeZone};

use crate::defect::Defects;

/// Everything that the hub is told from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where HL7 v2 arrives over MLLP; port 0 takes a free one.
    pub mllp: SocketAddr,
    /// Where FHIR orders and status requests arrive over HTTP; port 0 takes a free one.
    pub http: SocketAddr,
    /// Base URL of the FHIR server, such as `http://127.0.0.1:4000/fhir`.
    pub ehr: String,
    /// Base URL of the ERP API, such as `http://127.0.0.1:4001/api/v2.0`.
    pub ledger: String,
    /// `host:port` of the pharmacy's MLLP listener.
    pub pharmacy: String,
    /// Directory of the embedded database; created when absent.
    pub state: PathBuf,
    /// Directory watched for batch files of charges; created when absent.
    pub charges: PathBuf,
    /// The zone of times that name none.
    pub timezone: Zone,
    /// How long a partner may take to answer one request.
    pub partner_timeout: Duration,
    /// First pause before a delivery is tried again; it doubles from there.
    pub backoff_first: Duration,
    /// Longest pause between two tries.
    pub backoff_max: Duration,
    /// Faults that are switched on.
    pub defects: Defects,
}

impl Config {
    /// A configuration with free loopback ports and the usual limits; the rest has no sensible default.
    pub fn new(
        ehr: impl Into<String>,
        ledger: impl Into<String>,
        pharmacy: impl Into<String>,
        state: impl Into<PathBuf>,
        charges: impl Into<PathBuf>,
    ) -> Self {
        let free_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            mllp: free_port,
            http: free_port,
            ehr: ehr.into(),
            ledger: ledger.into(),
            pharmacy: pharmacy.into(),
            state: state.into(),
            charges: charges.into(),
            timezone: Zone::default(),
            partner_timeout: Duration::from_secs(1),
            backoff_first: Duration::from_millis(20),
            backoff_max: Duration::from_millis(500),
            defects: Defects::default(),
        }
    }
}

/// A time zone: a fixed offset such as `+01:00`, or a name of the IANA database such as `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(pub(crate) TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

/// The text names no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an offset like +01:00 or a zone like Europe/Berlin")]
pub struct UnknownZone;

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(offset) = fixed_offset(text) {
            return Ok(Self(TimeZone::fixed(offset)));
        }
        TimeZone::get(text).map(Self).map_err(|_| UnknownZone)
    }
}

/// `Z`, `+hh:mm` or `+hhmm`, within a day of UTC.
pub(crate) fn fixed_offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits: String = digits
        .chars()
        .filter(|character| *character != ':')
        .collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits[2..].parse().ok()?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_offsets_or_names() {
        assert!("+01:00".parse::<Zone>().is_ok());
        assert!("-0530".parse::<Zone>().is_ok());
        assert!("Europe/Berlin".parse::<Zone>().is_ok());
        for wrong in ["", "+1", "+25:00", "+01:60", "Europe/Nowhere", "+ä0:0"] {
            assert_eq!(wrong.parse::<Zone>(), Err(UnknownZone), "{wrong}");
        }
    }
}
