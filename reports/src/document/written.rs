//! The document as text, its schema, and the numbers in it: the same bytes on every machine.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde::{Serialize, Serializer};

use super::Document;

/// The document as text, indented by two spaces, with a newline at its end.
pub fn to_json(document: &Document) -> String {
    crate::programs::json(document)
}

/// The document as text in one line.
pub fn to_compact_json(document: &Document) -> String {
    serde_json::to_string(document).expect("strings and finite numbers always serialize")
}

/// The JSON schema (draft-07) of the document, as text with a newline at its end.
pub fn schema() -> String {
    // Of numbers draft 7 knows no format, and strict validators refuse what they do not know.
    let no_format = RecursiveTransform(|schema: &mut schemars::Schema| drop(schema.remove("format")));
    let settings = SchemaSettings::draft07().with_transform(no_format);
    let mut schema = settings.into_generator().into_root_schema_for::<Document>().to_value();
    // Another crate of the build may make maps keep the order of insertion; ours does not depend on it.
    schema.sort_all_objects();
    let mut text = format!("{schema:#}");
    text.push('\n');
    text
}

/// `value` with six significant digits, the same on every machine; what is not finite becomes 0.
pub fn significant(value: f64) -> f64 {
    if !value.is_finite() || value == 0.0 {
        return 0.0;
    }
    format!("{value:.5e}").parse().expect("a printed float parses")
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
pub(super) fn is_false(value: &bool) -> bool {
    !*value
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
pub(super) fn rounded<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(significant(*value))
}

pub(super) fn rounded_pair<S: Serializer>(pair: &[f64; 2], serializer: S) -> Result<S::Ok, S::Error> {
    pair.map(significant).serialize(serializer)
}
