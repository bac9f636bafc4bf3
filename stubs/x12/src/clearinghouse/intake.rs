//! Taking an interchange in: TA1 and 999 say whether it can be read, 277CA what became of its claims.

use std::sync::Arc;

use bytes::Bytes;
use wardgate_core::port::{Effect, Moment, Verb};

use super::adjudicate::adjudicate;
use super::claim::{self, Claim, Placed, own};
use super::claim_acknowledgement::{self, Batch, Entry};
use super::eligibility;
use super::journal::Answered;
use super::judgement::{Faults, Judgement};
use super::letter::{Correspondents, Heading, Stamp};
use super::server::Clearinghouse;
use super::settle::Due;
use super::status;
use super::store::Row;
use crate::acknowledge::{self, Answer, GroupAnswer, InterchangeOutcome, SetOutcome};
use crate::contract::kind;
use crate::envelope::{Envelope, Group, Transaction};
use crate::interchange::{File, Interchange};
use crate::matching::Tree;
use crate::validate;
use crate::write::WriteError;

/// What came of the interchanges of one message.
#[derive(Debug, Default)]
pub(super) struct Intake {
    /// What each interchange is answered, in order.
    pub(super) answers: Vec<Answered>,
    pub(super) effects: Vec<Effect>,
    /// Whether an 837 was taken in just now.
    pub(super) has_claims: bool,
}

impl Clearinghouse {
    /// Takes in all interchanges of a body. The error says why there are none, or why no answer can be written.
    pub(super) fn take_in(&mut self, at: Moment, bytes: &Bytes) -> Result<Intake, String> {
        let file = File::parse(bytes).map_err(|error| error.to_string())?;
        let mut intake = Intake::default();
        for interchange in file.interchanges() {
            self.interchange(at, bytes, interchange, &mut intake)
                .map_err(|error| format!("no answer can be written: {error}"))?;
        }
        Ok(intake)
    }

    fn interchange(
        &mut self,
        at: Moment,
        bytes: &Bytes,
        interchange: &Interchange<'_>,
        intake: &mut Intake,
    ) -> Result<(), WriteError> {
        let envelope = Envelope::read(interchange);
        let first = self.journal.first(&envelope);
        let is_repeated = first.is_some();
        if let Some(first) = first
            && !self.settings.refuse_replays
            && first.raw.trim_ascii_end() == interchange.raw().trim_ascii_end()
        {
            intake.answers.push(first.answered.clone());
            return Ok(());
        }
        let stamp = Stamp::of(at);
        let answer = Answer::to(interchange, &settings(&stamp, 0, is_repeated));
        let text = |number: usize| envelope.header.text(number).unwrap_or_default().trim_end();
        let mut answered = Answered {
            submitter: text(6).to_owned(),
            ..Answered::default()
        };
        if answer.has_ta1() {
            let number = self.control_number();
            let bytes = answer.ta1(&settings(&stamp, number, is_repeated))?;
            answered.interchange = Some(Bytes::from(bytes));
        }
        if answer.interchange.outcome == InterchangeOutcome::Rejected {
            intake.answers.push(answered);
            return Ok(());
        }
        if !is_answered_by_content(&answer.groups) {
            let number = self.control_number();
            let bytes = answer.acknowledgement(&settings(&stamp, number, is_repeated))?;
            answered.groups = bytes.map(Bytes::from);
        }
        let groups = envelope
            .groups
            .iter()
            .filter(|group| group.header.is_some() && group.functional_id() != "FA");
        let effects_before = intake.effects.len();
        for (group, said) in groups.zip(&answer.groups) {
            let to = Correspondents::of(interchange, &envelope, group);
            self.group(at, &stamp, &to, group, said, &mut answered, intake)?;
        }
        // What is refused as a whole leaves no trace, so that it can come again when it is right.
        let is_taken =
            answer.groups.is_empty() || answer.groups.iter().any(|group| group.outcome != "R");
        if is_taken {
            let kinds = envelope
                .transactions()
                .map(|(group, set)| kind::of_set(group, set));
            let subject = kinds.fold(String::new(), |all, kind| {
                if all.is_empty() { kind.to_owned() } else { all }
            });
            let effect = Effect {
                verb: Verb::Accepted,
                subject: if subject.is_empty() {
                    String::from("TA1")
                } else {
                    subject
                },
                keys: Vec::new(),
            };
            intake.effects.insert(effects_before, effect);
            let start = interchange.offset();
            let raw = bytes.slice(start..interchange.end());
            self.journal.keep(at, &envelope, raw, answered.clone());
        }
        intake.answers.push(answered);
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one step of taking an interchange in"
    )]
    fn group(
        &mut self,
        at: Moment,
        stamp: &Stamp,
        to: &Correspondents,
        group: &Group<'_>,
        said: &GroupAnswer<'_>,
        answered: &mut Answered,
        intake: &mut Intake,
    ) -> Result<(), WriteError> {
        if said.outcome == "R" {
            return Ok(());
        }
        let sets = group.transactions.iter().zip(&said.sets);
        let sets = sets.filter(|(_, said)| said.outcome != SetOutcome::Rejected);
        let (mut batches, mut due) = (Vec::new(), Vec::new());
        let (mut eligibility, mut status) = (Vec::new(), Vec::new());
        for (set, _) in sets {
            let Some(tree) = tree(group, set) else {
                continue;
            };
            match set.id() {
                "837" => {
                    let kind = kind::of_set(group, set);
                    batches.push(self.claims(at, to, &tree, kind, &mut due, &mut intake.effects));
                }
                "270" => eligibility.push(tree),
                "276" => status.push(tree),
                _ => {}
            }
        }
        if !batches.is_empty() {
            intake.has_claims = true;
            let heading = self.heading(
                to,
                stamp,
                claim_acknowledgement::FUNCTIONAL_ID,
                claim_acknowledgement::VERSION,
            );
            let bytes = claim_acknowledgement::write(&heading, &batches)?;
            answered.content.push(("277CA", Bytes::from(bytes)));
            intake.effects.extend(self.settle(at, to, stamp, due));
        }
        if !eligibility.is_empty() {
            let heading = self.heading(to, stamp, eligibility::FUNCTIONAL_ID, eligibility::VERSION);
            let find = |payer: &str, id: &str| self.member(payer, id);
            let bytes = eligibility::write(&heading, &eligibility, &find)?;
            answered.content.push(("271", Bytes::from(bytes)));
        }
        if !status.is_empty() {
            let heading = self.heading(to, stamp, status::FUNCTIONAL_ID, status::VERSION);
            let find = |named: status::Named<'_>| self.claims.find(named);
            let bytes = status::write(&heading, &status, &find)?;
            answered.content.push(("277", Bytes::from(bytes)));
        }
        Ok(())
    }

    fn heading<'h>(
        &mut self,
        to: &'h Correspondents,
        stamp: &'h Stamp,
        functional_id: &'static str,
        version: &'static str,
    ) -> Heading<'h> {
        Heading {
            to,
            stamp,
            control_number: self.control_number(),
            functional_id,
            version,
        }
    }

    /// Takes in the claims of one 837.
    fn claims(
        &mut self,
        at: Moment,
        to: &Correspondents,
        tree: &Tree<'_>,
        kind: &str,
        due: &mut Vec<Due>,
        effects: &mut Vec<Effect>,
    ) -> Batch {
        let findings = validate::tree(tree);
        let faults = Faults::of(tree, &findings);
        let name = |id: &str| {
            let at = tree.within(0, id).next();
            let name = at.and_then(|at| own(tree, at, "NM1"));
            let text = |place| name.map_or_else(String::new, |name| claim::text(&name, place));
            (text(3), text(9), text(2))
        };
        let (submitter, receiver) = (name("1000A"), name("1000B"));
        let reference =
            own(tree, 0, "BHT").map_or_else(String::new, |found| claim::text(&found, 3));
        let mut batch = Batch {
            reference,
            submitter: (submitter.0, submitter.1),
            receiver: (receiver.0, receiver.1),
            submitter_type: submitter.2,
            entries: Vec::new(),
        };
        for placed in claim::of(tree, kind) {
            let judgement = self.judge(tree, &faults, &placed);
            let entry = self.claim(at, to, Arc::new(placed.claim), judgement, due, effects);
            batch.entries.push(entry);
        }
        batch
    }

    /// What becomes of a claim before it is adjudicated.
    fn judge(&self, tree: &Tree<'_>, faults: &Faults<'_>, placed: &Placed) -> Judgement {
        if let Some(judgement) = faults.judge(tree, placed) {
            return judgement;
        }
        let claim = &placed.claim;
        if replaces(claim) {
            if self.claims.original(claim).is_none() {
                return Judgement::unknown_original();
            }
        } else if !self.settings.accept_duplicates && self.claims.has_duplicate(claim) {
            return Judgement::duplicate();
        }
        if self.settings.strict_members && self.member(&claim.payer.id, claim.member()).is_none() {
            return Judgement::unknown_member();
        }
        Judgement::accepted()
    }

    /// Holds a claim, and adjudicates it where it is accepted. A duplicate has no effect.
    fn claim(
        &mut self,
        at: Moment,
        to: &Correspondents,
        claim: Arc<Claim>,
        judgement: Judgement,
        due: &mut Vec<Due>,
        effects: &mut Vec<Effect>,
    ) -> Entry {
        let mut entry = Entry {
            claim: claim.clone(),
            judgement,
            payer_claim: String::new(),
        };
        if entry.judgement == Judgement::duplicate() {
            return entry;
        }
        let is_accepted = entry.judgement.is_accepted();
        if is_accepted {
            entry.payer_claim = self.identifiers.token().to_ascii_uppercase();
        }
        let is_void = claim.frequency == "8";
        if is_accepted && replaces(&claim) {
            self.take_back(at, &claim, due, effects);
        }
        let adjudication =
            (is_accepted && !is_void).then(|| adjudicate(&claim, &self.settings.rules));
        let row = Row::new(
            claim,
            entry.judgement.clone(),
            adjudication,
            entry.payer_claim.clone(),
            &to.sender.1,
            at,
        );
        let number = self.claims.keep(row);
        if let Some(row) = self.claims.get(number) {
            effects.push(Effect {
                verb: Verb::Created,
                subject: format!("claims/{}", row.id),
                keys: Some(entry.payer_claim.clone())
                    .filter(|key| !key.is_empty())
                    .into_iter()
                    .collect(),
            });
            due.extend(Due::payment(number, row));
        }
        entry
    }

    /// Takes back what was decided of the claim that this one replaces or voids.
    fn take_back(
        &mut self,
        at: Moment,
        claim: &Claim,
        due: &mut Vec<Due>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(number) = self.claims.original(claim) else {
            return;
        };
        let Some(row) = self.claims.get(number).cloned() else {
            return;
        };
        due.extend(Due::reversal(number, &row));
        let status = if claim.frequency == "8" {
            "void"
        } else {
            "replaced"
        };
        self.claims.change(number, at, |row| row.status = status);
        effects.push(Effect {
            verb: Verb::Updated,
            subject: format!("claims/{}", row.id),
            keys: Vec::new(),
        });
    }
}

/// Whether a claim replaces or voids another one (CLM05-3 of 7 or 8).
fn replaces(claim: &Claim) -> bool {
    matches!(claim.frequency.as_str(), "7" | "8")
}

/// Whether what is asked in real time is answered by itself: an inquiry that is accepted has no 999 (CAQH CORE
/// Eligibility and Benefits Infrastructure Rule, section on real time acknowledgements).
fn is_answered_by_content(groups: &[GroupAnswer<'_>]) -> bool {
    !groups.is_empty()
        && groups.iter().all(|group| {
            group.outcome == "A" && group.sets.iter().all(|set| matches!(set.id, "270" | "276"))
        })
}

fn tree<'a>(group: &Group<'a>, set: &Transaction<'a>) -> Option<Tree<'a>> {
    Some(Tree::build(set, validate::guide(group, set)?))
}

fn settings(stamp: &Stamp, control_number: u32, is_repeated: bool) -> acknowledge::Settings<'_> {
    acknowledge::Settings {
        date: &stamp.date,
        time: &stamp.time,
        control_number,
        tolerated: &[],
        is_repeated,
    }
}
