//! Where the one seed of a run comes from.

use wardgate_runner::fresh_seed;

/// The environment variable that chooses the seed, to repeat an earlier run.
pub(crate) const VARIABLE: &str = "WARDGATE_SEED";

/// The seed of the environment; else the one that was asked for; else one that nobody chose.
pub(crate) fn choose(asked: Option<u64>) -> Result<u64, String> {
    match std::env::var(VARIABLE) {
        Ok(text) => read(&text),
        Err(std::env::VarError::NotPresent) => Ok(asked.unwrap_or_else(fresh_seed)),
        Err(error) => Err(format!("{VARIABLE}: {error}")),
    }
}

/// The seed of the environment, else one that nobody chose; said on standard output, which test harnesses show where a test
/// fails.
pub(crate) fn choose_and_say() -> Result<u64, String> {
    let seed = choose(None)?;
    println!("seed {seed} ({VARIABLE}={seed} draws the same)");
    Ok(seed)
}

fn read(text: &str) -> Result<u64, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("{VARIABLE}='{text}' is not a seed; expected a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_whole_number_and_says_so() {
        assert_eq!(read(" 42 "), Ok(42));
        let error = read("forty-two").expect_err("it is a word");
        assert!(
            error.contains(VARIABLE) && error.contains("forty-two"),
            "{error}"
        );
    }
}
