//! The members that an expression asks for, for whoever knows beforehand which members there are.

use std::ops::Range;

use super::ast::{Call, Expr, ExprKind};
use super::function::Function;

/// One member that an expression asks for, with the way that leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access<'e> {
    /// Where the way begins.
    pub root: Root<'e>,
    /// The names on the way, the member's own last. Positions and conditions are left out: they lead nowhere else.
    pub path: Vec<&'e str>,
    /// Where the member's name stands, in bytes of the expression.
    pub span: Range<usize>,
}

/// Where a way begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root<'e> {
    /// What the expression is evaluated against.
    Input,
    /// `%name`.
    Variable(&'e str),
}

/// A place that a part of an expression stands for; none where it is more than one, or a computed value.
type Place<'e> = Option<(Root<'e>, Vec<&'e str>)>;

/// Every member that can be told from the expression alone, in the order read.
pub(super) fn accesses(root: &Expr) -> Vec<Access<'_>> {
    let mut found = Vec::new();
    visit(root, &Some((Root::Input, Vec::new())), &mut found);
    found
}

/// Visits a part that is evaluated at `this`, and gives the place it stands for.
fn visit<'e>(part: &'e Expr, this: &Place<'e>, found: &mut Vec<Access<'e>>) -> Place<'e> {
    match &part.kind {
        ExprKind::Variable(name) => match name.as_str() {
            "context" | "resource" | "rootResource" => Some((Root::Input, Vec::new())),
            name => Some((Root::Variable(name), Vec::new())),
        },
        ExprKind::Step { base, step } => {
            let base = visit(base, this, found);
            apply(step, &base, this, found)
        }
        ExprKind::Item { base, index } => {
            visit(index, this, found);
            visit(base, this, found)
        }
        ExprKind::Sign { operand, .. } => {
            visit(operand, this, found);
            None
        }
        ExprKind::Type { operand, cast, .. } => visit(operand, this, found).filter(|_| *cast),
        ExprKind::Binary { left, right, .. } => {
            visit(left, this, found);
            visit(right, this, found);
            None
        }
        _ => apply(part, this, this, found),
    }
}

/// Visits a part that comes after `base` in a path.
fn apply<'e>(
    step: &'e Expr,
    base: &Place<'e>,
    this: &Place<'e>,
    found: &mut Vec<Access<'e>>,
) -> Place<'e> {
    match &step.kind {
        ExprKind::This => this.clone(),
        ExprKind::Member(member) => {
            let (root, mut path) = base.clone()?;
            path.push(&member.name);
            found.push(Access {
                root,
                path: path.clone(),
                span: step.span.clone(),
            });
            Some((root, path))
        }
        ExprKind::Call(call) => called(call, base, this, found),
        _ => None,
    }
}

fn called<'e>(
    call: &'e Call,
    base: &Place<'e>,
    this: &Place<'e>,
    found: &mut Vec<Access<'e>>,
) -> Place<'e> {
    use Function as F;
    let around = match call.function {
        // These look at each item of what comes before them.
        F::Where
        | F::Select
        | F::All
        | F::Exists
        | F::Sort
        | F::Sum
        | F::Min
        | F::Max
        | F::Avg
        | F::Aggregate => base,
        // Where these look depends on the argument, and on how often they have been there.
        F::Iif | F::Trace | F::Repeat if base != this => &None,
        F::Repeat => &None,
        _ => this,
    };
    let mut last = None;
    for argument in &call.arguments {
        last = visit(argument, around, found);
    }
    match call.function {
        F::Select => last,
        F::Where
        | F::First
        | F::Last
        | F::Single
        | F::Tail
        | F::Skip
        | F::Take
        | F::Distinct
        | F::Sort
        | F::OfType
        | F::As
        | F::Trace => base.clone(),
        _ => None,
    }
}
