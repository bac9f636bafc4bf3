//! From bytes in any pieces to what was taken in.

use proptest::prelude::*;
use wardgate_core::{
    port::{Effect, Input, Protocol, Reaction},
    wire::{FrameItem, Message, Transport},
};
use wardgate_expression::Json;
use wardgate_stub_hl7v2::Hl7v2;

use crate::partner::{CHANNEL, GOOD, Partner, moment};

/// What goes over the wire: a message by the number of its control ID, or a broken one.
#[derive(Clone, Debug)]
enum Sent {
    Message(u8),
    Broken,
}

fn payload(sent: &Sent) -> Vec<u8> {
    match sent {
        Sent::Message(number) => GOOD
            .replace("CZ00000000001", &format!("CZ000000000{number:02}"))
            .replace('\n', "\r")
            .into_bytes(),
        Sent::Broken => b"no message".to_vec(),
    }
}

/// Plays a stream in these pieces; what came of each frame, and what was kept.
fn play(stream: &[u8], sizes: &[usize]) -> (Vec<Reaction>, Vec<String>) {
    let Transport::Framed(framing) = Hl7v2.transport() else {
        panic!("it is framed")
    };
    let mut decoder = framing.decoder(1 << 20);
    let mut partner = Partner::new(Json::Null);
    let mut reactions = Vec::new();
    let mut rest = stream;
    let mut sizes = sizes.iter().copied().cycle();
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(sizes.next().unwrap_or(rest.len()).min(rest.len()));
        rest = later;
        decoder.push(piece);
        while let Some(item) = decoder.next_item() {
            let FrameItem::Frame { raw } = item else {
                panic!("{item:?}")
            };
            let message = Message::decode(Hl7v2.transport(), true, None, &raw).unwrap();
            let input = Input::Message {
                channel: CHANNEL,
                message: &message,
                current: true,
            };
            reactions.push(partner.stub.receive(moment(), input));
        }
    }
    assert_eq!(decoder.finish(), None);
    (reactions, partner.kept())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cut_of_any_messages_is_taken_in_alike(
        sent in prop::collection::vec(prop_oneof![4 => (0_u8..6).prop_map(Sent::Message), 1 => Just(Sent::Broken)], 0..12),
        sizes in prop::collection::vec(1_usize..400, 1..12),
    ) {
        let stream: Vec<u8> = sent
            .iter()
            .flat_map(|sent| Message::Frame(payload(sent).into()).encode(Hl7v2.transport()))
            .collect();
        let (whole, kept) = play(&stream, &[stream.len().max(1)]);
        prop_assert_eq!(&play(&stream, &sizes), &(whole.clone(), kept.clone()));
        prop_assert_eq!(whole.len(), sent.len());

        let mut expected = Vec::new();
        for sent in &sent {
            if let Sent::Message(number) = sent {
                let id = format!("CZ000000000{number:02}");
                if !expected.contains(&id) {
                    expected.push(id);
                }
            }
        }
        prop_assert_eq!(&kept, &expected);
        let accepted: Vec<&Effect> = whole.iter().flat_map(|reaction| &reaction.effects).collect();
        prop_assert_eq!(accepted.len(), expected.len());
    }
}
