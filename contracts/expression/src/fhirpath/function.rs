//! The functions of the language by name.

macro_rules! functions {
    ($($variant:ident $name:literal $fewest:literal..=$most:literal;)*) => {
        /// A function. Its arguments are counted when the expression is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Function { $($variant,)* }

        /// Every function with its name and the fewest and most arguments it takes.
        const FUNCTIONS: &[(Function, &str, usize, usize)] =
            &[$((Function::$variant, $name, $fewest, $most),)*];
    };
}

functions! {
    Empty "empty" 0..=0;
    Exists "exists" 0..=1;
    All "all" 1..=1;
    AllTrue "allTrue" 0..=0;
    AnyTrue "anyTrue" 0..=0;
    AllFalse "allFalse" 0..=0;
    AnyFalse "anyFalse" 0..=0;
    SubsetOf "subsetOf" 1..=1;
    SupersetOf "supersetOf" 1..=1;
    Count "count" 0..=0;
    Distinct "distinct" 0..=0;
    IsDistinct "isDistinct" 0..=0;
    Not "not" 0..=0;
    HasValue "hasValue" 0..=0;
    GetValue "getValue" 0..=0;
    Where "where" 1..=1;
    Select "select" 1..=1;
    Repeat "repeat" 1..=1;
    OfType "ofType" 1..=1;
    Is "is" 1..=1;
    As "as" 1..=1;
    Type "type" 0..=0;
    Single "single" 0..=0;
    First "first" 0..=0;
    Last "last" 0..=0;
    Tail "tail" 0..=0;
    Skip "skip" 1..=1;
    Take "take" 1..=1;
    Intersect "intersect" 1..=1;
    Exclude "exclude" 1..=1;
    Union "union" 1..=1;
    Combine "combine" 1..=1;
    Sort "sort" 0..=16;
    Iif "iif" 2..=3;
    ToBoolean "toBoolean" 0..=0;
    ConvertsToBoolean "convertsToBoolean" 0..=0;
    ToInteger "toInteger" 0..=0;
    ConvertsToInteger "convertsToInteger" 0..=0;
    ToDecimal "toDecimal" 0..=0;
    ConvertsToDecimal "convertsToDecimal" 0..=0;
    ToDate "toDate" 0..=0;
    ConvertsToDate "convertsToDate" 0..=0;
    ToDateTime "toDateTime" 0..=0;
    ConvertsToDateTime "convertsToDateTime" 0..=0;
    ToTime "toTime" 0..=0;
    ConvertsToTime "convertsToTime" 0..=0;
    ToQuantity "toQuantity" 0..=1;
    ConvertsToQuantity "convertsToQuantity" 0..=1;
    ToString "toString" 0..=0;
    ConvertsToString "convertsToString" 0..=0;
    IndexOf "indexOf" 1..=1;
    LastIndexOf "lastIndexOf" 1..=1;
    Substring "substring" 1..=2;
    StartsWith "startsWith" 1..=1;
    EndsWith "endsWith" 1..=1;
    Contains "contains" 1..=1;
    Upper "upper" 0..=0;
    Lower "lower" 0..=0;
    Replace "replace" 2..=2;
    Matches "matches" 1..=1;
    MatchesFull "matchesFull" 1..=1;
    ReplaceMatches "replaceMatches" 2..=2;
    Length "length" 0..=0;
    ToChars "toChars" 0..=0;
    Trim "trim" 0..=0;
    Split "split" 1..=1;
    Join "join" 0..=1;
    Encode "encode" 1..=1;
    Decode "decode" 1..=1;
    Escape "escape" 1..=1;
    Unescape "unescape" 1..=1;
    Abs "abs" 0..=0;
    Ceiling "ceiling" 0..=0;
    Floor "floor" 0..=0;
    Truncate "truncate" 0..=0;
    Round "round" 0..=1;
    Sqrt "sqrt" 0..=0;
    Exp "exp" 0..=0;
    Ln "ln" 0..=0;
    Log "log" 1..=1;
    Power "power" 1..=1;
    Sum "sum" 0..=1;
    Min "min" 0..=1;
    Max "max" 0..=1;
    Avg "avg" 0..=1;
    Aggregate "aggregate" 1..=2;
    Children "children" 0..=0;
    Descendants "descendants" 0..=0;
    Trace "trace" 1..=2;
    Now "now" 0..=0;
    Today "today" 0..=0;
    TimeOfDay "timeOfDay" 0..=0;
    LowBoundary "lowBoundary" 0..=1;
    HighBoundary "highBoundary" 0..=1;
    Precision "precision" 0..=0;
    Comparable "comparable" 1..=1;
    Extension "extension" 1..=1;
    ConformsTo "conformsTo" 1..=1;
}

impl Function {
    /// The function of that name with the fewest and most arguments it takes.
    pub(crate) fn find(name: &str) -> Option<(Self, usize, usize)> {
        FUNCTIONS
            .iter()
            .find_map(|&(function, known, fewest, most)| {
                (known == name).then_some((function, fewest, most))
            })
    }

    /// The name as written.
    pub(crate) fn name(self) -> &'static str {
        FUNCTIONS
            .iter()
            .find_map(|&(function, name, ..)| (function == self).then_some(name))
            .unwrap_or_default()
    }

    /// The function name nearest to a misspelt one, when one is near enough to be meant.
    pub(crate) fn nearest(name: &str) -> Option<&'static str> {
        FUNCTIONS
            .iter()
            .map(|&(_, known, ..)| (edits(name, known), known))
            .min()
            .filter(|&(edits, known)| edits <= 2 && edits * 2 < known.len())
            .map(|(_, known)| known)
    }
}

/// How many single-character changes lead from one name to the other, capitals ignored.
fn edits(left: &str, right: &str) -> usize {
    let right = right.to_lowercase().into_bytes();
    let mut row = (0..=right.len()).collect::<Vec<_>>();
    for (line, from) in left.to_lowercase().bytes().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_find_their_neighbour() {
        assert_eq!(Function::nearest("exist"), Some("exists"));
        assert_eq!(Function::nearest("startswith"), Some("startsWith"));
        assert_eq!(Function::nearest("frist"), Some("first"));
        assert_eq!(Function::nearest("frobnicate"), None);
    }

    #[test]
    fn names_are_unique() {
        for &(function, name, fewest, most) in FUNCTIONS {
            assert_eq!(Function::find(name), Some((function, fewest, most)));
            assert_eq!(function.name(), name);
        }
    }
}
