//! Walking an expression over a document.

use std::borrow::Cow;
use std::cell::Cell;

use super::ast::{Expr, ExprKind, Literal, Member, Operator};
use super::{Context, EvalError, Quantity, Value};
use super::{arithmetic, compare, functions, logic, type_test, types};

/// How many items a collection may have.
pub(crate) const ITEMS_MAX: usize = 1_000_000;
/// How long a text made by an expression may be, in bytes.
pub(crate) const TEXT_BYTES_MAX: usize = 16 << 20;

/// A collection.
pub(crate) type Items<'a> = Vec<Value<'a>>;

/// What the names of an expression mean at one point of it.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s, 'a> {
    /// `$this`, which is also where a path without a beginning starts.
    pub(crate) this: &'s [Value<'a>],
    /// `$index`.
    pub(crate) index: Option<usize>,
    /// `$total`.
    pub(crate) total: Option<&'s [Value<'a>]>,
}

impl<'s, 'a> Scope<'s, 'a> {
    /// The same scope around one item of a collection.
    pub(crate) fn around(self, item: &'s Value<'a>, index: usize) -> Self {
        Self {
            this: std::slice::from_ref(item),
            index: Some(index),
            ..self
        }
    }
}

/// One evaluation under way.
pub(crate) struct Evaluation<'a> {
    pub(crate) context: &'a Context<'a>,
    steps: Cell<usize>,
}

/// The collection that an expression yields in a context.
pub(crate) fn evaluate<'a>(
    expression: &'a Expr,
    context: &'a Context<'a>,
) -> Result<Items<'a>, EvalError> {
    let evaluation = Evaluation {
        context,
        steps: Cell::new(0),
    };
    let scope = Scope {
        this: &context.input,
        index: None,
        total: None,
    };
    evaluation.eval(expression, scope)
}

impl<'a> Evaluation<'a> {
    pub(crate) fn eval(
        &self,
        expression: &'a Expr,
        scope: Scope<'_, 'a>,
    ) -> Result<Items<'a>, EvalError> {
        self.count(1)?;
        let outcome = match &expression.kind {
            ExprKind::Step { base, step } => {
                let input = self.eval(base, scope)?;
                return self.apply(step, &input, scope);
            }
            ExprKind::Member(member) => self.first_member(member, scope),
            ExprKind::Call(_) => return self.apply(expression, scope.this, scope),
            ExprKind::Binary {
                operator,
                left,
                right,
            } => self.binary(*operator, left, right, scope),
            ExprKind::Item { base, index } => self.item(base, index, scope),
            ExprKind::Sign { negative, operand } => {
                let operand = self.eval(operand, scope)?;
                arithmetic::signed(*negative, &operand)
            }
            ExprKind::Type {
                operand,
                cast,
                name,
            } => {
                let operand = self.eval(operand, scope)?;
                type_test::apply(&operand, name, *cast, self.context.model)
            }
            _ => self.leaf(expression, scope),
        };
        outcome.map_err(|error| error.within(&expression.span))
    }

    /// A step of a path, applied to what comes before it.
    fn apply(
        &self,
        step: &'a Expr,
        input: &[Value<'a>],
        scope: Scope<'_, 'a>,
    ) -> Result<Items<'a>, EvalError> {
        self.count(1 + input.len())?;
        match &step.kind {
            ExprKind::Member(member) => self.member(member, input),
            ExprKind::Call(call) => functions::call(self, call, input, scope),
            _ => self.leaf(step, scope),
        }
        .map_err(|error| error.within(&step.span))
    }

    /// Counts work; an error once there is too much of it.
    pub(crate) fn count(&self, steps: usize) -> Result<(), EvalError> {
        let total = self.steps.get().saturating_add(steps);
        self.steps.set(total);
        let limit = self.context.steps_max;
        if total > limit {
            return Err(EvalError::new(format!(
                "the evaluation takes more than {limit} steps"
            )));
        }
        Ok(())
    }

    fn leaf(&self, expression: &'a Expr, scope: Scope<'_, 'a>) -> Result<Items<'a>, EvalError> {
        Ok(match &expression.kind {
            ExprKind::Literal(literal) => vec![value_of(literal)],
            ExprKind::This => scope.this.to_vec(),
            ExprKind::Index => match scope.index {
                Some(index) => vec![integer(index)],
                None => {
                    return Err(EvalError::new(
                        "`$index` has a value only where a function goes through items",
                    ));
                }
            },
            ExprKind::Total => match scope.total {
                Some(total) => total.to_vec(),
                None => {
                    return Err(EvalError::new(
                        "`$total` has a value only within `aggregate()`",
                    ));
                }
            },
            ExprKind::Variable(name) => match self.context.variable(name) {
                Some(items) => {
                    self.count(items.len())?;
                    items
                }
                None => {
                    return Err(EvalError::new(format!(
                        "the variable `%{name}` is not defined"
                    )));
                }
            },
            _ => Vec::new(),
        })
    }

    /// A name at the beginning of a path: an element of the input, or the type of the input itself.
    fn first_member(
        &self,
        member: &'a Member,
        scope: Scope<'_, 'a>,
    ) -> Result<Items<'a>, EvalError> {
        if member
            .name
            .starts_with(|first: char| first.is_ascii_uppercase())
        {
            let typed = |value: &&Value<'a>| match value {
                Value::Node(node) => {
                    node.type_name().is_some_and(|name| {
                        types::specialises(name, &member.name, self.context.model)
                    }) && node.json().get(&member.name).is_none()
                }
                _ => false,
            };
            let same = scope.this.iter().filter(typed).cloned().collect::<Vec<_>>();
            if !same.is_empty() {
                return Ok(same);
            }
        }
        self.member(member, scope.this)
    }

    fn member(&self, member: &'a Member, input: &[Value<'a>]) -> Result<Items<'a>, EvalError> {
        let mut found = Vec::with_capacity(input.len());
        for value in input {
            match value {
                Value::Node(node) => {
                    node.member(member.name(), self.context, &mut found)?;
                }
                Value::Quantity(quantity) => match member.name.as_str() {
                    "value" => found.push(Value::Decimal(quantity.value())),
                    "unit" | "code" => found.push(Value::from(quantity.unit().to_owned())),
                    _ => {}
                },
                Value::Type { namespace, name } => match member.name.as_str() {
                    "namespace" => found.push(Value::from(*namespace)),
                    "name" => found.push(Value::String(name.clone())),
                    _ => {}
                },
                _ => {}
            }
            if found.len() > ITEMS_MAX {
                return Err(too_many_items());
            }
        }
        self.count(found.len())?;
        Ok(found)
    }

    fn item(
        &self,
        base: &'a Expr,
        index: &'a Expr,
        scope: Scope<'_, 'a>,
    ) -> Result<Items<'a>, EvalError> {
        let items = self.eval(base, scope)?;
        let index = self.eval(index, scope)?;
        let Some(index) = functions::single_integer(&index, "the index")? else {
            return Ok(Vec::new());
        };
        Ok(usize::try_from(index)
            .ok()
            .and_then(|index| items.into_iter().nth(index))
            .into_iter()
            .collect())
    }

    fn binary(
        &self,
        operator: Operator,
        left: &'a Expr,
        right: &'a Expr,
        scope: Scope<'_, 'a>,
    ) -> Result<Items<'a>, EvalError> {
        let left_items = self.eval(left, scope)?;
        if matches!(
            operator,
            Operator::And | Operator::Or | Operator::Xor | Operator::Implies
        ) {
            let left = logic::truth(&left_items).map_err(|error| error.within(&left.span))?;
            if let Some(answer) = logic::decided(operator, left) {
                return Ok(vec![Value::Boolean(answer)]);
            }
            let right_items = self.eval(right, scope)?;
            let right = logic::truth(&right_items).map_err(|error| error.within(&right.span))?;
            return Ok(logic::combine(operator, left, right)
                .map(Value::Boolean)
                .into_iter()
                .collect());
        }
        let right_items = self.eval(right, scope)?;
        self.operate(operator, &left_items, &right_items)
    }

    /// An operator whose sides are both known.
    pub(crate) fn operate(
        &self,
        operator: Operator,
        left: &[Value<'a>],
        right: &[Value<'a>],
    ) -> Result<Items<'a>, EvalError> {
        let answer = match operator {
            Operator::Equal => compare::equal_collections(left, right)?,
            Operator::NotEqual => compare::equal_collections(left, right)?.map(|equal| !equal),
            Operator::Equivalent => Some(compare::equivalent_collections(left, right)?),
            Operator::NotEquivalent => Some(!compare::equivalent_collections(left, right)?),
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => compare::ordered(operator, left, right)?,
            Operator::In => compare::contains(right, left, "in")?,
            Operator::Contains => compare::contains(left, right, "contains")?,
            Operator::Union => return functions::union(self, left, right),
            _ => return arithmetic::operate(operator, left, right),
        };
        Ok(answer.map(Value::Boolean).into_iter().collect())
    }
}

pub(crate) fn too_many_items() -> EvalError {
    EvalError::new(format!("a collection grows beyond {ITEMS_MAX} items"))
}

/// A count as an integer of the language.
pub(crate) fn integer<'a>(count: usize) -> Value<'a> {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

fn value_of(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::Boolean(value) => Value::Boolean(*value),
        Literal::Integer(value) => Value::Integer(*value),
        Literal::Decimal(value) => Value::Decimal(*value),
        Literal::String(text) => Value::String(Cow::Borrowed(text)),
        Literal::Date(date) => Value::Date(*date),
        Literal::DateTime(moment) => Value::DateTime(*moment),
        Literal::Time(time) => Value::Time(*time),
        Literal::Quantity(value, code) => Value::Quantity(Quantity::of(*value, code.as_str())),
        Literal::Duration(value, unit, word) => {
            Value::Quantity(Quantity::calendar(*value, *unit, word.as_str()))
        }
    }
}
