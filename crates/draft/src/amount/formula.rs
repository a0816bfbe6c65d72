//! Parts of a grant to one formula.

use serde_json::{Map, Value, json};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::number::Number;

use super::cap::Cap;
use super::part::{Pay, PhraseReading, Tier};
use super::term::Scope;
use super::when::{condition, condition_words};
use super::{Amount, json as number};
use crate::plain::has;

/// Most arms of tiers; the longest table that is known has a dozen.
const MOST_ARMS: usize = 40;

/// A payment with its caps.
struct Payment<'a> {
    part: &'a PhraseReading,
    caps: Vec<&'a Cap>,
}

/// Formula with its greatest value, as far as it is bounded.
struct FormulaWithMax {
    formula: Option<Value>,
    max: Option<Number>,
}

/// Amount of `parts`.
pub(super) fn build(parts: &[PhraseReading], dictionary: &FactDictionary) -> Amount {
    let (payments, loose) = payments(parts);
    let spans = parts
        .iter()
        .filter(|part| part.pay.is_some() || part.cap.is_some() || part.says)
        .map(|part| part.span.clone())
        .collect();
    let mut amount = Amount { spans, ..Amount::default() };
    amount.is_incomplete = parts.iter().any(|part| part.left_over) || payments.len() > MOST_ARMS;
    amount.is_stated =
        payments.iter().any(|payment| payment.part.pay != Some(Pay::Whole)) || !loose.is_empty();
    let mut value = Map::new();
    let overall = chosen(&loose);
    let mut built = joined(&payments, dictionary, &mut amount.is_incomplete);
    if let Some(cap) = overall {
        built.formula = Some(match built.formula.take() {
            Some(formula) => capped(formula, &cap.yuan),
            None if payments.is_empty() => json!({"ceiling": number(&cap.yuan)}),
            None => Value::Null,
        })
        .filter(|formula| !formula.is_null());
        built.max = Some(match built.max.take() {
            Some(max) if max < cap.yuan => max,
            _ => cap.yuan.clone(),
        });
    }
    let single = match payments.as_slice() {
        [only] => Some(only.part),
        _ => None,
    };
    let has_cap = overall.is_some() || payments.iter().any(|payment| !payment.caps.is_empty());
    if let Some(max) = &built.max {
        value.insert("max".to_owned(), number(max));
    }
    if let Some(Pay::Rates { of, base }) = single.and_then(|part| part.pay.as_ref())
        && let [tier] = of.as_slice()
    {
        value.insert("rate".to_owned(), number(&tier.high));
        if !base.is_empty() {
            value.insert("base".to_owned(), json!(base));
        }
    }
    if let Some((_, unit)) = single.and_then(|part| part.each.as_ref())
        && !has_cap
        && let Some(Pay::Sums(of)) = single.and_then(|part| part.pay.as_ref())
        && let [tier] = of.as_slice()
    {
        value.insert("max".to_owned(), number(&tier.high));
        value.insert("unit".to_owned(), json!(format!("每{unit}")));
    }
    cadence(&mut value, parts, overall, &payments);
    if let Some(formula) = built.formula {
        value.insert("formula".to_owned(), formula);
    }
    amount.value = Value::Object(value);
    amount
}

/// Payments with the caps that follow each, and the caps of the whole.
fn payments(parts: &[PhraseReading]) -> (Vec<Payment<'_>>, Vec<&Cap>) {
    let mut payments: Vec<Payment<'_>> = Vec::new();
    let mut loose = Vec::new();
    let count = parts.iter().filter(|part| part.pay.is_some()).count();
    // A sentence of its own caps all of the payments before it.
    let mut is_whole = false;
    for part in parts {
        is_whole |= part.begins && part.pay.is_none();
        if part.pay.is_some() {
            is_whole = false;
            payments.push(Payment { part, caps: part.cap.iter().collect() });
        } else if let Some(cap) = &part.cap {
            match payments.last_mut() {
                Some(last) if count > 1 && !is_whole && cap.scope != Scope::Total => last.caps.push(cap),
                Some(last) if count == 1 && cap.tiers.len() > 1 => last.caps.push(cap),
                _ => loose.push(cap),
            }
        }
    }
    (payments, loose)
}

/// The cap of the widest scope; of several, the greatest.
fn chosen<'a>(caps: &[&'a Cap]) -> Option<&'a Cap> {
    caps.iter().copied().max_by(|a, b| a.scope.cmp(&b.scope).then_with(|| a.yuan.cmp(&b.yuan)))
}

/// Formula of all payments.
fn joined(payments: &[Payment<'_>], dictionary: &FactDictionary, incomplete: &mut bool) -> FormulaWithMax {
    match payments {
        [] => FormulaWithMax { formula: None, max: None },
        [only] => one(only, None, dictionary, incomplete),
        several => {
            let (mut arms, mut sum, mut otherwise) = (Vec::new(), Vec::new(), None);
            // 按实缴保费的60%返还，大型企业按30%返还: the base is said once.
            let named = several.iter().find_map(|payment| match &payment.part.pay {
                Some(Pay::Rates { base, .. }) if !base.is_empty() => Some(base.as_str()),
                _ => None,
            });
            for payment in several.iter().take(MOST_ARMS) {
                let built = one(payment, named, dictionary, incomplete);
                let when = condition_words(&payment.part.when);
                let tiers = match &payment.part.pay {
                    Some(Pay::Sums(of) | Pay::Rates { of, .. }) => of.len(),
                    _ => 1,
                };
                if payment.part.adds {
                    // A sum of once and one of each year have no greatest total.
                    let is_alike =
                        several.first().is_some_and(|first| first.part.yearly == payment.part.yearly);
                    sum.push(FormulaWithMax { max: built.max.filter(|_| is_alike), ..built });
                } else if when.is_empty() || has(&when, &["其他", "其余", "除此之外"]) && tiers == 1 {
                    match otherwise {
                        None => otherwise = Some(built),
                        Some(_) => *incomplete = true,
                    }
                } else {
                    arms.push((when, built));
                }
            }
            let mut built = match (arms.len(), &otherwise) {
                // The only payment besides those that add to it needs no tier.
                (1, None) if !sum.is_empty() => arms.remove(0).1,
                _ => cases(arms, otherwise, dictionary, incomplete),
            };
            for more in sum {
                built = added(built, more);
            }
            built
        }
    }
}

/// First plus second.
fn added(built: FormulaWithMax, more: FormulaWithMax) -> FormulaWithMax {
    let max = match (built.max, more.max) {
        (Some(a), Some(b)) => Some(a.plus(&b)),
        _ => None,
    };
    let formula = match (built.formula, more.formula) {
        (Some(a), Some(b)) => Some(json!({"sum": [a, b]})),
        _ => None,
    };
    FormulaWithMax { formula, max }
}

/// Tiers chosen by conditions, the greatest first.
fn cases(
    mut arms: Vec<(String, FormulaWithMax)>,
    otherwise: Option<FormulaWithMax>,
    dictionary: &FactDictionary,
    incomplete: &mut bool,
) -> FormulaWithMax {
    if arms.is_empty() {
        return otherwise.unwrap_or(FormulaWithMax { formula: None, max: None });
    }
    let is_known = arms.iter().all(|(_, built)| built.max.is_some());
    if is_known {
        arms.sort_by(|(_, a), (_, b)| b.max.cmp(&a.max));
    }
    let mut seen: Vec<&String> = arms.iter().map(|(when, _)| when).collect();
    seen.sort();
    seen.dedup();
    *incomplete |= seen.len() < arms.len();
    let max = match (is_known, &otherwise) {
        (true, Some(FormulaWithMax { max: None, .. })) | (false, _) => None,
        (true, other) => arms
            .iter()
            .filter_map(|(_, built)| built.max.clone())
            .chain(other.as_ref().and_then(|other| other.max.clone()))
            .max(),
    };
    let formulas: Option<Vec<Value>> = arms
        .into_iter()
        .map(|(when, built)| Some(json!({"when": condition(&when, dictionary)?, "then": built.formula?})))
        .collect();
    let formula = formulas.and_then(|arms| match otherwise {
        None => Some(json!({"case": arms})),
        Some(other) => Some(json!({"case": arms, "else": other.formula?})),
    });
    *incomplete |= formula.is_none();
    FormulaWithMax { formula, max }
}

/// Formula of one payment.
///
/// `named` is the base of a rate that another payment of the grant says.
fn one(
    payment: &Payment<'_>,
    named: Option<&str>,
    dictionary: &FactDictionary,
    incomplete: &mut bool,
) -> FormulaWithMax {
    let part = payment.part;
    let cap = chosen(&payment.caps);
    match &part.pay {
        None | Some(Pay::Whole) => {
            let max = cap.map(|cap| cap.yuan.clone());
            FormulaWithMax { formula: max.as_ref().map(|max| json!({"ceiling": number(max)})), max }
        }
        Some(Pay::Sums(of)) => {
            let built = tiered(of, part, dictionary, incomplete, |tier, _| sum(tier, part));
            with_cap(built, cap)
        }
        Some(Pay::Rates { of, base }) => {
            let base = if base.is_empty() { named.unwrap_or_default() } else { base.as_str() };
            let of_each = cap.filter(|cap| cap.tiers.len() == of.len() && of.len() > 1);
            let built = tiered(of, part, dictionary, incomplete, |tier, index| {
                let cap = match of_each {
                    Some(cap) => cap.tiers.get(index),
                    None => cap.map(|cap| &cap.yuan),
                };
                share(tier, base, part.is_ceiling, cap)
            });
            FormulaWithMax {
                max: built.max.or_else(|| cap.map(|cap| cap.yuan.clone())),
                formula: built.formula,
            }
        }
    }
}

/// Formula of the tiers of one part.
fn tiered(
    of: &[Tier],
    part: &PhraseReading,
    dictionary: &FactDictionary,
    incomplete: &mut bool,
    formula: impl Fn(&Tier, usize) -> FormulaWithMax,
) -> FormulaWithMax {
    if let [only] = of {
        return formula(only, 0);
    }
    let (of, left) = of.split_at(of.len().min(MOST_ARMS));
    *incomplete |= !left.is_empty();
    let named: Vec<String> = of.iter().map(|tier| tier.when.clone()).collect();
    let names = match named.iter().all(|name| name.chars().count() >= 2) {
        true => Some(named),
        false => super::list::elements(&part.when, of.len()),
    };
    let built: Vec<FormulaWithMax> =
        of.iter().enumerate().map(|(index, tier)| formula(tier, index)).collect();
    match names {
        Some(names) => cases(names.into_iter().zip(built).collect(), None, dictionary, incomplete),
        None => {
            // Sums whose tiers are not said: up to the greatest.
            *incomplete = true;
            let max = built.iter().map(|built| built.max.clone()).collect::<Option<Vec<_>>>();
            let max = max.and_then(|all| all.into_iter().max());
            FormulaWithMax { formula: max.as_ref().map(|max| json!({"ceiling": number(max)})), max }
        }
    }
}

/// Sum of money, by itself or for each unit.
fn sum(tier: &Tier, part: &PhraseReading) -> FormulaWithMax {
    let high = number(&tier.high);
    if let Some((object, unit)) = &part.each {
        let each = json!({"each": high, "of": {"input": object, "unit": unit}});
        let formula = if part.is_ceiling { json!({"ceiling": each}) } else { each };
        return FormulaWithMax { formula: Some(formula), max: None };
    }
    let formula = match (tier.low < tier.high, part.is_ceiling) {
        (true, _) => json!({"ceiling": high, "at_least": number(&tier.low)}),
        (false, true) => json!({"ceiling": high}),
        (false, false) => high,
    };
    FormulaWithMax { formula: Some(formula), max: Some(tier.high.clone()) }
}

/// Share of a base.
fn share(tier: &Tier, base: &str, is_ceiling: bool, cap: Option<&Number>) -> FormulaWithMax {
    let max = cap.cloned();
    // A rate of interest is no sum.
    if base.is_empty() || has(base, &["LPR", "利率"]) {
        return FormulaWithMax {
            formula: max.as_ref().map(|max| json!({"ceiling": number(max)})).filter(|_| false),
            max,
        };
    }
    let mut of = json!({"share": number(&tier.high), "of": {"input": base, "unit": "元"}});
    if let Some(cap) = cap {
        of = capped(of, cap);
    }
    let is_ceiling = is_ceiling || tier.low < tier.high;
    FormulaWithMax { formula: Some(if is_ceiling { json!({"ceiling": of}) } else { of }), max }
}

fn with_cap(built: FormulaWithMax, cap: Option<&Cap>) -> FormulaWithMax {
    let Some(cap) = cap else { return built };
    FormulaWithMax {
        formula: built.formula.map(|formula| capped(formula, &cap.yuan)),
        max: Some(match built.max {
            Some(max) if max < cap.yuan => max,
            _ => cap.yuan.clone(),
        }),
    }
}

/// `formula` with an upper limit; the inner one of a ceiling, as the office decides below both.
fn capped(formula: Value, cap: &Number) -> Value {
    match formula {
        Value::Object(mut entries)
            if entries.len() == 1 && entries.get("ceiling").is_some_and(Value::is_object) =>
        {
            let inner = entries.remove("ceiling").unwrap_or_default();
            json!({"ceiling": capped(inner, cap)})
        }
        Value::Object(mut entries) => {
            let is_above = |of: &Value| exact(of).is_some_and(|of| of > *cap);
            let is_lower = entries.get("ceiling").and_then(exact).is_some_and(|ceiling| ceiling <= *cap);
            if entries.get("at_least").is_some_and(is_above) {
                entries.remove("at_least");
            }
            if !is_lower && entries.get("at_most").is_none_or(is_above) {
                entries.insert("at_most".to_owned(), number(cap));
            }
            Value::Object(entries)
        }
        // A sum above its limit is the limit.
        fixed if exact(&fixed).is_some_and(|fixed| fixed > *cap) => number(cap),
        fixed => fixed,
    }
}

/// Number of a formula with all its digits; `None` for anything else.
fn exact(value: &Value) -> Option<Number> {
    value.as_number().and_then(|number| Number::parse(&number.to_string()))
}

/// `times`, `years` and `parts`.
fn cadence(
    value: &mut Map<String, Value>,
    parts: &[PhraseReading],
    overall: Option<&Cap>,
    payments: &[Payment<'_>],
) {
    let parted = parts.iter().find(|part| !part.instalments.is_empty());
    if let Some(parted) = parted {
        value.insert("parts".to_owned(), parted.instalments.iter().map(number).collect());
        return;
    }
    let cap = overall.or_else(|| match payments {
        [only] => chosen(&only.caps),
        _ => None,
    });
    let years = parts.iter().find_map(|part| part.years);
    let of_total = cap.is_some_and(|cap| cap.scope == Scope::Total && !cap.yearly)
        || !payments.is_empty() && payments.iter().all(|payment| payment.part.is_total);
    let yearly = cap.is_some_and(|cap| cap.yearly)
        || payments.iter().all(|payment| payment.part.yearly) && !payments.is_empty()
        || years.is_some() && !of_total;
    let once = parts.iter().any(|part| part.once && part.pay.is_some());
    if yearly {
        value.insert("times".to_owned(), json!("yearly"));
        if let Some(years) = years {
            value.insert("years".to_owned(), json!(years));
        }
    } else if once {
        value.insert("times".to_owned(), json!("once"));
    }
}
