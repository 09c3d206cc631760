//! A user's words in a message: quoted, listed, and what may have been meant.

/// A user's word between backticks, short and without control characters.
pub(crate) fn quoted(word: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = word.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    shown = shown.replace("\\\"", "\"").replace("\\'", "'");
    if word.chars().count() > LONGEST {
        shown.push_str("...");
    }
    format!("`{shown}`")
}

/// `", did you mean `x`?"` for the nearest of `known`, or nothing if none is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(word, known).map_or(String::new(), |near| format!(", did you mean {}?", quoted(near)))
}

/// The known word that is nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Longer words are no slips of the pen, and comparing them would take long.
    const LONGEST: usize = 100;
    known
        .filter(|name| word.len() <= LONGEST && name.len() <= LONGEST)
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| *distance <= 1 + word.len().min(name.len()) / 4)
        .min()
        .map(|(_, name)| name)
}

/// `a, b and c`, each between backticks.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(quoted).collect();
    match words.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
