//! Forms of profiles in the program's own files (`serde`), of which some are JSON and some name no fields (postcard).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Holding, Profile};

/// Withheld facts as a list: the keys of a map in JSON are texts.
pub(super) mod withheld {
    use super::*;

    type Map = BTreeMap<(String, Option<i16>), String>;

    pub(in crate::profile) fn serialize<S: Serializer>(map: &Map, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(map.iter().map(|((key, year), reason)| (key, year, reason)))
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Map, D::Error> {
        let list: Vec<(String, Option<i16>, String)> = Vec::deserialize(d)?;
        Ok(list.into_iter().map(|(key, year, reason)| ((key, year), reason)).collect())
    }
}

/// Records, every part of each always written: a form without names of fields can leave none out.
pub(super) mod records {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Record {
        facts: BTreeMap<String, Holding>,
        withheld: Vec<(String, Option<i16>, String)>,
    }

    pub(in crate::profile) fn serialize<S: Serializer>(records: &[Profile], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(records.iter().map(|record| {
            Record {
                facts: record.facts.clone(),
                withheld: record
                    .all_withheld()
                    .map(|(key, year, reason)| (key.to_owned(), year, reason.to_owned()))
                    .collect(),
            }
        }))
    }

    pub(in crate::profile) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Profile>, D::Error> {
        let list: Vec<Record> = Vec::deserialize(d)?;
        let record = |record: Record| Profile {
            facts: record.facts,
            withheld: record.withheld.into_iter().map(|(key, year, reason)| ((key, year), reason)).collect(),
            ..Profile::default()
        };
        Ok(list.into_iter().map(record).collect())
    }
}
