//! GB/T 2260 region codes as prefix keys.

/// Number of digits at each level of the tree: province, prefecture, county, street, community.
const LEVELS: [usize; 5] = [2, 4, 6, 9, 12];

/// Key of a printed code: trailing pairs of zeros dropped, and `000` of a street or community.
pub(super) fn key(text: &str) -> Option<String> {
    if !matches!(text.len(), 6 | 9 | 12) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut key = text;
    for drop in [3, 3] {
        if key.len() > 6 {
            match key.split_at_checked(key.len() - drop) {
                Some((head, tail)) if tail.bytes().all(|b| b == b'0') => key = head,
                _ => return Some(key.to_owned()),
            }
        }
    }
    while let Some(head) = key.strip_suffix("00").filter(|head| head.len() % 2 == 0) {
        key = head;
    }
    Some(key.to_owned())
}

fn parent(key: &str) -> Option<&str> {
    let above = LEVELS.iter().rev().find(|&&level| level < key.len()).copied();
    match above {
        Some(level) => key.get(..level),
        None if key.is_empty() => None,
        None => Some(""),
    }
}

/// See [`super::Code::representatives`].
pub(super) fn representatives<'a>(mentioned: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut nodes = super::with_ancestors(mentioned, parent);
    nodes.insert(String::new());
    let fresh: Vec<String> = nodes.iter().filter_map(|node| fresh_child(node, &nodes)).collect();
    nodes.into_iter().chain(fresh).collect()
}

/// Code one level below `node` that is not in `nodes`; `None` at the lowest level or if all are.
fn fresh_child(node: &str, nodes: &std::collections::BTreeSet<String>) -> Option<String> {
    let level = LEVELS.iter().copied().find(|&level| level > node.len())?;
    let width = level - node.len();
    let last = 10_u32.pow(u32::try_from(width).ok()?);
    (1..last).rev().map(|n| format!("{node}{n:0width$}")).find(|child| !nodes.contains(child))
}
