//! Making documents in code: conversions and the [`json!`](crate::json!) macro.

use rust_decimal::Decimal;

use super::{Json, Number, Object};

macro_rules! from_scalars {
    ($($scalar:ty => $variant:ident),* $(,)?) => {$(
        impl From<$scalar> for Json {
            fn from(value: $scalar) -> Self {
                Json::$variant(value.into())
            }
        }
    )*};
}

from_scalars! {
    &str => String,
    String => String,
    &String => String,
    std::borrow::Cow<'_, str> => String,
    bool => Bool,
    Number => Number,
    i32 => Number,
    i64 => Number,
    u8 => Number,
    u16 => Number,
    u32 => Number,
    u64 => Number,
    usize => Number,
    Decimal => Number,
    Object => Object,
}

impl From<&Json> for Json {
    fn from(value: &Json) -> Self {
        value.clone()
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        Json::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    /// Nothing is `null`.
    fn from(value: Option<T>) -> Self {
        value.map_or(Json::Null, Into::into)
    }
}

impl<T: Into<Json>> FromIterator<T> for Json {
    /// Collects an array.
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Json::Array(items.into_iter().map(Into::into).collect())
    }
}

/// Writes a document in place: JSON's own notation, with any expression that is `Into<Json>` where a value stands.
/// Names are literals, or expressions in parentheses. There is no conversion from floats: write a decimal as
/// `Number::from_text` or a `Decimal`, so that its digits are the ones meant.
///
/// ```
/// use wardgate_expression::json;
///
/// let family = String::from("Smith");
/// let patient = json!({"resourceType": "Patient", "name": [{"family": family}], "deceased": null});
/// assert_eq!(patient.to_string(), r#"{"resourceType":"Patient","name":[{"family":"Smith"}],"deceased":null}"#);
/// ```
#[macro_export]
macro_rules! json {
    (null) => { $crate::Json::Null };
    ([]) => { $crate::Json::Array(::std::vec::Vec::new()) };
    ([ $($items:tt)+ ]) => {
        $crate::Json::Array($crate::json_items!([] $($items)+))
    };
    ({}) => { $crate::Json::Object($crate::Object::new()) };
    ({ $($members:tt)+ }) => {
        $crate::Json::Object($crate::json_members!([] $($members)+))
    };
    ($value:expr) => { $crate::Json::from($value) };
}

/// The items of an array, one after another; a part of [`json!`](crate::json!).
#[doc(hidden)]
#[macro_export]
macro_rules! json_items {
    ([ $($done:expr,)* ]) => { ::std::vec::Vec::from([ $($done),* ]) };
    ([ $($done:expr,)* ] null $(, $($rest:tt)*)?) => {
        $crate::json_items!([ $($done,)* $crate::Json::Null, ] $($($rest)*)?)
    };
    ([ $($done:expr,)* ] [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::json_items!([ $($done,)* $crate::json!([ $($inner)* ]), ] $($($rest)*)?)
    };
    ([ $($done:expr,)* ] { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::json_items!([ $($done,)* $crate::json!({ $($inner)* }), ] $($($rest)*)?)
    };
    ([ $($done:expr,)* ] $value:expr $(, $($rest:tt)*)?) => {
        $crate::json_items!([ $($done,)* $crate::Json::from($value), ] $($($rest)*)?)
    };
}

/// The members of an object, one after another; a part of [`json!`](crate::json!).
#[doc(hidden)]
#[macro_export]
macro_rules! json_members {
    ([ $($done:expr,)* ]) => {
        <$crate::Object as ::std::iter::FromIterator<(::std::string::String, $crate::Json)>>::from_iter([ $($done),* ])
    };
    ([ $($done:expr,)* ] $name:tt : null $(, $($rest:tt)*)?) => {
        $crate::json_members!([ $($done,)* (::std::string::String::from($name), $crate::Json::Null), ] $($($rest)*)?)
    };
    ([ $($done:expr,)* ] $name:tt : [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::json_members!(
            [ $($done,)* (::std::string::String::from($name), $crate::json!([ $($inner)* ])), ] $($($rest)*)?
        )
    };
    ([ $($done:expr,)* ] $name:tt : { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::json_members!(
            [ $($done,)* (::std::string::String::from($name), $crate::json!({ $($inner)* })), ] $($($rest)*)?
        )
    };
    ([ $($done:expr,)* ] $name:tt : $value:expr $(, $($rest:tt)*)?) => {
        $crate::json_members!(
            [ $($done,)* (::std::string::String::from($name), $crate::Json::from($value)), ] $($($rest)*)?
        )
    };
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    #[test]
    fn the_macro_takes_notation_and_expressions() {
        let key = "dynamic";
        let items = vec![1, 2];
        let document = json!({
            "empty": {}, "none": [], "null": null, "list": [null, [1], {"a": 1}, items.len() + 1,],
            (key): items, "amount": Decimal::new(1850, 2), "missing": None::<bool>,
        });
        assert_eq!(
            document.to_string(),
            r#"{"empty":{},"none":[],"null":null,"list":[null,[1],{"a":1},3],"dynamic":[1,2],"amount":18.50,"missing":null}"#
        );
        assert_eq!(json!("x").to_string(), r#""x""#);
        assert_eq!(json!(null).to_string(), "null");
    }
}
