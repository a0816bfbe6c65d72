//! Fields: an instruction, which is not seen, and its stored result, which is.

/// The fields that are open at a place of the text.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    open: Vec<Field>,
    /// Fields beyond the depth that is kept; their content counts as instruction.
    beyond: usize,
}

#[derive(Debug, Default)]
struct Field {
    instruction: String,
    in_result: bool,
}

/// Fields in fields that are kept.
const DEPTH: usize = 64;
/// Characters of an instruction that are kept.
const INSTRUCTION: usize = 1_000;

impl Fields {
    /// Begins a field.
    pub(crate) fn begin(&mut self) {
        if self.open.len() < DEPTH {
            self.open.push(Field::default());
        } else {
            self.beyond += 1;
        }
    }

    /// Ends the instruction of the innermost field; its result follows.
    pub(crate) fn separate(&mut self) {
        if self.beyond == 0
            && let Some(field) = self.open.last_mut()
        {
            field.in_result = true;
        }
    }

    /// Ends the innermost field, and gives the displayed text of a formula without a stored result.
    pub(crate) fn end(&mut self) -> Option<String> {
        if self.beyond > 0 {
            self.beyond -= 1;
            return None;
        }
        let field = self.open.pop()?;
        let seen = if field.in_result { None } else { formula(&field.instruction) }?;
        // A formula in the instruction of another field is a part of that instruction.
        match self.open.last_mut() {
            Some(outer) if !outer.in_result => {
                outer.instruction.push_str(&seen);
                None
            }
            _ => Some(seen),
        }
    }

    /// Takes a character; whether it is seen.
    pub(crate) fn shows(&mut self, character: char) -> bool {
        match self.open.last_mut() {
            None => true,
            Some(_) if self.beyond > 0 => false,
            Some(field) if field.in_result => self.open.iter().all(|field| field.in_result),
            Some(field) => {
                if field.instruction.len() < INSTRUCTION {
                    field.instruction.push(character);
                }
                false
            }
        }
    }
}

/// The visible part of an `EQ` field: a sign in a circle, the base of a ruby, a fraction.
fn formula(instruction: &str) -> Option<String> {
    let instruction = instruction.trim();
    let rest = instruction.strip_prefix("EQ").or_else(|| instruction.strip_prefix("eq"))?.replace('，', ",");
    let (_, inner) = rest.split_once('(')?;
    let inner = inner.strip_suffix(')').unwrap_or(inner);
    let arguments = arguments(inner);
    let last = arguments.last()?.trim().to_owned();
    let first = arguments.first()?.trim();
    let is_fraction = rest.trim_start().starts_with("\\f") || rest.trim_start().starts_with("\\F");
    if is_fraction && arguments.len() == 2 {
        return Some(format!("{first}/{last}"));
    }
    let circled = matches!(first, "○" | "◯" | "〇");
    let number = last.parse::<u32>().ok().filter(|number| circled && (1..=20).contains(number));
    let sign = number.and_then(|number| char::from_u32(u32::from('①') + number - 1));
    Some(sign.map_or(last, String::from))
}

/// Arguments between commas outside of brackets.
fn arguments(text: &str) -> Vec<String> {
    let (mut arguments, mut depth) = (vec![String::new()], 0usize);
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                arguments.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(argument) = arguments.last_mut() {
            argument.push(character);
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> String {
        let mut fields = Fields::default();
        let mut result = String::new();
        for character in text.chars() {
            match character {
                '{' => fields.begin(),
                '|' => fields.separate(),
                '}' => result.extend(fields.end()),
                _ if fields.shows(character) => result.push(character),
                _ => {}
            }
        }
        result
    }

    #[test]
    fn fields_show_results_without_instructions() {
        assert_eq!(seen("见{HYPERLINK \"a\"|附件{PAGE|3}}。"), "见附件3。");
        assert_eq!(seen("{IF {A|1} = 2|好}"), "好");
        assert_eq!(seen("{TOC}完"), "完");
    }

    #[test]
    fn formulas_without_result_are_detected() {
        assert_eq!(seen("{eq \\o\\ac(○,3)}设备"), "③设备");
        assert_eq!(seen("{EQ \\* jc2 \\o\\ad(\\s\\up 9(yún),云)}溪"), "云溪");
        assert_eq!(seen("{EQ \\f(1,2)}"), "1/2");
    }

    #[test]
    fn endlessly_nested_fields_are_dropped() {
        assert_eq!(seen(&format!("{}x{}y", "{".repeat(10_000), "}".repeat(10_000))), "y");
    }
}
