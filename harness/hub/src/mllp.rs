//! MLLP framing (HL7 Transport Specification: MLLP, release 1): SB, payload, EB, CR.

/// Start of block.
pub const SB: u8 = 0x0b;
/// End of block.
pub const EB: u8 = 0x1c;
/// Carriage return that closes a block.
pub const CR: u8 = 0x0d;

/// Wraps a payload into a frame.
pub fn frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(payload.len() + 3);
    frame.push(SB);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&[EB, CR]);
    frame
}

/// A frame grew beyond the limit; the stream cannot be trusted any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameTooLarge;

/// Finds frames in a byte stream, however it is cut.
///
/// Bytes before SB are skipped. A frame ends at EB, so a sender that leaves the final CR out is understood; a CR that
/// follows is skipped like any byte between frames. An SB inside a frame starts it anew: the sender gave up the first.
#[derive(Debug)]
pub struct FrameReader {
    payload: Vec<u8>,
    in_frame: bool,
    payload_max: usize,
}

impl FrameReader {
    /// A reader that refuses payloads of more than `payload_max` bytes.
    pub fn new(payload_max: usize) -> Self {
        Self {
            payload: Vec::new(),
            in_frame: false,
            payload_max,
        }
    }

    /// Takes the next bytes from the front of `input`, up to the end of one frame, and gives its payload.
    ///
    /// `Ok(None)` means that `input` is used up and more is needed.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, FrameTooLarge> {
        while let Some((&byte, rest)) = input.split_first() {
            if !self.in_frame {
                match input.iter().position(|byte| *byte == SB) {
                    None => *input = &[],
                    Some(at) => {
                        *input = &input[at + 1..];
                        self.in_frame = true;
                    }
                }
                continue;
            }
            match byte {
                SB => {
                    *input = rest;
                    self.payload.clear();
                }
                EB => {
                    *input = rest;
                    self.in_frame = false;
                    return Ok(Some(std::mem::take(&mut self.payload)));
                }
                _ => {
                    let run = input
                        .iter()
                        .position(|byte| matches!(*byte, SB | EB))
                        .unwrap_or(input.len());
                    if self.payload.len() + run > self.payload_max {
                        return Err(FrameTooLarge);
                    }
                    self.payload.extend_from_slice(&input[..run]);
                    *input = &input[run..];
                }
            }
        }
        Ok(None)
    }

    /// Whether a frame has begun and not ended.
    pub fn is_mid_frame(&self) -> bool {
        self.in_frame
    }

    /// Forgets a frame that has begun.
    pub fn forget(&mut self) {
        self.in_frame = false;
        self.payload.clear();
    }

    /// The bytes of the frame that has begun.
    pub fn partial(&self) -> &[u8] {
        &self.payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(reader: &mut FrameReader, mut input: &[u8]) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        while let Ok(Some(frame)) = reader.next(&mut input) {
            frames.push(frame);
        }
        frames
    }

    #[test]
    fn garbage_before_a_frame_and_a_missing_final_cr_are_survived() {
        let mut reader = FrameReader::new(100);
        let stream = b"junk\n\x0bMSH|1\x1c\x0bMSH|2\x1c\r\rmore\x0bMSH|3\x1c\r";
        assert_eq!(
            read_all(&mut reader, stream),
            [b"MSH|1", b"MSH|2", b"MSH|3"]
        );
    }

    #[test]
    fn a_new_start_gives_up_the_old_frame() {
        let mut reader = FrameReader::new(100);
        assert_eq!(
            read_all(&mut reader, b"\x0bMSH|lost\x0bMSH|kept\x1c\r"),
            [b"MSH|kept"]
        );
    }

    #[test]
    fn a_payload_beyond_the_limit_is_refused() {
        let mut reader = FrameReader::new(4);
        let mut input: &[u8] = b"\x0b12345";
        assert_eq!(reader.next(&mut input), Err(FrameTooLarge));
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_frames(
            payloads in prop::collection::vec(prop::collection::vec(0x20_u8.., 0..40), 0..5),
            cuts in prop::collection::vec(0_usize..400, 0..8),
        ) {
            let stream: Vec<u8> = payloads.iter().flat_map(|payload| frame(payload)).collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let mut reader = FrameReader::new(1000);
            let mut found = Vec::new();
            for pair in cuts.windows(2) {
                found.extend(read_all(&mut reader, &stream[pair[0]..pair[1]]));
            }
            prop_assert_eq!(found, payloads);
        }
    }
}
