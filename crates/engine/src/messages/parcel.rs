//! Requests of a channel: each message by itself, or all that are due for one enterprise together.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use zhaoren_registry::{Message, Moment, digest};

use super::run::rfc3339;
use crate::channels::Channel;
use crate::written::json_line;

/// One request to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Id of the request (`webhook-id`): the key of its message; of several messages, a digest of their keys.
    pub id: String,
    /// Body, as JSON.
    pub body: String,
    /// Messages that it carries.
    pub messages: Vec<Message>,
}

/// Requests for these messages at a moment, in the order of the messages. A channel with `merge` gets one for each enterprise, of the
/// type `notice`, whose items are the messages with their keys; another channel gets each message as it is.
pub fn parcels(channel: &Channel, messages: Vec<Message>, at: Moment) -> Vec<Parcel> {
    if !channel.merge {
        let single =
            |one: Message| Parcel { id: one.key.clone(), body: one.body.clone(), messages: vec![one] };
        return messages.into_iter().map(single).collect();
    }
    let mut order: Vec<String> = Vec::new();
    let mut of: BTreeMap<String, Vec<Message>> = BTreeMap::new();
    for one in messages {
        if !of.contains_key(&one.enterprise) {
            order.push(one.enterprise.clone());
        }
        of.entry(one.enterprise.clone()).or_default().push(one);
    }
    let taken = order.into_iter().filter_map(|enterprise| of.remove(&enterprise));
    taken.map(|messages| merged(messages, at)).collect()
}

fn merged(messages: Vec<Message>, at: Moment) -> Parcel {
    let keys: Vec<&[u8]> = messages.iter().map(|one| one.key.as_bytes()).collect();
    let id = match messages.as_slice() {
        [one] => one.key.clone(),
        _ => digest(&keys),
    };
    let items: Vec<Json> = messages.iter().map(item).collect();
    let enterprise = messages.first().map(|one| one.enterprise.as_str());
    let data = json!({"enterprise": enterprise, "items": items});
    let body = json_line(&json!({"type": "notice", "timestamp": rfc3339(at), "data": data}));
    Parcel { id, body, messages }
}

/// One message as an item of a notice: its data with its key and kind.
fn item(message: &Message) -> Json {
    let body: Json = serde_json::from_str(&message.body).unwrap_or_default();
    let mut data = body.get("data").cloned().filter(Json::is_object).unwrap_or_else(|| json!({}));
    if let Some(data) = data.as_object_mut() {
        // The enterprise stands once, above the items.
        data.remove("enterprise");
        data.insert("id".to_owned(), message.key.clone().into());
        data.insert("type".to_owned(), message.kind.name().into());
    }
    data
}
