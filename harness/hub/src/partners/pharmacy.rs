//! The pharmacy: RDE^O11^RDE_O11 over MLLP (HL7 v2.5.1, chapter 4.13), one connection an order.
//!
//! A connection of its own costs little at the pace of orders, and an answer that comes too late can never be taken
//! for that to the next order.

use std::sync::Arc;
use std::time::Duration;

use er7::Separators;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Trouble;
use crate::defect::{Defect, Defects};
use crate::ids::Ids;
use crate::mllp::{self, FrameReader};
use crate::work::PharmacyOrder;

/// Largest answer that is read.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Client of the pharmacy.
pub struct Pharmacy {
    address: String,
    timeout: Duration,
    defects: Defects,
    ids: Arc<Ids>,
}

impl Pharmacy {
    /// A client of the pharmacy at `host:port`.
    pub fn new(address: String, timeout: Duration, defects: Defects, ids: Arc<Ids>) -> Self {
        Self {
            address,
            timeout,
            defects,
            ids,
        }
    }

    /// Sends an order and waits until the pharmacy has taken or refused it.
    pub async fn send(
        &self,
        facility: &str,
        mrn: &str,
        order: &PharmacyOrder,
    ) -> Result<(), Trouble> {
        self.exchange(facility, mrn, order, &order.control_id)
            .await?;
        if self.defects.has(Defect::OrderSentTwice) {
            self.exchange(facility, mrn, order, &self.ids.next('W'))
                .await?;
        }
        Ok(())
    }

    async fn exchange(
        &self,
        facility: &str,
        mrn: &str,
        order: &PharmacyOrder,
        control_id: &str,
    ) -> Result<(), Trouble> {
        let message = order_message(facility, mrn, order, control_id);
        let answer = tokio::time::timeout(self.timeout, self.ask(&message, control_id))
            .await
            .map_err(|_| Trouble::transient("pharmacy: no answer in time"))?
            .map_err(|_| Trouble::transient("pharmacy: connection failed"))?;
        match answer.as_str() {
            "AA" | "CA" => Ok(()),
            code => Err(Trouble::permanent(format!("pharmacy: {code}"))),
        }
    }

    /// MSA-1 of the answer to that control ID; answers to anything else are passed over.
    async fn ask(&self, message: &str, control_id: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        stream.write_all(&mllp::frame(message.as_bytes())).await?;
        let mut reader = FrameReader::new(ANSWER_BYTES_MAX);
        let mut buffer = vec![0; 4096];
        loop {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let mut input = &buffer[..count];
            while let Some(frame) = reader
                .next(&mut input)
                .map_err(|_| std::io::ErrorKind::InvalidData)?
            {
                if let Some(code) = answer_code(&frame, control_id) {
                    return Ok(code);
                }
            }
        }
    }
}

/// MSA-1 when the frame answers that control ID with a code of HL7 table 0008.
fn answer_code(frame: &[u8], control_id: &str) -> Option<String> {
    let message = er7::parse(&String::from_utf8_lossy(frame)).ok()?;
    let value = |path| message.query(path).ok().flatten();
    let code = value("MSA-1")
        .filter(|code| matches!(code.as_str(), "AA" | "AE" | "AR" | "CA" | "CE" | "CR"))?;
    (value("MSA-2").as_deref() == Some(control_id)).then_some(code)
}

/// The order message.
fn order_message(facility: &str, mrn: &str, order: &PharmacyOrder, control_id: &str) -> String {
    let placed = e(&order.placed);
    let coded =
        |[code, text, system]: &[String; 3]| format!("{}^{}^{}", e(code), e(text), e(system));
    let (dispensed, dispensed_units) = order
        .dispense
        .as_ref()
        .map_or((String::new(), String::new()), |[amount, units]| {
            (e(amount), e(units))
        });
    let refills = order
        .refills
        .map(|refills| refills.to_string())
        .unwrap_or_default();
    let interval = if order.timing.is_empty() {
        String::new()
    } else {
        format!("^{}", e(&order.timing))
    };
    let mut segments = vec![
        format!(
            "MSH|^~\\&|HUB|{facility}|PHARMACY|{facility}|{placed}||RDE^O11^RDE_O11|{control_id}|P|2.5.1||||||UNICODE UTF-8"
        ),
        format!(
            "PID|1||{}^^^{facility}^MR||{}^{}",
            e(mrn),
            e(&order.family),
            e(&order.given)
        ),
        format!("ORC|NW|{}|||||||{placed}", e(&order.placer)),
        format!(
            "RXE|{amount}{interval}|{}|{amount}||{}||{}|||{dispensed}|{dispensed_units}|{refills}",
            coded(&order.medicine),
            coded(&order.units),
            e(&order.instructions),
            amount = e(&order.amount),
        ),
    ];
    if let Some(route) = &order.route {
        segments.push(format!("RXR|{}", coded(route)));
    }
    let mut message = String::new();
    for segment in segments {
        message.push_str(segment.trim_end_matches(['|', '^']));
        message.push('\r');
    }
    message
}

/// Escapes a value for the default delimiters; the bytes that frame a message are written as hexadecimal escapes.
fn e(value: &str) -> String {
    er7::escape::escape(value, &Separators::default())
        .replace(char::from(mllp::SB), "\\X0B\\")
        .replace(char::from(mllp::EB), "\\X1C\\")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::Subject;

    fn text(parts: [&str; 3]) -> [String; 3] {
        parts.map(str::to_owned)
    }

    fn order() -> PharmacyOrder {
        PharmacyOrder {
            control_id: "W1".into(),
            placed: "20260710073000+0000".into(),
            placer: "RX|1".into(),
            subject: Subject::Mrn("M1".into()),
            family: "O'Brien & Søn".into(),
            given: "Zoë".into(),
            medicine: text(["N02BE01", "Paracetamol", "ATC"]),
            amount: "2.50".into(),
            units: text(["mg", "", "UCUM"]),
            timing: "BID".into(),
            instructions: "with\u{b}water".into(),
            dispense: Some(["30".into(), "tablet".into()]),
            refills: Some(2),
            route: Some(text(["PO", "by mouth", "HL70162"])),
        }
    }

    #[test]
    fn the_order_message_carries_the_order_digit_for_digit() {
        let message = order_message("HOSP", "M1", &order(), "W1");
        let parsed = er7::parse(&message).unwrap();
        let value = |path: &str| parsed.query(path).unwrap().unwrap_or_default();
        assert_eq!(value("MSH-9.3"), "RDE_O11");
        assert_eq!(value("MSH-10"), "W1");
        assert_eq!(value("PID-3.1"), "M1");
        assert_eq!(value("PID-5.1"), "O'Brien & Søn");
        assert_eq!(value("ORC-1"), "NW");
        assert_eq!(value("ORC-2"), "RX|1");
        assert_eq!(value("RXE-1.1"), "2.50");
        assert_eq!(value("RXE-1.2"), "BID");
        assert_eq!(value("RXE-2.1"), "N02BE01");
        assert_eq!(value("RXE-3"), "2.50");
        assert_eq!(value("RXE-5.1"), "mg");
        assert_eq!(value("RXE-7"), "with\u{b}water");
        assert_eq!(value("RXE-10"), "30");
        assert_eq!(value("RXE-11"), "tablet");
        assert_eq!(value("RXE-12"), "2");
        assert_eq!(value("RXR-1.1"), "PO");
        assert!(!message.contains(char::from(mllp::SB)));
    }

    #[test]
    fn only_the_answer_to_this_order_counts() {
        let answer = b"MSH|^~\\&|P|H|HUB|H|1||ACK|9|P|2.5.1\rMSA|AE|W1\r";
        assert_eq!(answer_code(answer, "W1").as_deref(), Some("AE"));
        assert_eq!(answer_code(answer, "W2"), None);
        assert_eq!(answer_code(b"noise", "W1"), None);
    }
}
