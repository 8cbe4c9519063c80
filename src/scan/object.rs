//! A struct of views as an object of JSON.
//!
//! `object!(Uptime: total, idle)` → `{"total":6244.31,"idle":11647.12}`

/// Makes a struct an object of its fields, in this order. For a derived one serde-json-core writes the key again at
/// each kind of field, which is a kilobyte of program; that of a map's entry it writes in one place.
macro_rules! object {
    ($name:ident: $($field:ident),+) => {
        impl $name<'_> {
            /// The keys, in their order.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($field)),+];
        }

        impl serde::Serialize for $name<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                // All fields: this does not compile where one is left out.
                let Self { $($field),+ } = self;
                let mut object = serializer.serialize_map(None)?;
                $(object.serialize_entry(&crate::scan::Text::key(stringify!($field)), $field)?;)+
                object.end()
            }
        }
    };
}
pub(crate) use object;
