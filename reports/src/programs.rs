//! Documents as programs read them: the whole as JSON, or an object a line.
//!
//! Both say the same. A document is about a list of something (cases, cells, runs); as lines it is its head,
//! which is the document without that list, and then each of the list.

use serde::Serialize;
use serde_json::Value;

/// A document as JSON, indented by two spaces, with a newline at its end.
pub fn json(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).expect("texts and finite numbers always serialize") + "\n"
}

/// A document as lines of JSON, each with a newline: its head, then each of its `list`.
///
/// # Panics
/// If it has no such list.
pub fn lines(document: &impl Serialize, list: &str) -> String {
    let mut head = serde_json::to_value(document).expect("texts and finite numbers always serialize");
    let parts = head.as_object_mut().and_then(|head| head.shift_remove(list));
    let Some(Value::Array(parts)) = parts else { panic!("a document has no list {list}") };
    let mut text = String::new();
    for line in std::iter::once(head).chain(parts) {
        text += &line.to_string();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_as_lines_is_its_head_and_then_each_of_its_list() {
        let document = serde_json::json!({ "schema": "some/1", "runs": [{ "a": 1 }, { "a": "two\nlines" }], "of": null });
        let lines = lines(&document, "runs");
        assert_eq!(lines, "{\"schema\":\"some/1\",\"of\":null}\n{\"a\":1}\n{\"a\":\"two\\nlines\"}\n");
        let read: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(Value::Array(read[1..].to_vec()), document["runs"]);
    }
}
