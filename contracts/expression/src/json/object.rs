//! Objects as the list of their members.

use super::Json;

/// The members of a JSON object in the order written, repeated names included.
///
/// Where a name is repeated, the last member is the one that [`get`](Self::get) finds, as in most readers (RFC 8259,
/// section 4, leaves it open); [`duplicate_keys`](Self::duplicate_keys) tells. Look-up is a scan: the objects of this
/// field have a few dozen members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Object {
    members: Vec<(String, Json)>,
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the last member of that name.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.members
            .iter()
            .rev()
            .find_map(|(name, value)| (name == key).then_some(value))
    }

    /// The value of the last member of that name, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Json> {
        self.members
            .iter_mut()
            .rev()
            .find_map(|(name, value)| (name == key).then_some(value))
    }

    /// Whether there is a member of that name.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Replaces the value of the member of that name where it stands, or appends one; returns the value replaced.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Json>) -> Option<Json> {
        let key = key.into();
        let value = value.into();
        if let Some(slot) = self.get_mut(&key) {
            return Some(std::mem::replace(slot, value));
        }
        self.members.push((key, value));
        None
    }

    /// Appends a member without looking whether the name is there already.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<Json>) {
        self.members.push((key.into(), value.into()));
    }

    /// Removes every member of that name; returns the value that [`get`](Self::get) would have found.
    pub fn remove(&mut self, key: &str) -> Option<Json> {
        let mut removed = None;
        let mut index = 0;
        while index < self.members.len() {
            if self.members[index].0 == key {
                removed = Some(self.members.remove(index).1);
            } else {
                index += 1;
            }
        }
        removed
    }

    /// The members in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Json)> + ExactSizeIterator {
        self.members
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The members in order, their values to be changed.
    pub fn iter_mut(
        &mut self,
    ) -> impl DoubleEndedIterator<Item = (&str, &mut Json)> + ExactSizeIterator {
        self.members
            .iter_mut()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The names in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    /// The values in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Json> + ExactSizeIterator {
        self.members.iter().map(|(_, value)| value)
    }

    /// How many members there are, repeated names counted each time.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The names that stand more than once, each once, in the order of their second appearance.
    pub fn duplicate_keys(&self) -> Vec<&str> {
        let mut seen = std::collections::HashMap::with_capacity(self.members.len());
        let mut duplicates = Vec::new();
        for name in self.keys() {
            let count = seen.entry(name).or_insert(0_usize);
            *count += 1;
            if *count == 2 {
                duplicates.push(name);
            }
        }
        duplicates
    }
}

impl<K: Into<String>, V: Into<Json>> FromIterator<(K, V)> for Object {
    /// Appends every pair; repeated names stay.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self {
            members: pairs
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        }
    }
}

impl<K: Into<String>, V: Into<Json>> Extend<(K, V)> for Object {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.push(key, value);
        }
    }
}

impl IntoIterator for Object {
    type Item = (String, Json);
    type IntoIter = std::vec::IntoIter<(String, Json)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a str, &'a Json);
    type IntoIter = std::iter::Map<
        std::slice::Iter<'a, (String, Json)>,
        fn(&'a (String, Json)) -> (&'a str, &'a Json),
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.members
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insert_replaces_in_place_and_appends() {
        let mut object: Object = [("a", 1), ("b", 2)].into_iter().collect();
        assert_eq!(object.insert("a", 3), Some(Json::from(1)));
        assert_eq!(object.insert("c", 4), None);
        assert_eq!(Json::from(object).to_string(), r#"{"a":3,"b":2,"c":4}"#);
    }

    #[test]
    fn repeated_names_are_kept_and_told() {
        let mut object: Object = [("a", 1), ("b", 2), ("a", 3), ("b", 4), ("a", 5)]
            .into_iter()
            .collect();
        assert_eq!(object.len(), 5);
        assert_eq!(object.get("a"), Some(&Json::from(5)));
        assert_eq!(object.duplicate_keys(), ["a", "b"]);
        assert_eq!(object.remove("a"), Some(Json::from(5)));
        assert_eq!(object.keys().collect::<Vec<_>>(), ["b", "b"]);
        assert_eq!(object.remove("a"), None);
    }
}
