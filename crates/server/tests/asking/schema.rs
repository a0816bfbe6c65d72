//! Validates responses against the schemas of the document. Supports the JSON Schema keywords that the document uses;
//! any other keyword fails the test.

use serde_json::Value;

/// Keywords of JSON Schema that do not constrain a value.
const SAYS_NOTHING: [&str; 8] =
    ["maxLength", "description", "title", "format", "example", "examples", "default", "propertyNames"];

/// Document whose objects are closed: an undeclared member is an error.
pub(crate) struct Schemas<'a>(pub(crate) &'a Value);

impl Schemas<'_> {
    /// Deviations of `value` from `schema`, each with its path.
    pub(crate) fn wrong(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        self.hold(schema, value, "", &mut wrong);
        wrong
    }

    fn hold(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        let Some(rules) = schema.as_object() else {
            assert!(schema == &Value::Bool(true), "{at}: a schema of {schema}");
            return;
        };
        if let Some(parts) = schema.get("allOf") {
            return self.hold(&self.together(parts), value, at, wrong);
        }
        for (rule, says) in rules {
            match rule.as_str() {
                "$ref" => {
                    let name = says.as_str().unwrap().strip_prefix("#/components/schemas/").unwrap();
                    self.hold(&self.0["components"]["schemas"][name], value, at, wrong);
                }
                "type" => {
                    let fits = |kind: &Value| is(value, kind.as_str().unwrap());
                    let fits = says.as_array().map_or_else(|| fits(says), |kinds| kinds.iter().any(fits));
                    if !fits {
                        wrong.push(format!("{at}: expected {says}, got {:.80}", value.to_string()));
                    }
                }
                "enum" => {
                    if !says.as_array().unwrap().contains(value) {
                        wrong.push(format!("{at}: expected one of {says}, got {value}"));
                    }
                }
                "minimum" => {
                    if value.as_f64().is_some_and(|number| number < says.as_f64().unwrap()) {
                        wrong.push(format!("{at}: less than {says}: {value}"));
                    }
                }
                "maximum" => {
                    if value.as_f64().is_some_and(|number| number > says.as_f64().unwrap()) {
                        wrong.push(format!("{at}: more than {says}: {value}"));
                    }
                }
                "oneOf" | "anyOf" => {
                    let each = says.as_array().unwrap().iter().map(|one| self.wrong_at(one, value, at));
                    // Of several shapes, the errors of the closest one are more useful than "none fits".
                    wrong.extend(each.min_by_key(Vec::len).unwrap());
                }
                "items" => {
                    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.hold(says, item, &format!("{at}/{place}"), wrong);
                    }
                }
                "required" => {
                    for name in says.as_array().unwrap() {
                        if value.is_object() && value.get(name.as_str().unwrap()).is_none() {
                            wrong.push(format!("{at}: no {name}"));
                        }
                    }
                }
                "properties" | "additionalProperties" => {}
                rule => assert!(SAYS_NOTHING.contains(&rule), "{at}: the rule {rule}"),
            }
        }
        let declared = &schema["properties"];
        let others = schema.get("additionalProperties");
        for (name, member) in value.as_object().into_iter().flatten() {
            let place = format!("{at}/{name}");
            match (declared.get(name), others) {
                (Some(schema), _) => self.hold(schema, member, &place, wrong),
                (None, Some(others)) if others != &Value::Bool(false) => {
                    self.hold(others, member, &place, wrong)
                }
                (None, None) if declared.is_null() => {}
                (None, _) => wrong.push(format!("{place}: not declared")),
            }
        }
    }

    /// Merges the objects of an `allOf`: a closed object may have the members of each.
    fn together(&self, parts: &Value) -> Value {
        let mut whole = serde_json::json!({"type": "object", "properties": {}, "required": []});
        for part in parts.as_array().unwrap() {
            let name = part["$ref"].as_str().and_then(|of| of.strip_prefix("#/components/schemas/"));
            let part = name.map_or(part, |name| &self.0["components"]["schemas"][name]);
            assert_eq!(part["type"], "object", "{part}");
            let properties = part["properties"].as_object().cloned().unwrap_or_default();
            whole["properties"].as_object_mut().unwrap().extend(properties);
            let required = part["required"].as_array().cloned().unwrap_or_default();
            whole["required"].as_array_mut().unwrap().extend(required);
        }
        whole
    }

    fn wrong_at(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        self.hold(schema, value, at, &mut wrong);
        wrong
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("a type `{other}`"),
    }
}

#[test]
fn schema_check_finds_mismatches() {
    let document = serde_json::json!({"components": {"schemas": {"A": {
        "type": "object", "required": ["a"],
        "properties": {"a": {"type": ["integer", "null"], "minimum": 0}, "b": {"type": "array", "items": {"enum": ["x"]}}},
    }}}});
    let schemas = Schemas(&document);
    let all = serde_json::json!({"allOf": [{"$ref": "#/components/schemas/A"}, {"type": "object", "required": ["c"],
        "properties": {"c": {"type": "string"}}}]});
    for (value, faults) in [
        (r#"{"a":1,"c":"x"}"#, 0),
        (r#"{"a":1}"#, 1),
        (r#"{"a":"x","c":"x"}"#, 1),
        (r#"{"a":1,"c":"x","d":1}"#, 1),
    ] {
        assert_eq!(schemas.wrong(&all, &serde_json::from_str(value).unwrap()).len(), faults, "{value}");
    }
    let wrong = |value: Value| schemas.wrong(&serde_json::json!({"$ref": "#/components/schemas/A"}), &value);
    assert!(wrong(serde_json::json!({"a": null, "b": ["x"]})).is_empty());
    for (value, says) in [
        (serde_json::json!({}), ": no \"a\""),
        (serde_json::json!({"a": "1"}), "/a: expected"),
        (serde_json::json!({"a": -1}), "/a: less"),
        (serde_json::json!({"a": 1, "b": ["y"]}), "/b/0: expected one of"),
        (serde_json::json!({"a": 1, "c": 1}), "/c: not declared"),
        (serde_json::json!([]), ": expected"),
    ] {
        assert!(wrong(value.clone())[0].starts_with(says), "{value}: {:?}", wrong(value.clone()));
    }
}
