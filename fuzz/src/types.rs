//! Properties of what generated types read.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use qapi_runtime::Policy;
use qapi_runtime::wire::Document;

#[path = "../../tests/tests/qmp/codec.rs"]
mod codec;

/// Generated code, as users have it.
#[allow(warnings, reason = "it is checked where its users are")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/modules.rs"));
}

/// The code of each schema, by the names in it.
#[allow(deprecated, reason = "all of the schema is meant")]
mod tables {
    use super::Table;

    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}

type Codecs = BTreeMap<&'static str, codec::Codec>;

/// The code of one schema.
struct Table {
    types: fn() -> Codecs,
    arguments: fn() -> Codecs,
    replies: fn() -> Codecs,
    events: fn() -> Codecs,
}

/// All codecs, by words such as `type GuestDiskInfo`. Schemas share some.
fn codecs() -> &'static BTreeMap<String, Vec<codec::Codec>> {
    static CODECS: OnceLock<BTreeMap<String, Vec<codec::Codec>>> = OnceLock::new();
    CODECS.get_or_init(|| {
        let mut all = BTreeMap::<_, Vec<_>>::new();
        for table in tables::ALL {
            let kinds = [
                ("type", table.types),
                ("arguments", table.arguments),
                ("reply", table.replies),
                ("event", table.events),
            ];
            for (kind, codecs) in kinds {
                for (name, codec) in codecs() {
                    all.entry(format!("{kind} {name}")).or_default().push(codec);
                }
            }
        }
        all
    })
}

/// The first line names the codec, such as `type GuestDiskInfo` or `reply guest-ping`; behind it is JSON. What a type
/// reads, it writes so that it reads the same again, whichever side it is on.
pub fn types(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let (Some(name), Some(json)) = (parts.next(), parts.next()) else {
        return;
    };
    let codecs = std::str::from_utf8(name)
        .ok()
        .and_then(|name| codecs().get(name));
    let (Some(codecs), Ok(document)) = (codecs, Document::parse(json)) else {
        return;
    };
    for codec in codecs {
        for policy in [Policy::Strict, Policy::Lenient] {
            // A refusal is an answer; what is accepted is checked by the codec.
            let _ = codec(&document, policy);
        }
    }
}
