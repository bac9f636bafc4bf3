//! What a case does, in words.

use wardgate_contract::ast::Given;
use wardgate_core::{
    plan::{Act, Case, Delivery, Fate, Plan, Stimulus},
    port::{Control, Fault},
};

use crate::text;

/// What a case does, one line an act.
pub fn lines(plan: &Plan, case: &Case) -> Vec<String> {
    case.script
        .iter()
        .filter_map(|act| act_line(plan, case, act))
        .collect()
}

fn act_line(plan: &Plan, case: &Case, act: &Act) -> Option<String> {
    let partner = |index: usize| {
        plan.partners
            .get(index)
            .map_or("a partner", |partner| partner.name.as_str())
    };
    Some(match act {
        Act::Given(index) => given(case.given.get(*index)?),
        Act::Fault {
            partner: index,
            fault: what,
        } => format!("{} {}", partner(*index), fault(what)),
        Act::ClearFaults { partner: index } => format!("{} behaves again", partner(*index)),
        Act::Stimulus(index) => stimulus(plan, case.stimuli.get(*index)?),
        Act::Settle { replies_only: true } => String::from("wait for the reply"),
        Act::Settle { .. } => String::from("wait until everything promised has come, or is late"),
        Act::Barrier => String::from("wait until nothing more can come"),
        Act::Rest => String::from("wait until all that was sent so far has had its effects"),
        Act::Restart => String::from("kill the candidate and start it again"),
    })
}

fn given(given: &Given) -> String {
    match given {
        Given::Holds {
            partner,
            collection,
            records,
        } => format!(
            "{} already holds {} in {}",
            partner.value,
            text::count(records.len(), "record", "records"),
            collection.value
        ),
        Given::State { name, .. } => format!("the candidate is in the state '{}'", name.value),
    }
}

fn stimulus(plan: &Plan, stimulus: &Stimulus) -> String {
    let endpoint = plan
        .endpoints
        .get(stimulus.endpoint)
        .map_or("the candidate", |endpoint| endpoint.name.as_str());
    let mut line = match stimulus.repeats {
        Some(_) => format!("send the same {} to {endpoint} again", stimulus.protocol),
        None => format!("send {} to {endpoint}", stimulus.protocol),
    };
    if let Some(broken) = stimulus.malformation {
        line.push_str(", broken: ");
        line.push_str(broken);
    }
    line.push_str(match stimulus.delivery {
        Delivery::Whole => "",
        Delivery::Split => ", in two pieces",
        Delivery::Trickled => ", in many small pieces",
        Delivery::WithNext => ", in one write with the next",
        Delivery::WithPrevious => ", in one write with the one before",
    });
    if stimulus.fate == Fate::Lost {
        line.push_str("; its reply is lost on the way");
    }
    line
}

/// What a partner was told, in words that follow its name.
pub fn control(control: &Control) -> String {
    match control {
        Control::Fault(what) => fault(what),
        Control::ClearFaults => String::from("behaves again"),
        Control::Seed { collection, .. } => format!("is given a record in {collection}"),
        Control::Reset => String::from("is reset"),
    }
}

/// A fault, in words that follow the partner's name.
fn fault(fault: &Fault) -> String {
    let times = |attempts: u32| match attempts {
        u32::MAX => String::new(),
        attempts => format!(
            " for {}",
            text::count(attempts as usize, "attempt", "attempts")
        ),
    };
    match fault {
        Fault::Down { attempts } => format!("is down{}", times(*attempts)),
        Fault::Slow { by, attempts } => {
            format!("answers {} ms late{}", by.as_millis(), times(*attempts))
        }
        Fault::Refuse {
            with: Some(with),
            attempts,
        } => format!("refuses with {with}{}", times(*attempts)),
        Fault::Refuse { attempts, .. } => format!("refuses{}", times(*attempts)),
        Fault::LoseReply { attempts } => format!("loses its reply{}", times(*attempts)),
        Fault::Garble { attempts } => format!("garbles its reply{}", times(*attempts)),
    }
}
