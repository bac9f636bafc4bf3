//! The shape of an expression.

use std::ops::Range;

use regex::Regex;

use super::function::Function;
use super::node::Name;
use super::temporal::CalendarUnit;
use super::types::{TypeName, may_be_choice};
use super::{Date, DateTime, Time};
use rust_decimal::Decimal;

/// A part of an expression, the bytes it was read from, and how deep it goes.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Range<usize>,
    pub(crate) depth: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    /// `{}`.
    Empty,
    Literal(Literal),
    /// `$this`.
    This,
    /// `$index`.
    Index,
    /// `$total`.
    Total,
    /// `%name`.
    Variable(String),
    /// An element by name.
    Member(Member),
    /// A function, applied to what stands before it.
    Call(Box<Call>),
    /// `base.step`, where the step is a member, a call or one of the `$` words.
    Step {
        base: Box<Expr>,
        step: Box<Expr>,
    },
    /// `base[index]`.
    Item {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    /// `+operand`, `-operand`.
    Sign {
        negative: bool,
        operand: Box<Expr>,
    },
    Binary {
        operator: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `operand is Type`, `operand as Type`.
    Type {
        operand: Box<Expr>,
        cast: bool,
        name: TypeName,
    },
}

/// An element's name, with what is known of it beforehand.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) annex: String,
    pub(crate) choice: bool,
}

impl Member {
    pub(crate) fn new(name: String) -> Self {
        Self {
            annex: format!("_{name}"),
            choice: may_be_choice(&name),
            name,
        }
    }

    pub(crate) fn name(&self) -> Name<'_> {
        Name {
            plain: &self.name,
            annex: &self.annex,
            choice: self.choice,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Literal {
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    String(String),
    Date(Date),
    DateTime(DateTime),
    Time(Time),
    Quantity(Decimal, String),
    Duration(Decimal, CalendarUnit, String),
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Expr>,
    /// The argument of `is`, `as` and `ofType`.
    pub(crate) type_name: Option<TypeName>,
    /// The regular expression, where it is a literal.
    pub(crate) pattern: Option<Regex>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Multiply,
    Divide,
    Div,
    Mod,
    Add,
    Subtract,
    Concatenate,
    Union,
    LessOrEqual,
    Less,
    Greater,
    GreaterOrEqual,
    Equal,
    Equivalent,
    NotEqual,
    NotEquivalent,
    In,
    Contains,
    And,
    Xor,
    Or,
    Implies,
}

impl Operator {
    /// The operator a sign or word denotes, and how tightly it binds.
    pub(crate) fn from_text(text: &str) -> Option<(Self, u8)> {
        Some(match text {
            "*" => (Self::Multiply, 10),
            "/" => (Self::Divide, 10),
            "div" => (Self::Div, 10),
            "mod" => (Self::Mod, 10),
            "+" => (Self::Add, 9),
            "-" => (Self::Subtract, 9),
            "&" => (Self::Concatenate, 9),
            "|" => (Self::Union, 7),
            "<=" => (Self::LessOrEqual, 6),
            "<" => (Self::Less, 6),
            ">" => (Self::Greater, 6),
            ">=" => (Self::GreaterOrEqual, 6),
            "=" => (Self::Equal, 5),
            "~" => (Self::Equivalent, 5),
            "!=" => (Self::NotEqual, 5),
            "!~" => (Self::NotEquivalent, 5),
            "in" => (Self::In, 4),
            "contains" => (Self::Contains, 4),
            "and" => (Self::And, 3),
            "xor" => (Self::Xor, 2),
            "or" => (Self::Or, 2),
            "implies" => (Self::Implies, 1),
            _ => return None,
        })
    }

    /// The operator as written.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Div => "div",
            Self::Mod => "mod",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Concatenate => "&",
            Self::Union => "|",
            Self::LessOrEqual => "<=",
            Self::Less => "<",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "=",
            Self::Equivalent => "~",
            Self::NotEqual => "!=",
            Self::NotEquivalent => "!~",
            Self::In => "in",
            Self::Contains => "contains",
            Self::And => "and",
            Self::Xor => "xor",
            Self::Or => "or",
            Self::Implies => "implies",
        }
    }

    /// Whether the answer is a truth value about its two sides, which are then worth showing.
    pub(crate) fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::LessOrEqual
                | Self::Less
                | Self::Greater
                | Self::GreaterOrEqual
                | Self::Equal
                | Self::Equivalent
                | Self::NotEqual
                | Self::NotEquivalent
                | Self::In
                | Self::Contains
        )
    }
}

/// How tightly `is` and `as` bind.
pub(crate) const TYPE_BINDING: u8 = 8;

impl Expr {
    /// Calls `visit` for this part and every part of it.
    pub(crate) fn walk<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        visit(self);
        match &self.kind {
            ExprKind::Call(call) => call
                .arguments
                .iter()
                .for_each(|argument| argument.walk(visit)),
            ExprKind::Step { base, step } => {
                base.walk(visit);
                step.walk(visit);
            }
            ExprKind::Item { base, index } => {
                base.walk(visit);
                index.walk(visit);
            }
            ExprKind::Sign { operand, .. } | ExprKind::Type { operand, .. } => operand.walk(visit),
            ExprKind::Binary { left, right, .. } => {
                left.walk(visit);
                right.walk(visit);
            }
            ExprKind::Empty
            | ExprKind::Literal(_)
            | ExprKind::This
            | ExprKind::Index
            | ExprKind::Total
            | ExprKind::Variable(_)
            | ExprKind::Member(_) => {}
        }
    }
}
