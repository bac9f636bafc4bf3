//! A place in a message, as findings and acknowledgements name it.

use std::fmt;

/// A place in a message. It is written as the location language writes it, such as `PID-3[2].4.1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The name of the segment.
    pub segment: String,
    /// Which segment of that name, from 1; for a missing one, which it would be.
    pub occurrence: usize,
    /// The field, from 1.
    pub field: Option<usize>,
    /// The repetition of the field, from 1; None for the field as a whole.
    pub repetition: Option<usize>,
    /// The component, from 1.
    pub component: Option<usize>,
    /// The subcomponent, from 1.
    pub subcomponent: Option<usize>,
}

impl Place {
    /// A segment, by which of its name it is.
    pub fn segment(name: impl Into<String>, occurrence: usize) -> Self {
        Self {
            segment: name.into(),
            occurrence,
            field: None,
            repetition: None,
            component: None,
            subcomponent: None,
        }
    }

    /// A field of it.
    pub fn field(self, number: usize) -> Self {
        Self {
            field: Some(number),
            ..self
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = |f: &mut fmt::Formatter<'_>, number: usize| match number {
            1 => Ok(()),
            number => write!(f, "[{number}]"),
        };
        f.write_str(&self.segment)?;
        index(f, self.occurrence)?;
        let Some(field) = self.field else {
            return Ok(());
        };
        write!(f, "-{field}")?;
        index(f, self.repetition.unwrap_or(1))?;
        for part in [self.component, self.subcomponent].into_iter().flatten() {
            write!(f, ".{part}")?;
        }
        Ok(())
    }
}
