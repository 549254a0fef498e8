//! Polygons as the standard's schema wants them: four decimals, nothing beside
//! type and coordinates.

use serde_json::{Value as Json, json};

/// Decimals of a coordinate in a polygon of the standard.
const POWER: f64 = 10_000.0;

/// The polygon in the standard's form, and whether that is all that the text says;
/// none if the text is no polygon.
pub(super) fn strict(text: &str) -> Option<(Json, bool)> {
    let given: Json = serde_json::from_str(text).ok()?;
    let rings = given.get("coordinates")?.as_array()?;
    let rings: Option<Vec<Json>> = rings.iter().map(ring).collect();
    let strict = json!({ "type": given.get("type")?.as_str()?, "coordinates": rings? });
    let whole = strict == given;
    Some((strict, whole))
}

fn ring(ring: &Json) -> Option<Json> {
    ring.as_array()?.iter().map(position).collect()
}

fn position(position: &Json) -> Option<Json> {
    let [longitude, latitude, ..] = position.as_array()?.as_slice() else { return None };
    Some(Json::from(vec![short(longitude)?, short(latitude)?]))
}

/// The coordinate with four decimals; as it is where it has no more.
fn short(coordinate: &Json) -> Option<Json> {
    let degrees = coordinate.as_f64()?;
    let rounded = (degrees * POWER).round() / POWER;
    let exact = (rounded - degrees).abs() <= f64::EPSILON * degrees.abs();
    Some(if exact { coordinate.clone() } else { Json::from(rounded) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polygon_of_four_decimals_is_written_as_it_is() {
        let text = r#"{"coordinates":[[[30,-1.9641],[30.0623,-1.9641],[30.0623,-1.9637],[30,-1.9641]]],"type":"Polygon"}"#;
        let (strict, whole) = strict(text).unwrap();
        assert!(whole);
        assert_eq!(strict, serde_json::from_str::<Json>(text).unwrap());
    }

    #[test]
    fn more_digits_and_further_members_are_left_out() {
        let text = r#"{"type":"Polygon","bbox":[1,2,3,4],"coordinates":[[[28.71258,0.33188,900],[29,1],[29,2],[28.71258,0.33188,900]]]}"#;
        let (strict, whole) = strict(text).unwrap();
        assert!(!whole);
        assert_eq!(
            strict,
            json!({"type":"Polygon","coordinates":[[[28.7126,0.3319],[29,1],[29,2],[28.7126,0.3319]]]})
        );
        assert!(super::strict("nothing").is_none() && super::strict("{}").is_none());
    }
}
