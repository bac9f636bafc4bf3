//! A map and a list that share their content with their copies until one of them changes.
//!
//! A copy costs one reference count. The first change after it copies a few hundred pointers, whatever the size.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::Arc,
};

/// How many parts a map is cut into: a change copies one of them.
const SHARDS: usize = 256;

/// How many items one part of a list holds.
const CHUNK: usize = 256;

/// Hashing without ambient randomness, so that two runs do the same work.
type Hasher = BuildHasherDefault<DefaultHasher>;

type Shard<V> = HashMap<Arc<str>, V, Hasher>;

/// A map from text that shares its content with its copies.
#[derive(Clone, Debug)]
pub(crate) struct SharedMap<V> {
    shards: Arc<Vec<Arc<Shard<V>>>>,
}

impl<V: Clone> Default for SharedMap<V> {
    fn default() -> Self {
        let empty = Arc::new(Shard::default());
        Self {
            shards: Arc::new(vec![empty; SHARDS]),
        }
    }
}

impl<V: Clone> SharedMap<V> {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.shards[place(key)].get(key)
    }

    /// The value of a key, to be changed, if there is one.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.shard(place(key)).get_mut(key)
    }

    /// Puts a value under a key.
    pub(crate) fn insert(&mut self, key: Arc<str>, value: V) {
        let place = place(&key);
        self.shard(place).insert(key, value);
    }

    /// Removes a key and its value.
    pub(crate) fn remove(&mut self, key: &str) {
        self.shard(place(key)).remove(key);
    }

    fn shard(&mut self, place: usize) -> &mut Shard<V> {
        Arc::make_mut(&mut Arc::make_mut(&mut self.shards)[place])
    }
}

fn place(key: &str) -> usize {
    let hash = Hasher::default().hash_one(key);
    // The upper bits, since the shard's own table uses the lower ones.
    usize::try_from(hash >> 56).unwrap_or(0) % SHARDS
}

/// A list that shares its content with its copies and only grows.
#[derive(Clone, Debug)]
pub(crate) struct SharedList<T> {
    chunks: Arc<Vec<Arc<Vec<T>>>>,
    length: usize,
}

impl<T: Clone> Default for SharedList<T> {
    fn default() -> Self {
        Self {
            chunks: Arc::default(),
            length: 0,
        }
    }
}

impl<T: Clone> SharedList<T> {
    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The item at a place.
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    /// The item at a place, to be changed.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let chunk = Arc::make_mut(&mut self.chunks).get_mut(at / CHUNK)?;
        Arc::make_mut(chunk).get_mut(at % CHUNK)
    }

    /// Appends an item.
    pub(crate) fn push(&mut self, item: T) {
        let chunks = Arc::make_mut(&mut self.chunks);
        match chunks.last_mut() {
            Some(last) if last.len() < CHUNK => Arc::make_mut(last).push(item),
            _ => chunks.push(Arc::new(vec![item])),
        }
        self.length += 1;
    }

    /// The items in order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_does_not_see_what_came_after_it() {
        let mut map = SharedMap::default();
        for number in 0..2_000 {
            map.insert(number.to_string().into(), number);
        }
        let copy = map.clone();
        map.insert("7".into(), 70);
        map.remove("8");
        *map.get_mut("9").expect("nine is there") = 90;
        assert_eq!(
            (copy.get("7"), copy.get("8"), copy.get("9")),
            (Some(&7), Some(&8), Some(&9))
        );
        assert_eq!(
            (map.get("7"), map.get("8"), map.get("9")),
            (Some(&70), None, Some(&90))
        );
        assert_eq!(map.get_mut("none"), None);
    }

    #[test]
    fn a_list_keeps_its_order_and_its_copies_apart() {
        let mut list = SharedList::default();
        for number in 0..1_000 {
            list.push(number);
        }
        let copy = list.clone();
        *list.get_mut(300).expect("it is there") = -1;
        list.push(1_000);
        assert_eq!((copy.len(), list.len()), (1_000, 1_001));
        assert_eq!((copy.get(300), list.get(300)), (Some(&300), Some(&-1)));
        assert!(copy.iter().copied().eq(0..1_000));
        assert_eq!(list.get(1_001), None);
    }
}
