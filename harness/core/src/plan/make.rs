//! Making a plan: which contracts, which cases, in which order.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use sha2::{Digest, Sha256};
use wardgate_contract::{
    Span,
    ast::{Contract, Interaction, Property, Step, Variation, VariationKind},
};
use wardgate_synth::Seed;

use super::{
    Case, CaseKind, Endpoint, Limits, Partner, Plan, PropertyCase,
    expand::{Expanded, Lookup, expand, expand_property, title},
};
use crate::port::Catalog;

/// What a plan is made from.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The contracts.
    pub contracts: Vec<Arc<Contract>>,
    /// The run's one seed.
    pub seed: u64,
    /// The run's logical start, in milliseconds since 1970-01-01T00:00:00Z.
    pub started_unix_ms: i64,
    /// Which of their cases.
    pub selection: Selection,
    /// Which part of those.
    pub shard: Option<Shard>,
    /// How many attempts each property makes, in place of what it says.
    pub property_cases: Option<u32>,
    /// Bounds on waiting.
    pub limits: Limits,
    /// Seeds of earlier failures of properties (`contract`, `property`, seed), tried first.
    pub regressions: Vec<(String, String, u64)>,
    /// Partners that the candidate needs whether or not a contract names them.
    pub partners: Vec<Partner>,
}

/// Which cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only those whose name contains this text.
    pub filter: Option<String>,
    /// Only those of this workflow.
    pub workflow: Option<String>,
    /// Only the one of exactly this name.
    pub case: Option<String>,
}

/// One part of a plan: every `of`-th case beginning with the `index`-th, both counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from one.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

/// Why no plan could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No case is left to run.
    #[error("there is nothing to run: {reason}")]
    Nothing {
        /// Why not.
        reason: String,
    },
    /// A contract cannot be planned.
    #[error("{place}: {message}")]
    Contract {
        /// `file:line`.
        place: String,
        /// The same place, in bytes of the contract's text.
        span: Span,
        /// What is wrong there.
        message: String,
    },
}

/// Makes a plan.
pub fn make(request: Request, catalog: &Catalog) -> Result<Plan, PlanError> {
    let mut contracts = request.contracts.clone();
    contracts.sort_by(|left, right| left.id.value.cmp(&right.id.value));
    if contracts.is_empty() {
        return Err(nothing("no contract was found"));
    }
    if let Some(pair) = contracts
        .windows(2)
        .find(|pair| pair[0].id.value == pair[1].id.value)
    {
        return Err(fault(
            &pair[1],
            pair[1].id.span,
            format!(
                "the contract id '{}' is already taken by {}",
                pair[1].id.value, pair[0].source.name
            ),
        ));
    }
    let partners = partners(&contracts, &request.partners)?;
    let endpoints = endpoints(&contracts);
    let mut cases = Vec::new();
    for (index, contract) in contracts.iter().enumerate() {
        let planner = Planner {
            request: &request,
            catalog,
            partners: &partners,
            endpoints: &endpoints,
            contract,
            index,
        };
        planner
            .cases(&mut cases)
            .map_err(|(span, message)| fault(contract, span, message))?;
    }
    if let Some(twin) = first_twin(&cases) {
        return Err(fault(
            &contracts[twin.contract],
            twin.span,
            format!("two cases are called '{}'", twin.name),
        ));
    }
    let chosen: Vec<usize> = cases
        .iter()
        .filter(|case| chosen(&request.selection, &contracts[case.contract], case))
        .map(|case| case.index)
        .collect();
    if chosen.is_empty() {
        return Err(nothing(&format!(
            "none of the {} cases fits {}",
            cases.len(),
            describe(&request.selection)
        )));
    }
    let selected = match request.shard {
        None => chosen,
        Some(shard) => chosen
            .into_iter()
            .enumerate()
            .filter(|(position, _)| position % shard.of == shard.index - 1)
            .map(|(_, case)| case)
            .collect(),
    };
    let digest = digest(&request, &contracts, &partners);
    Ok(Plan {
        seed: request.seed,
        started_unix_ms: request.started_unix_ms,
        contracts,
        partners,
        endpoints,
        cases,
        selected,
        shard: request.shard,
        limits: request.limits,
        digest,
    })
}

fn nothing(reason: &str) -> PlanError {
    PlanError::Nothing {
        reason: reason.to_owned(),
    }
}

fn fault(contract: &Contract, span: Span, message: String) -> PlanError {
    PlanError::Contract {
        place: contract.source.place(span.start),
        span,
        message,
    }
}

fn describe(selection: &Selection) -> String {
    let mut parts = Vec::new();
    if let Some(filter) = &selection.filter {
        parts.push(format!("the filter '{filter}'"));
    }
    if let Some(workflow) = &selection.workflow {
        parts.push(format!("the workflow '{workflow}'"));
    }
    if let Some(case) = &selection.case {
        parts.push(format!("the exact name '{case}'"));
    }
    if parts.is_empty() {
        parts.push(String::from("the selection"));
    }
    parts.join(" and ")
}

fn chosen(selection: &Selection, contract: &Contract, case: &Case) -> bool {
    selection
        .filter
        .as_ref()
        .is_none_or(|filter| case.name.contains(filter.as_str()))
        && selection
            .workflow
            .as_ref()
            .is_none_or(|workflow| contract.workflow.value == *workflow)
        && selection
            .case
            .as_ref()
            .is_none_or(|name| case.name == *name)
}

fn first_twin(cases: &[Case]) -> Option<&Case> {
    let mut names = std::collections::HashSet::new();
    cases.iter().find(|case| !names.insert(case.name.as_str()))
}

/// The partners of all contracts and of the candidate; one name is one protocol.
fn partners(contracts: &[Arc<Contract>], extra: &[Partner]) -> Result<Vec<Partner>, PlanError> {
    let mut known: BTreeMap<String, Partner> = extra
        .iter()
        .map(|partner| (partner.name.clone(), partner.clone()))
        .collect();
    let mut said: BTreeMap<String, &Arc<Contract>> = BTreeMap::new();
    for contract in contracts {
        for written in &contract.partners {
            let partner = Partner {
                name: written.name.value.clone(),
                protocol: written.protocol.value.clone(),
                options: written.options.to_json(),
            };
            let Some(first) = known.get(&partner.name) else {
                said.insert(partner.name.clone(), contract);
                known.insert(partner.name.clone(), partner);
                continue;
            };
            if first.protocol != partner.protocol {
                return Err(fault(
                    contract,
                    written.protocol.span,
                    format!(
                        "the partner '{}' is played by '{}' here and by '{}' elsewhere in this run; one partner speaks one protocol",
                        partner.name, partner.protocol, first.protocol
                    ),
                ));
            }
            match said.get(&partner.name) {
                None => {
                    said.insert(partner.name.clone(), contract);
                    // What the candidate needs it leaves to the contracts to describe.
                    known.insert(partner.name.clone(), partner);
                }
                Some(other) if first.options != partner.options => {
                    return Err(fault(
                        contract,
                        written.name.span,
                        format!(
                            "the partner '{}' has other options in {}, and contracts of one run share it: say the same in both, or run them apart",
                            partner.name, other.source.name
                        ),
                    ));
                }
                Some(_) => {}
            }
        }
    }
    Ok(known.into_values().collect())
}

/// The endpoints that stimuli go to; one name is one protocol's transport.
fn endpoints(contracts: &[Arc<Contract>]) -> Vec<Endpoint> {
    let mut known: BTreeMap<String, Endpoint> = BTreeMap::new();
    for contract in contracts {
        let steps = contract
            .interactions
            .iter()
            .flat_map(|interaction| &interaction.steps)
            .chain(
                contract
                    .properties
                    .iter()
                    .flat_map(|property| &property.steps),
            );
        for send in steps.filter_map(|step| step.send.as_ref()) {
            let name = &send.to.as_ref().unwrap_or(&send.protocol).value;
            known.entry(name.clone()).or_insert_with(|| Endpoint {
                name: name.clone(),
                protocol: send.protocol.value.clone(),
            });
        }
    }
    known.into_values().collect()
}

fn digest(request: &Request, contracts: &[Arc<Contract>], partners: &[Partner]) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part("wardgate-plan 2");
    part(&request.seed.to_string());
    for contract in contracts {
        part(&contract.id.value);
        part(&contract.source.text);
    }
    for partner in partners {
        part(&format!("{partner:?}"));
    }
    part(&format!("{:?}", request.selection));
    part(&format!("{:?}", request.property_cases));
    part(&format!("{:?}", request.limits));
    part(&format!("{:?}", request.regressions));
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

struct Planner<'a> {
    request: &'a Request,
    catalog: &'a Catalog,
    partners: &'a [Partner],
    endpoints: &'a [Endpoint],
    contract: &'a Contract,
    index: usize,
}

impl Planner<'_> {
    fn cases(&self, cases: &mut Vec<Case>) -> Result<(), (Span, String)> {
        for interaction in &self.contract.interactions {
            self.example(interaction, None, None, cases)?;
            for (index, variation) in interaction.variations.iter().enumerate() {
                if interaction.variations[..index]
                    .iter()
                    .any(|earlier| is_same(earlier, variation))
                {
                    return Err((
                        variation.span,
                        format!(
                            "two cases are called '{} :: {} [{}]'",
                            self.contract.id.value,
                            interaction.name.value,
                            title(variation, None)
                        ),
                    ));
                }
                if variation.kind == VariationKind::MalformedInput {
                    for form in self.malformations(&interaction.steps, variation)? {
                        self.example(interaction, Some(variation), Some(form), cases)?;
                    }
                } else {
                    self.example(interaction, Some(variation), None, cases)?;
                }
            }
        }
        for property in &self.contract.properties {
            self.property(property, cases)?;
        }
        Ok(())
    }

    fn malformations(
        &self,
        steps: &[Step],
        variation: &Variation,
    ) -> Result<Vec<&'static str>, (Span, String)> {
        let send = steps
            .iter()
            .rev()
            .filter(|step| {
                variation.at.as_ref().is_none_or(|at| {
                    step.name
                        .as_ref()
                        .is_some_and(|name| name.value == at.value)
                })
            })
            .find_map(|step| step.send.as_ref())
            .ok_or_else(|| {
                (
                    variation.span,
                    String::from("there is no sending step that this variation could be done to"),
                )
            })?;
        let protocol = self.catalog.get(&send.protocol.value).ok_or_else(|| {
            (
                send.protocol.span,
                format!("there is no protocol '{}'", send.protocol.value),
            )
        })?;
        let forms = protocol.forms_of(&send.body);
        if forms.is_empty() {
            return Err((
                variation.span,
                format!(
                    "'malformed input' has nothing to break here: no broken form of '{}' fits this message (one without a \
                     body has none); leave the variation out, or name a step that has a body with 'at'",
                    protocol.name()
                ),
            ));
        }
        Ok(forms)
    }

    fn example(
        &self,
        interaction: &Interaction,
        variation: Option<&Variation>,
        malformation: Option<&'static str>,
        cases: &mut Vec<Case>,
    ) -> Result<(), (Span, String)> {
        let given: Vec<_> = [&self.contract.given[..], &interaction.given[..]].concat();
        let expanded = self.with_lookup(|lookup| {
            expand(&given, &interaction.steps, variation, malformation, lookup)
        })?;
        let name = match variation {
            None => interaction.name.value.clone(),
            Some(variation) => format!(
                "{} [{}]",
                interaction.name.value,
                title(variation, malformation)
            ),
        };
        // The same variation with other numbers is another case.
        let mut unique = name.clone();
        let mut number = 2;
        while variation.is_some()
            && cases
                .iter()
                .any(|known| known.contract == self.index && known.title == unique)
        {
            unique = format!("{} ({number})]", name.trim_end_matches(']'));
            number += 1;
        }
        let name = unique;
        let span = variation.map_or(interaction.name.span, |variation| variation.span);
        let kind = CaseKind::Example {
            variation: variation.map(|variation| variation.kind.clone()),
        };
        cases.push(self.case(name, kind, given.into(), expanded, span, cases.len()));
        Ok(())
    }

    fn property(&self, property: &Property, cases: &mut Vec<Case>) -> Result<(), (Span, String)> {
        let given: Vec<_> = [&self.contract.given[..], &property.given[..]].concat();
        let holds = property
            .holds
            .as_ref()
            .map(|text| {
                super::check::expression(&text.value, text.span)
                    .map(|expression| (expression, text.span))
            })
            .transpose()?;
        let expanded =
            self.with_lookup(|lookup| expand_property(&given, &property.steps, holds, lookup))?;
        let seeds = self
            .request
            .regressions
            .iter()
            .filter(|(contract, name, _)| {
                *contract == self.contract.id.value && *name == property.name.value
            })
            .map(|(_, _, seed)| *seed)
            .collect();
        let kind = CaseKind::Property(PropertyCase {
            forall: property
                .forall
                .iter()
                .map(|(name, generator)| (name.value.clone(), generator.value.clone()))
                .collect(),
            cases: self.request.property_cases.unwrap_or(property.cases).max(1),
            regressions: seeds,
            shrink_attempts: self.request.limits.shrink_attempts,
        });
        for (_, generator) in &property.forall {
            let found = super::property::find(self.catalog, &generator.value);
            found
                .map_err(|message| (generator.span, message))
                .map(drop)?;
        }
        cases.push(self.case(
            property.name.value.clone(),
            kind,
            given.into(),
            expanded,
            property.name.span,
            cases.len(),
        ));
        Ok(())
    }

    fn with_lookup<T>(&self, with: impl FnOnce(&Lookup<'_>) -> T) -> T {
        with(&Lookup {
            catalog: self.catalog,
            limits: &self.request.limits,
            partner: &|name| {
                self.partners
                    .iter()
                    .position(|partner| partner.name == name)
            },
            passes: &|name, with| {
                self.partners
                    .iter()
                    .find(|partner| partner.name == name)
                    .and_then(|partner| self.catalog.get(&partner.protocol))
                    .is_some_and(|protocol| protocol.is_passing_refusal(with))
            },
            endpoint: &|name| {
                self.endpoints
                    .iter()
                    .position(|endpoint| endpoint.name == name)
                    .unwrap_or(usize::MAX)
            },
        })
    }

    fn case(
        &self,
        title: String,
        kind: CaseKind,
        given: Arc<[wardgate_contract::ast::Given]>,
        expanded: Expanded,
        span: Span,
        index: usize,
    ) -> Case {
        Case {
            index,
            name: format!("{} :: {title}", self.contract.id.value),
            contract: self.index,
            seed: Seed::from_u64(self.request.seed)
                .child(self.contract.id.value.as_str())
                .child(title.as_str()),
            title,
            kind,
            draws: self.contract.data.clone().into(),
            given,
            script: expanded.script,
            stimuli: expanded.stimuli,
            expectations: expanded.expectations,
            captures: expanded.captures,
            span,
        }
    }
}

/// Whether two variations do the same: the same thing to the same step, as long and as often, and promise nothing else.
fn is_same(one: &Variation, other: &Variation) -> bool {
    let numbers = |variation: &Variation| match &variation.kind {
        VariationKind::PartnerDown { attempts, .. }
        | VariationKind::PartnerRefusing { attempts, .. } => (*attempts, None),
        VariationKind::PartnerSlow { by, attempts, .. } => (*attempts, Some(*by)),
        _ => (0, None),
    };
    title(one, None) == title(other, None)
        && numbers(one) == numbers(other)
        && one.expect.is_some() == other.expect.is_some()
}
