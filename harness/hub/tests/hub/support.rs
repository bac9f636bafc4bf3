//! What the tests need around a hub: its process, its partners, and someone who sends.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// Far beyond what anything takes; reaching it fails the test.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a silence must last to count as one.
pub const SILENCE: Duration = Duration::from_millis(300);

/// One request that a partner received.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    /// Path and query, decoded.
    pub target: String,
    pub body: String,
}

/// EHR and ERP in one HTTP server that remembers, and fails as told.
#[derive(Default)]
pub struct Books {
    pub received: Mutex<Vec<Received>>,
    customers: Mutex<HashMap<String, Value>>,
    invoices: Mutex<HashMap<String, Value>>,
    /// Status for the next requests, and how many of them.
    fault: Mutex<(u16, usize)>,
    /// Invoices to create whose answer comes too late.
    pub lost_answers: AtomicUsize,
}

impl Books {
    /// Answers the next `count` requests with `status`.
    pub fn fail(&self, status: u16, count: usize) {
        *self.fault.lock().unwrap() = (status, count);
    }

    /// What came, as `METHOD target`, for targets that contain `part`.
    pub fn calls(&self, part: &str) -> Vec<String> {
        let received = self.received.lock().unwrap();
        received
            .iter()
            .map(|call| format!("{} {}", call.method, call.target))
            .filter(|call| call.contains(part))
            .collect()
    }

    /// Bodies of the requests of that method whose target contains `part`.
    pub fn bodies(&self, method: &str, part: &str) -> Vec<String> {
        let received = self.received.lock().unwrap();
        received
            .iter()
            .filter(|call| call.method == method && call.target.contains(part))
            .map(|call| call.body.clone())
            .collect()
    }

    fn answer(&self, method: &str, target: &str, body: &str) -> ResponseTemplate {
        let quoted = || target.split('\'').nth(1).unwrap_or_default().to_owned();
        let json_body = || serde_json::from_str::<Value>(body).unwrap_or_default();
        let found = |held: &Mutex<HashMap<String, Value>>| {
            let held = held.lock().unwrap().get(&quoted()).cloned();
            json!({ "value": held.into_iter().collect::<Vec<_>>() })
        };
        match method {
            _ if target.starts_with("/fhir/") => {
                ResponseTemplate::new(200).set_body_json(json_body())
            }
            "GET" if target.contains("/companies?") => {
                ResponseTemplate::new(200).set_body_json(json!({ "value": [{ "id": quoted() }] }))
            }
            "GET" if target.contains("/customers?") => {
                ResponseTemplate::new(200).set_body_json(found(&self.customers))
            }
            "GET" => ResponseTemplate::new(200).set_body_json(found(&self.invoices)),
            "POST" if target.ends_with("/customers") => {
                let mut customer = json_body();
                let number = customer["number"].as_str().unwrap_or_default().to_owned();
                if self.customers.lock().unwrap().contains_key(&number) {
                    return ResponseTemplate::new(400);
                }
                customer["id"] = json!(format!("id-{number}"));
                customer["@odata.etag"] = json!("W/\"1\"");
                self.customers
                    .lock()
                    .unwrap()
                    .insert(number, customer.clone());
                ResponseTemplate::new(201).set_body_json(customer)
            }
            "POST" if target.ends_with("/salesInvoices") => self.create_invoice(json_body()),
            "POST" => ResponseTemplate::new(204),
            _ => ResponseTemplate::new(200).set_body_json(json!({})),
        }
    }

    /// Totals in floats, which is good enough for the amounts of these tests.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "test amounts are small"
    )]
    fn create_invoice(&self, mut invoice: Value) -> ResponseTemplate {
        let (mut net, mut tax) = (0.0, 0.0);
        for line in invoice["salesInvoiceLines"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let amount = line["quantity"].as_f64().unwrap() * line["unitPrice"].as_f64().unwrap();
            net += amount;
            tax += amount * line["taxPercent"].as_f64().unwrap() / 100.0;
        }
        let cents = |amount: f64| (amount * 100.0 + 0.5 + 1e-9).floor() as i64;
        let text = |cents: i64| json!(cents as f64 / 100.0);
        invoice["id"] = json!("I1");
        invoice["status"] = json!("Draft");
        invoice["totalAmountExcludingTax"] = text(cents(net));
        invoice["totalTaxAmount"] = text(cents(tax));
        invoice["totalAmountIncludingTax"] = text(cents(net) + cents(tax));
        let number = invoice["externalDocumentNumber"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.invoices
            .lock()
            .unwrap()
            .insert(number, invoice.clone());
        let answer = ResponseTemplate::new(201).set_body_json(invoice);
        let is_lost = self
            .lost_answers
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if is_lost.is_ok() {
            answer.set_delay(Duration::from_secs(5))
        } else {
            answer
        }
    }
}

struct Responder(Arc<Books>);

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let query = request
            .url
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        let target = percent_decode(&format!("{}{query}", request.url.path()));
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let method = request.method.to_string();
        self.0.received.lock().unwrap().push(Received {
            method: method.clone(),
            target: target.clone(),
            body: body.clone(),
        });
        {
            let mut fault = self.0.fault.lock().unwrap();
            if fault.1 > 0 {
                fault.1 -= 1;
                return ResponseTemplate::new(fault.0);
            }
        }
        self.0.answer(&method, &target, &body)
    }
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == b'%' {
            let hexadecimal = std::str::from_utf8(&rest[..2]).unwrap();
            bytes.push(u8::from_str_radix(hexadecimal, 16).unwrap());
            rest = &rest[2..];
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// What the pharmacy does with the next messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pharmacy {
    /// Answers with this code.
    Answer(&'static str),
    /// Takes the message and closes without an answer.
    HangUp,
}

/// A pharmacy behind a real socket.
pub struct PharmacyDesk {
    pub address: String,
    pub orders: Arc<Mutex<Vec<String>>>,
    /// What to do with the next messages; afterwards AA.
    pub script: Arc<Mutex<Vec<Pharmacy>>>,
}

impl PharmacyDesk {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let orders: Arc<Mutex<Vec<String>>> = Arc::default();
        let script: Arc<Mutex<Vec<Pharmacy>>> = Arc::default();
        let (kept, plan) = (Arc::clone(&orders), Arc::clone(&script));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let message = read_frame(&mut stream).await.unwrap_or_default();
                let control_id = message.split('|').nth(9).unwrap_or_default().to_owned();
                kept.lock().unwrap().push(message);
                let next = {
                    let mut plan = plan.lock().unwrap();
                    if plan.is_empty() {
                        Pharmacy::Answer("AA")
                    } else {
                        plan.remove(0)
                    }
                };
                if let Pharmacy::Answer(code) = next {
                    let ack = format!(
                        "\x0bMSH|^~\\&|P|H|HUB|H|1||ACK^O11|9|P|2.5.1\rMSA|{code}|{control_id}\r\x1c\r"
                    );
                    let _ = stream.write_all(ack.as_bytes()).await;
                }
            }
        });
        Self {
            address,
            orders,
            script,
        }
    }
}

/// The payload of the next frame; `None` when the stream ends.
pub async fn read_frame(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        match timeout(PATIENCE, stream.read_u8())
            .await
            .expect("a frame in time")
        {
            Ok(0x0b) => bytes.clear(),
            Ok(0x1c) => {
                // The carriage return that closes the block.
                let _ = stream.read_u8().await;
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
            Ok(byte) => bytes.push(byte),
            Err(_) => return None,
        }
    }
}

/// A hub with all its partners.
pub struct House {
    pub books: Arc<Books>,
    pub pharmacy: PharmacyDesk,
    pub hub: Child,
    pub mllp: String,
    pub http: String,
    options: Vec<String>,
    folder: TempDir,
    _server: MockServer,
}

impl House {
    /// Starts everything; `defects` are switched on in the hub.
    pub async fn open(defects: &[&str]) -> Self {
        let server = MockServer::start().await;
        let books = Arc::new(Books::default());
        Mock::given(any())
            .respond_with(Responder(Arc::clone(&books)))
            .mount(&server)
            .await;
        let pharmacy = PharmacyDesk::open().await;
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut options: Vec<String> = [
            ("--ehr", format!("{}/fhir", server.uri())),
            ("--ledger", format!("{}/api/v2.0", server.uri())),
            ("--pharmacy", pharmacy.address.clone()),
            ("--state", path("state")),
            ("--charges", path("charges")),
            ("--timezone", "Europe/Berlin".to_owned()),
            ("--partner-timeout-ms", "400".to_owned()),
        ]
        .into_iter()
        .flat_map(|(key, value)| [key.to_owned(), value])
        .collect();
        for defect in defects {
            options.extend(["--defect".to_owned(), (*defect).to_owned()]);
        }
        let (hub, mllp, http) = start(&options).await;
        Self {
            books,
            pharmacy,
            hub,
            mllp,
            http,
            options,
            folder,
            _server: server,
        }
    }

    /// Kills the hub without warning and starts it again on the same state.
    pub async fn kill_and_restart(&mut self) {
        self.hub.kill().await.unwrap();
        (self.hub, self.mllp, self.http) = start(&self.options).await;
    }

    /// The watched folder.
    pub fn charges(&self) -> std::path::PathBuf {
        self.folder.path().join("charges")
    }

    /// Puts a batch file into the watched folder in one move.
    pub fn drop_batch(&self, name: &str, text: &str) {
        let parked = self.folder.path().join("parked");
        std::fs::write(&parked, text).unwrap();
        std::fs::rename(parked, self.charges().join(name)).unwrap();
    }

    /// A connection to the hub.
    pub async fn connect(&self) -> Sender {
        Sender(TcpStream::connect(&self.mllp).await.unwrap())
    }

    /// Sends one message on a connection of its own and gives the answer.
    pub async fn send(&self, message: &str) -> String {
        let mut sender = self.connect().await;
        sender.write(&frame(message)).await;
        sender.answer().await
    }

    /// Asks the hub over HTTP; gives status, headers in lower case, and body.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.http).await.unwrap();
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n");
        for (name, value) in headers {
            request.push_str(name);
            request.push_str(": ");
            request.push_str(value);
            request.push_str("\r\n");
        }
        let request = format!("{request}content-length: {}\r\n\r\n{body}", body.len());
        // The hub may answer and close before it has read a body that is too large.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .expect("an answer in time");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0);
        (status, head.to_lowercase(), body.to_owned())
    }

    /// Waits until the hub says that nothing is left to do; gives its status page.
    pub async fn settle(&self) -> Value {
        let wait = async {
            loop {
                let (status, _, body) = self.ask("GET", "/status", &[], "").await;
                if status == 200 {
                    return serde_json::from_str(&body).unwrap();
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, wait)
            .await
            .expect("the hub to become idle")
    }

    /// Waits until a condition holds.
    pub async fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let wait = async {
            while !holds() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, wait)
            .await
            .unwrap_or_else(|_| panic!("{what}"));
    }
}

async fn start(options: &[String]) -> (Child, String, String) {
    let mut hub = Command::new(env!("CARGO_BIN_EXE_wardgate-hub"))
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(hub.stdout.take().unwrap()).lines();
    let ready = timeout(PATIENCE, lines.next_line())
        .await
        .expect("readiness in time")
        .unwrap()
        .expect("a line");
    let address = |key: &str| {
        let (_, rest) = ready
            .split_once(key)
            .unwrap_or_else(|| panic!("{key} in {ready}"));
        rest.split(' ').next().unwrap().to_owned()
    };
    assert!(ready.starts_with("hub ready "), "{ready}");
    let addresses = (address("mllp="), address("http="));
    (hub, addresses.0, addresses.1)
}

/// One MLLP connection.
pub struct Sender(pub TcpStream);

impl Sender {
    pub async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// The next answer.
    pub async fn answer(&mut self) -> String {
        read_frame(&mut self.0).await.expect("an answer")
    }

    /// Whether the hub says nothing for a while, and keeps the connection open.
    pub async fn is_silent(&mut self) -> bool {
        timeout(SILENCE, self.0.read_u8()).await.is_err()
    }

    /// Whether the hub has closed the connection.
    pub async fn is_closed(&mut self) -> bool {
        timeout(PATIENCE, self.0.read_u8())
            .await
            .is_ok_and(|read| read.is_err())
    }
}

/// A message, written one segment a line, in its frame.
pub fn frame(message: &str) -> Vec<u8> {
    frame_bytes(
        message
            .trim()
            .lines()
            .map(str::trim)
            .collect::<Vec<_>>()
            .join("\r")
            .as_bytes(),
    )
}

pub fn frame_bytes(payload: &[u8]) -> Vec<u8> {
    [b"\x0b", payload, b"\r\x1c\r"].concat()
}

/// An MSH line of a message to the hub.
pub fn msh(kind: &str, control_id: &str) -> String {
    format!("MSH|^~\\&|PAS|HOSP|HUB|ICE|20260710101010||{kind}|{control_id}|P|2.5.1")
}

/// A registration of a patient.
pub fn a04(control_id: &str, mrn: &str) -> String {
    format!(
        "{}\nPID|1||{mrn}^^^HOSP^MR||O'Brien^Zoë||19800203|F",
        msh("ADT^A04^ADT_A01", control_id)
    )
}

/// A charge of 10.00 without tax.
pub fn p03(control_id: &str, mrn: &str) -> String {
    let msh = msh("DFT^P03^DFT_P03", control_id);
    format!(
        "{msh}\nPID|1||{mrn}^^^HOSP^MR||O'Brien^Zoë|||||||||||||ACC1\nFT1|1|T1||20260710||CG|X1^Visit|||1||10.00"
    )
}

/// A medication order.
pub fn order(identifier: &str, mrn: &str) -> String {
    json!({
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "identifier": [{ "system": "urn:o", "value": identifier }],
        "medicationCodeableConcept": { "text": "Paracetamol" },
        "subject": { "identifier": { "system": "urn:wardgate:HOSP:mrn", "value": mrn } },
        "dosageInstruction": [{ "doseAndRate": [{ "doseQuantity": { "value": 500, "unit": "mg" } }] }],
    })
    .to_string()
    .replace("500", "2.50")
}

/// Names of the files in a folder, sorted.
pub fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
